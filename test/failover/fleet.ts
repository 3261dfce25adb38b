/**
 * A fleet of real pod processes on a real Redis, for tests of one fault each: start it, break something, await what
 * follows, and let the promises judge.
 *
 * ```ts
 * const fleet = await startFleet({ size: 3 });
 * const leader = fleet.leader();
 * const elected = fleet.next(isGranted, fleet.except(leader));
 * await leader.kill();
 * await elected;
 * await fleet.converge();
 * await fleet.expectPromises();
 * ```
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { expect, onTestFailed, onTestFinished } from 'vitest';
import {
  compareVersions,
  type FaultEntry,
  type GuardedKey,
  judge,
  type Role,
  type TraceEntry,
  type TraceEvent,
} from '../../machines/index.ts';
import { loadScript, type ScriptName } from '../../src/redis/scripts.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { type CountingSource, startCountingSource } from '../harness/counting-source.ts';
import type { TcpProxy } from '../harness/open-tcp-proxy.ts';
import { fleetTrace, PodProcess, type PodSettings } from '../harness/pod-process.ts';
import type { RedisOptions } from '../harness/redis-options.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { plainClient } from '../redis/link.ts';
import { isTaken, rowOf, type Step, waysOf } from './fault-table.ts';

/** What a test may say of each pod. */
export type PodChoice = Partial<Omit<PodSettings, 'url'>>;

export type FleetOptions = Readonly<{
  /** Pods to start with. Default 3. */
  size?: number;
  redis?: RedisOptions;
  /** A server that runs already, instead. */
  server?: RedisServer;
  /** Another way to Redis than to the server that the fleet starts: Sentinel, Cluster. */
  address?: string;
  /** Every pod has a proxy of its own to Redis. */
  isProxied?: boolean;
  refreshIntervalMs?: number;
  pods?: PodChoice;
}>;

type Entry<Type extends TraceEvent['type']> = Extract<TraceEntry, { type: Type }>;
type IsIt<Type extends TraceEvent['type'] = TraceEvent['type']> = (entry: TraceEntry) => entry is Entry<Type>;

/** Entries of one type, with these fields. */
export function is<Type extends TraceEvent['type']>(type: Type, fields: Partial<Entry<Type>> = {}): IsIt<Type> {
  const wanted = Object.entries(fields);
  return (entry): entry is Entry<Type> =>
    entry.type === type && wanted.every(([name, value]) => entry[name as keyof TraceEntry] === value);
}

export const isGranted = is('lease.granted');
export const isApplied = is('revision.applied');
export const isPublished = is('revision.published');
export const becomes = (to: Role) => is('role.changed', { to });

/** A revision of a leader of this epoch, or of a later one. */
export const isAppliedFrom = (epoch: number) => (entry: TraceEntry) => isApplied(entry) && entry.record.epoch >= epoch;

/** What tells a script on the wire: the first line of its header, or its hash once this connection has sent it whole. */
export function onTheWire(script: ScriptName): string[] {
  const text = loadScript(script);
  return [createHash('sha1').update(text).digest('hex'), text.split('\n')[1] ?? ''];
}

const longestStory = 150;

export class Fleet {
  readonly redis: RedisServer;
  readonly source: CountingSource;
  readonly pods: PodProcess[] = [];
  readonly refreshIntervalMs: number;
  readonly namespace: string;
  readonly #options: FleetOptions;
  readonly #proxies = new Map<PodProcess, TcpProxy>();
  readonly #losses: FaultEntry[] = [];

  constructor(redis: RedisServer, source: CountingSource, options: FleetOptions) {
    this.redis = redis;
    this.source = source;
    this.refreshIntervalMs = options.refreshIntervalMs ?? 1_000;
    this.namespace = options.pods?.namespace ?? 'test';
    this.#options = options;
  }

