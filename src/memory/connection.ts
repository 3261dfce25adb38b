/**
 * One pod's connection to a memory store.
 *
 * Goes up a microtask after `open`, and again whenever the hub can be reached: there is nothing to retry. A command
 * runs at the moment it is called, as a whole; its reply comes in a microtask. While the connection is down, and after
 * `close`, every command rejects with kind `unreachable` and nothing has run.
 */
import type { Announcement, Failure, PodId } from '../../machines/index.ts';
import { BellwetherError } from '../errors.ts';
import type { Clock, Connect, Connection, ConnectionEvents, Stores } from '../ports.ts';
import { createDataStore } from './data-store.ts';
import { createLeaseStore } from './lease-store.ts';
import type { Link, MemoryRedis } from './memory-redis.ts';
import type { Namespace } from './namespace.ts';
import { createPermitStore } from './permit-store.ts';
import { createPublicationStore } from './publication-store.ts';
import type { Run } from './run.ts';

/** The way of any pod to one namespace of this hub. */
export function memoryConnect(redis: MemoryRedis, namespace: string): Connect {
  return (podId, clock) => new MemoryConnection(redis, redis.namespace(namespace), podId, clock);
}

class MemoryConnection implements Connection {
  readonly stores: Stores;
  readonly address: string;
  readonly #redis: MemoryRedis;
  readonly #space: Namespace;
  readonly #podId: PodId;
  readonly #clock: Clock;
  readonly #link: Link;
  #events: ConnectionEvents | undefined;
  #isClosed = false;
  /** The way out of the subscription; there while the connection is up. */
  #unsubscribe: (() => void) | undefined;

  constructor(redis: MemoryRedis, space: Namespace, podId: PodId, clock: Clock) {
    this.#redis = redis;
    this.#space = space;
    this.#podId = podId;
    this.#clock = clock;
    this.address = redis.address;
    const run: Run = (operation) => this.#run(operation);
    this.stores = {
      lease: createLeaseStore(space, run),
      data: createDataStore(space, run),
      publications: createPublicationStore(space, run),
      permits: createPermitStore(space, run),
    };
    this.#link = { podId, lift: () => this.#lift(), drop: (failure) => this.#drop(failure) };
    redis.attach(this.#link);
  }

  open(events: ConnectionEvents): void {
    if (this.#events || this.#isClosed) return;
    this.#events = events;
    const obstacle = this.#redis.obstacle(this.#podId);
    if (obstacle) this.#tell(({ onDown }) => onDown(obstacle));
    else this.#lift();
  }

  send(to: PodId, announcement: Announcement): Promise<boolean> {
    return this.#run(() => this.#space.send(to, announcement));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endSubscription();
    this.#redis.detach(this.#link);
  }

  async #run<T>(operation: () => T): Promise<T> {
    if (!this.#unsubscribe) throw new BellwetherError('redisDown', this.#whyDown(), { kind: 'unreachable' });
    return operation();
  }

  #whyDown(): string {
    if (this.#isClosed) return `The connection to ${this.address} is closed.`;
    return this.#redis.obstacle(this.#podId)?.message ?? `The connection to ${this.address} is not up yet.`;
  }

  #lift(): void {
    this.#tell(({ onUp, onMessage }) => {
      if (this.#unsubscribe || this.#redis.obstacle(this.#podId)) return;
      this.#unsubscribe = this.#space.subscribe(this.#podId, (announcement, payload) =>
        onMessage({ announcement, ...(payload && { payload }), receivedAtMs: this.#clock.monotonic() }),
      );
      onUp();
    });
  }

  #drop(failure: Failure): void {
    if (this.#endSubscription()) this.#tell(({ onDown }) => onDown(failure));
  }

  #endSubscription(): boolean {
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    unsubscribe?.();
    return unsubscribe !== undefined;
  }

  /** Later and in order, as from a socket; never after `close`. */
  #tell(news: (events: ConnectionEvents) => void): void {
    queueMicrotask(() => {
      if (this.#events && !this.#isClosed) news(this.#events);
    });
  }
}
