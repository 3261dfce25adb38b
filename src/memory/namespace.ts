/**
 * One namespace of a memory store: its keys, its channels and its clock. What the stores decide on.
 *
 * Announcements reach every subscriber of this moment, the sender's own included, later and in order: each in a
 * microtask of its own, so that a subscriber that throws takes nobody along. One that unsubscribes first gets none.
 * Not guaranteed: that an announcement comes before or after the reply of the command that caused it.
 */
import type { Announcement, PodId } from '../../machines/index.ts';
import { emptyKeyspace, type Keyspace } from './keyspace.ts';

export type Subscriber = (announcement: Announcement, payload: Buffer | undefined) => void;

export class Namespace {
  readonly name: string;
  /** The store's clock, in whole ms. */
  readonly now: () => number;
  /** Nothing came before it that anybody could have forgotten. */
  keys: Keyspace = { ...emptyKeyspace(), scheduleSince: 0 };
  #subscribers = new Map<Subscriber, PodId>();
  /** How many subscriptions each pod has. */
  #presence = new Map<PodId, number>();

  constructor(name: string, now: () => number) {
    this.name = name;
    this.now = now;
  }

  /** To the channel of announcements and to the pod's own. Returns the way out. */
  subscribe(podId: PodId, subscriber: Subscriber): () => void {
    this.#subscribers.set(subscriber, podId);
    this.#presence.set(podId, (this.#presence.get(podId) ?? 0) + 1);
    return () => {
      if (!this.#subscribers.delete(subscriber)) return;
      const left = (this.#presence.get(podId) ?? 1) - 1;
      if (left > 0) this.#presence.set(podId, left);
      else this.#presence.delete(podId);
    };
  }

  isPresent(podId: PodId): boolean {
    return this.#presence.has(podId);
  }

  announce(announcement: Announcement, payload?: Buffer): void {
    for (const subscriber of this.#subscribers.keys()) this.#deliver(subscriber, Object.freeze(announcement), payload);
  }

  /** To one pod's own channel. Returns whether anybody listens there. */
  send(to: PodId, announcement: Announcement): boolean {
    if (!this.isPresent(to)) return false;
    for (const [subscriber, podId] of this.#subscribers) {
      if (podId === to) this.#deliver(subscriber, announcement, undefined);
    }
    return true;
  }

  #deliver(subscriber: Subscriber, announcement: Announcement, payload: Buffer | undefined): void {
    queueMicrotask(() => {
      if (this.#subscribers.has(subscriber)) subscriber(announcement, payload);
    });
  }
}