  /** One more pod; `pod-1` is the first. */
  async add(choice: PodChoice = {}): Promise<PodProcess> {
    const { isProxied, address = this.redis.url, pods } = this.#options;
    const proxy = isProxied ? await startTcpProxy({ port: this.redis.port }) : undefined;
    const pod = new PodProcess({
      redis: proxy ? address.replace(`:${this.redis.port}`, `:${proxy.port}`) : address,
      url: this.source.url,
      podId: `pod-${this.pods.length + 1}`,
      refreshInterval: `${this.refreshIntervalMs}ms`,
      ...pods,
      ...choice,
    });
    this.pods.push(pod);
    if (proxy) this.#proxies.set(pod, proxy);
    onTestFinished(() => pod.kill());
    return pod;
  }

  /** Resolves when each serves. */
  async grow(size: number, choice: PodChoice = {}): Promise<PodProcess[]> {
    const pods = await Promise.all(Array.from({ length: size }, () => this.add(choice)));
    await Promise.all(pods.map((pod) => pod.until(isApplied)));
    return pods;
  }

  get living(): PodProcess[] {
    return this.pods.filter((pod) => pod.isExpectedToRun);
  }

  except(...some: PodProcess[]): PodProcess[] {
    return this.living.filter((pod) => !some.includes(pod));
  }

  proxyOf(pod: PodProcess): TcpProxy {
    const proxy = this.#proxies.get(pod);
    if (!proxy) throw new Error('start the fleet with isProxied');
    return proxy;
  }

  /** Has its source called now, if it leads. What it answers, and whether it can, is no matter. */
  askForCall(pod: PodProcess): void {
    pod.refresh().catch(() => undefined);
  }

  /** A client of the test's own, to look behind the curtain or to break things. */
  operator(): Redis {
    return plainClient(this.redis.url);
  }

  /** Tells the judges that Redis loses its data now, or one key of it. */
  noteLoss(key?: GuardedKey): void {
    this.#losses.push({ type: 'redis.wiped', at: Date.now(), ...(key && { key }) });
  }

  /** The pod that holds the lease, as the traces tell. */
  leader(): PodProcess {
    const holders = this.living.filter(({ trace }) => {
      const last = trace.findLast(isOfLease);
      return last !== undefined && last.type !== 'belief.ended';
    });
    expect(holders.map(({ podId }) => podId)).toHaveLength(1);
    return holders[0] as PodProcess;
  }

  /** Resolves with the first such entry of any of them from now on. */
  next<Type extends TraceEvent['type']>(isIt: IsIt<Type>, pods = this.living): Promise<Entry<Type>> {
    return Promise.race(pods.map((pod) => pod.next(isIt))) as Promise<Entry<Type>>;
  }

  /** Resolves when each has had such an entry from now on. */
  async each(isIt: (entry: TraceEntry) => boolean, pods = this.living): Promise<void> {
    await Promise.all(pods.map((pod) => pod.next(isIt)));
  }

  /** What all pods told last, a line each: for whoever asks why a test failed. */
  story(): string {
    const entries = this.pods.flatMap(({ trace }) => trace).toSorted((a, b) => a.at - b.at);
    return entries
      .slice(-longestStory)
      .map((entry) => JSON.stringify(entry))
      .join('\n');
  }

  /** The pod with this id. */
  named(podId: string): PodProcess {
    const pod = this.pods.find((each) => each.podId === podId);
    if (!pod) throw new Error(`there is no ${podId}`);
    return pod;
  }

  /** Resolves when a revision that is published from now on is on every pod (promise 7). The test's limit is the bound. */
  async converge(pods = this.living): Promise<PodProcess> {
    const known = Math.max(...this.pods.flatMap(({ trace }) => trace.filter(isApplied)).map(revisionOf));
    const isNews = (entry: TraceEntry): entry is Entry<'revision.published'> =>
      isPublished(entry) && entry.record.revision > known;
    const published = this.next(isNews, pods);
    const isThere = pods.map(async (pod) => {
      const { record } = await published;
      await pod.until((entry) => isApplied(entry) && compareVersions(entry.record, record) >= 0);
    });
    await Promise.all(isThere);
    return this.leader();
  }

