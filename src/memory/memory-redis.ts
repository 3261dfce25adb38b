/**
 * A Redis in this process: the embedded default for one process, and the simulator's Redis.
 *
 * Keeps what the Lua scripts keep, by the same rules, on a clock of its own: `Math.floor(clock.now())` is what Redis'
 * `TIME` is, whatever the pods' clocks say. Deterministic: no timer, no randomness; everything it delivers, it delivers
 * in microtasks, in order.
 * Not guaranteed: anything beyond the life of the process. It never runs out of memory on its own and refuses nothing;
 * faults come from the operator's hands below, or from whoever wraps a connection.
 */
import type { Failure, PodId } from '../../machines/index.ts';
import type { Clock } from '../ports.ts';
import { evictKey, type PeekedValue, peekKeys, setKey } from './keys.ts';
import { copyKeyspace, emptyKeyspace, type Keyspace } from './keyspace.ts';
import { Namespace } from './namespace.ts';

/** One pod's way to the hub, as the hub sees it (`connection.ts`). */
export type Link = Readonly<{ podId: PodId; lift(): void; drop(failure: Failure): void }>;

/** All keys at one moment; for rolling back to it, once or many times. */
export type MemorySnapshot = ReadonlyMap<string, Keyspace>;

export type MemoryRedisOptions = Readonly<{
  /** The store's clock; only `now` is used. */
  clock: Pick<Clock, 'now'>;
  /** For people: the address is `memory:<name>`. */
  name?: string;
  /** The last connection was closed. */
  onIdle?: () => void;
}>;

export class MemoryRedis {
  readonly address: string;
  readonly #now: () => number;
  readonly #onIdle: () => void;
  readonly #namespaces = new Map<string, Namespace>();
  readonly #links = new Set<Link>();
  readonly #cutOff = new Set<PodId>();
  #isRunning = true;

  constructor({ clock, name = '', onIdle = () => {} }: MemoryRedisOptions) {
    this.address = `memory:${name}`;
    this.#now = () => Math.floor(clock.now());
    this.#onIdle = onIdle;
  }

  /** The keys and channels under one prefix. */
  namespace(name: string): Namespace {
    const known = this.#namespaces.get(name);
    if (known) return known;
    const created = new Namespace(name, this.#now);
    this.#namespaces.set(name, created);
    return created;
  }

  /** For `connection.ts`: a connection counts from its creation until it is closed. */
  attach(link: Link): void {
    this.#links.add(link);
  }

  detach(link: Link): void {
    if (!this.#links.delete(link)) return;
    if (![...this.#links].some(({ podId }) => podId === link.podId)) this.#cutOff.delete(link.podId);
    if (this.#links.size === 0) this.#onIdle();
  }

  /** Why this pod can't reach the hub; undefined when it can. */
  obstacle(podId: PodId): Failure | undefined {
    if (!this.#isRunning) return unreachable(`${this.address} is stopped`);
    return this.#cutOff.has(podId) ? unreachable(`${podId} is disconnected from ${this.address}`) : undefined;
  }

  /** Takes every connection down until `start`. The keys stay. */
  stop(): void {
    this.#isRunning = false;
    this.#updateLinks();
  }

  start(): void {
    this.#isRunning = true;
    this.#updateLinks();
  }

  /** Takes one pod's connection down until `reconnect`, or until the pod closes it. */
  disconnect(podId: PodId): void {
    this.#cutOff.add(podId);
    this.#updateLinks(podId);
  }

  reconnect(podId: PodId): void {
    this.#cutOff.delete(podId);
    this.#updateLinks(podId);
  }

  /** FLUSHALL. Connections and presence stay. */
  wipe(): void {
    for (const space of this.#namespaces.values()) space.keys = emptyKeyspace();
  }

  /** Deletes a key (`leader_lock`, `rates_backup`, …) in every namespace, or in one. Returns whether it was there. */
  evict(key: string, namespace?: string): boolean {
    return this.#spaces(namespace)
      .map((space) => evictKey(space, key))
      .includes(true);
  }

  /** Writes a string key, checked by nobody. */
  set(key: string, text: string, namespace: string): void {
    setKey(this.namespace(namespace), key, text);
  }

  snapshot(): MemorySnapshot {
    return new Map([...this.#namespaces].map(([name, { keys }]) => [name, copyKeyspace(keys)]));
  }

  /** Back to what a snapshot saw, as a failover to an older replica does. Times go on, so leases may be over. */
  restoreSnapshot(snapshot: MemorySnapshot): void {
    this.wipe();
    for (const [name, keys] of snapshot) this.namespace(name).keys = copyKeyspace(keys);
  }

  /** All keys with their full names, as `redis-cli` would show them. */
  peek(): Record<string, PeekedValue> {
    const shown = this.#spaces(undefined).flatMap((space) =>
      Object.entries(peekKeys(space)).map(([key, value]) => [`${space.name}:${key}`, value] as const),
    );
    return Object.fromEntries(shown);
  }

  #spaces(name: string | undefined): Namespace[] {
    return name === undefined ? [...this.#namespaces.values()] : [this.namespace(name)];
  }

  #updateLinks(podId?: PodId): void {
    for (const link of [...this.#links]) {
      if (podId !== undefined && link.podId !== podId) continue;
      const obstacle = this.obstacle(link.podId);
      if (obstacle) link.drop(obstacle);
      else link.lift();
    }
  }
}

export function createMemoryRedis(options: MemoryRedisOptions): MemoryRedis {
  return new MemoryRedis(options);
}

function unreachable(message: string): Failure {
  return { kind: 'unreachable', message };
}