  /** Trace, `isLeader()`, processes and reads of the whole run against the promises. */
  async expectPromises({
    budgetPerMs = this.refreshIntervalMs,
    isOneLeaderPromised = true,
    /** Whether the fault hit this fleet. */
    isFaulty = true,
  } = {}): Promise<void> {
    const budgets = { rates: { calls: 4, perMs: budgetPerMs } };
    const violations = judge([...this.#losses, ...fleetTrace(this.pods)], { budgets, toleranceMs: 20 });
    expect(violations.filter(({ promise }) => isOneLeaderPromised || promise !== 'oneLeader')).toEqual([]);
    if (isOneLeaderPromised) expect(doubleReigns(this.pods)).toEqual([]);
    const served = this.living.filter(({ trace }) => trace.some(isApplied));
    expect(served.filter(({ isRunning }) => !isRunning).map(({ podId }) => podId)).toEqual([]);
    const states = await Promise.all(served.map((pod) => pod.state()));
    expect(states.filter(({ day }) => day === null)).toEqual([]);
    if (isFaulty) await this.#expectTransitions();
  }

  /** What the fault table says of this test was taken by one pod or another, or will be in a moment. */
  async #expectTransitions(): Promise<void> {
    const row = rowOf(expect.getState().currentTestName ?? '');
    if (!row) throw new Error('docs/failover.md has no row for this test');
    const taken = () => this.pods.flatMap(({ transitions }) => transitions);
    const lacking = (way: Step[]) => way.filter((step) => !isTaken(step, taken()));
    const missing = () => waysOf(row).filter((ways) => ways.every((way) => lacking(way).length > 0));
    await expect.poll(missing, { timeout: 6_000 }).toEqual([]);
  }

  /**
   * The source was called once an interval and no more, as it counted itself. Calls may bunch by one belief window, so
   * one more can have come already.
   */
  expectNoExtraCall(): void {
    const { calls } = this.source;
    const elapsedMs = (calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0);
    expect(calls.length).toBeLessThanOrEqual(Math.floor(elapsedMs / this.refreshIntervalMs) + 2);
  }

  /** How many leases were granted. */
  get grants(): number {
    return this.pods.flatMap(({ trace }) => trace.filter(isGranted)).length;
  }
}

const revisionOf = ({ record }: Entry<'revision.applied'>) => record.revision;

/** A pod that offered its lease and kept it tells that its belief has ended, and then that it is confirmed. */
const isOfLease = ({ type }: TraceEntry) => ['lease.granted', 'lease.confirmed', 'belief.ended'].includes(type);

/** Clocks of one machine are read a moment after the answer, and cut to whole milliseconds. */
const readingErrorMs = 5;

/** Stretches of time in which two pods answered that they lead. */
function doubleReigns(pods: readonly PodProcess[]): string[] {
  const reigns = pods.flatMap(({ podId, reigns }) => reigns.map((reign) => ({ podId, ...reign })));
  return reigns.flatMap((one, i) =>
    reigns
      .slice(i + 1)
      .filter((other) => other.podId !== one.podId)
      .map((other) => ({ other, ms: Math.min(one.to, other.to) - Math.max(one.from, other.from) }))
      .filter(({ ms }) => ms > readingErrorMs)
      .map(({ other, ms }) => `${one.podId} and ${other.podId} both led for ${ms} ms`),
  );
}

/** As if Redis had been in use for long: no lease waits for the grace that new data asks for, no retry for the window. */
async function beInUse(fleet: Fleet): Promise<void> {
  const key = `${fleet.namespace}:data_version`;
  const empty = { format: 1, generation: 'first', generatedAt: 0, datasets: {} };
  await fleet.operator().set(key, JSON.stringify(empty));
  await ageSchedule(fleet.redis.url, fleet.namespace);
}

/** Resolves when every pod of it serves. Ended with the test. */
export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const [redis, source] = await Promise.all([options.server ?? startRedisServer(options.redis), startCountingSource()]);
  onTestFinished(async () => {
    await Promise.all([redis.kill(), source.close()]);
  });
  const fleet = new Fleet(redis, source, options);
  onTestFailed(() => console.log(fleet.story()));
  if (!options.server) await beInUse(fleet);
  await fleet.grow(options.size ?? 3);
  return fleet;
}
