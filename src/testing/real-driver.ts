/**
 * Runs a model's path against real pods on a real Redis, in this process: the same model that ran in virtual time shows
 * whether it holds with sockets and seconds.
 *
 * A crash is one as Redis sees it: the connection ends and nothing is handed over. What one process can't do to its own
 * pods (a pause, a cut of the network) is left to `on`, or left out of the paths (`without`).
 */
import { nanoid } from 'nanoid';
import { compareVersions, type FaultEntry, judge, type TraceEntry } from '../../machines/index.ts';
import { systemClock } from '../clock.ts';
import type { DataManager } from '../data-manager.ts';
import { Duration } from '../duration.ts';
import { createDataManager, type DistributedDataManager } from '../manager.ts';
import type { DataManagerOptions, Schemas } from '../manager-options.ts';
import { type PodOptions, parsePodOptions } from '../pod-options.ts';
import { type Source, SourceError } from '../source/source.ts';
import type { FailoverDriver, FailoverEvent } from './failover-driver.ts';
import type { TransitionCoverage } from './transition-coverage.ts';

/** The server, and how to stop, start and empty it. */
export type RealRedis = Readonly<{
  url: string;
  stop?(): Promise<void>;
  start?(): Promise<void>;
  wipe?(): Promise<void>;
}>;

export type RealDriverOptions<S extends Schemas> = Pick<DataManagerOptions<S>, 'datasets' | 'leaseTtl' | 'timing'> & {
  redis: RealRedis;
  /** Default: one of its own for each driver, so that paths don't see each other. */
  namespace?: string;
  /** What events of your own model do, beside those of `failoverModel`. */
  on?: Record<string, (fleet: RealFleet<S>, event: never) => void | Promise<void>>;
  /** How long the fleet has after each event. Default 3 s. */
  settle?: Duration;
  /** How long it may take to converge. Default 60 s. */
  convergesWithin?: Duration;
  coverage?: TransitionCoverage;
};

/** What orders of one's own may act upon. */
export type RealFleet<S extends Schemas> = Readonly<{
  redis: RealRedis;
  /** Those that run. */
  managers: readonly DistributedDataManager<S>[];
  /** The one that led when the path began. */
  leader: DistributedDataManager<S>;
  crash(manager: DistributedDataManager<S>): void;
  stop(manager: DistributedDataManager<S>): Promise<void>;
}>;

/** Clocks of one process don't differ; two pods may tell of one millisecond in either order. */
const toleranceMs = 5;

/** @returns a driver for one path */
export function realDriver<S extends Schemas>(options: RealDriverOptions<S>): FailoverDriver {
  return new RealDriver(options);
}

class RealDriver<S extends Schemas> implements FailoverDriver {
  readonly events: readonly string[];
  readonly #options: RealDriverOptions<S>;
  readonly #namespace: string;
  readonly #orders: Record<string, (event: never) => void | Promise<void>>;
  readonly #trace: (TraceEntry | FaultEntry)[] = [];
  #managers: DistributedDataManager<S>[] = [];
  #size = 0;
  #first: DistributedDataManager<S> | undefined;
  #isRedisStopped = false;
  #isSourceFailing = false;
  /** Called with everything that any pod tells. */
  #onNews = () => {};

  constructor(options: RealDriverOptions<S>) {
    this.#options = options;
    this.#namespace = options.namespace ?? `test-${nanoid(8).replace(/[^a-zA-Z0-9]/g, 'x')}`;
    const { redis, on = {} } = options;
    this.#orders = {
      'leader.crash': () => this.#crash(this.#leader()),
      'leader.stop': () => this.#stopOne(this.#leader()),
      ...(redis.stop &&
        redis.start && { 'redis.stop': () => this.#stopRedis(), 'redis.start': () => this.#startRedis() }),
      ...(redis.wipe && { 'redis.wipe': () => this.#wipeRedis() }),
      'source.fail': () => {
        this.#isSourceFailing = true;
      },
      'source.heal': () => {
        this.#isSourceFailing = false;
      },
      ...Object.fromEntries(
        Object.entries(on).map(([type, order]) => [type, (event: never) => order(this.#fleet(), event)]),
      ),
    };
    this.events = Object.keys(this.#orders);
  }

  async start(pods: number): Promise<void> {
    this.#size = pods;
    this.#refill();
    await this.#untilConverged();
    this.#first = this.#managers.find((manager) => manager.isLeader());
  }

  async perform(event: FailoverEvent): Promise<void> {
    await this.#orders[event.type]?.(event as never);
  }

  settle(duration: Duration | undefined): Promise<void> {
    const ms = Duration.parse(duration ?? this.#options.settle ?? '3s');
    return new Promise((resolve) => systemClock.setTimeout(resolve, ms));
  }

  view() {
    return { pods: this.#managers, leaders: this.#managers.filter((manager) => manager.isLeader()) } as never;
  }

  async recover(): Promise<void> {
    this.#isSourceFailing = false;
    if (this.#isRedisStopped) await this.#startRedis();
    this.#refill();
    await this.#untilConverged();
  }

  judge(): void {
    const { datasets, timing } = parsePodOptions(this.#podOptions());
    const budgets = Object.fromEntries([...datasets].map(([name, { plan }]) => [name, plan.budget]));
    const { beliefWindowMs } = timing;
    const violations = judge(this.#trace, { budgets, toleranceMs, beliefWindowMs, callToleranceMs: beliefWindowMs });
    if (violations.length === 0) return;
    throw new Error(violations.map(({ promise, sentence }) => `${promise}: ${sentence}`).join('\n'));
  }

  async stop(): Promise<void> {
    if (this.#isRedisStopped) await this.#startRedis();
    await Promise.all(this.#managers.map((manager) => manager.stop()));
    this.#managers = [];
  }

  #fleet(): RealFleet<S> {
    return {
      redis: this.#options.redis,
      managers: this.#managers,
      leader: this.#leader(),
      crash: (manager) => this.#crash(manager),
      stop: (manager) => this.#stopOne(manager),
    };
  }

  #leader(): DistributedDataManager<S> {
    if (!this.#first) throw new Error('The driver was not started.');
    return this.#first;
  }

  /** As many pods as in the beginning. */
  #refill(): void {
    while (this.#managers.length < this.#size) {
      const { coverage } = this.#options;
      const manager = createDataManager({
        ...this.#podOptions(),
        podId: `pod-${nanoid(8)}`,
        logger: false,
        ...(coverage && { inspect: coverage.note }),
      } as DataManagerOptions<S>);
      manager.on('*', (entry) => {
        this.#trace.push(entry);
        this.#onNews();
      });
      this.#managers.push(manager);
      // Whether it comes up is seen by convergence; after that it waits for Redis like any pod.
      manager.start({ timeout: '1h' }).catch(() => this.#onNews());
    }
  }

  #podOptions(): PodOptions {
    const { datasets, redis, leaseTtl, timing } = this.#options;
    const switched = Object.entries(datasets as PodOptions['datasets']).map(([name, dataset]) => [
      name,
      { ...dataset, source: this.#switched(dataset.source) },
    ]);
    return {
      namespace: this.#namespace,
      redis: redis.url,
      datasets: Object.fromEntries(switched),
      ...(leaseTtl !== undefined && { leaseTtl }),
      ...(timing && { timing }),
    };
  }

  #switched(source: Source<unknown>): Source<unknown> {
    return async (call) => {
      if (this.#isSourceFailing) throw new SourceError('badStatus', 'The source was made to fail.');
      return source(call);
    };
  }

  #crash(manager: DistributedDataManager<S>): void {
    this.#remove(manager);
    this.#trace.push({ type: 'pod.crashed', at: systemClock.now(), podId: manager.podId });
    // No exit action runs, nothing is released; its connection ends with it.
    manager.actor.stop();
  }

  async #stopOne(manager: DistributedDataManager<S>): Promise<void> {
    this.#remove(manager);
    await manager.stop();
  }

  #remove(manager: DistributedDataManager<S>): void {
    this.#managers = this.#managers.filter((one) => one !== manager);
  }

  async #stopRedis(): Promise<void> {
    this.#isRedisStopped = true;
    await this.#options.redis.stop?.();
  }

  async #startRedis(): Promise<void> {
    await this.#options.redis.start?.();
    this.#isRedisStopped = false;
  }

  async #wipeRedis(): Promise<void> {
    this.#trace.push({ type: 'redis.wiped', at: systemClock.now() });
    await this.#options.redis.wipe?.();
  }

  #untilConverged(): Promise<void> {
    const limitMs = Duration.parse(this.#options.convergesWithin ?? '60s');
    const missing = () => missingOf(this.#managers, Object.keys(this.#options.datasets));
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        systemClock.clearTimeout(timer);
        this.#onNews = () => {};
        settle();
      };
      const late = () => reject(new Error(`not within ${limitMs} ms: ${missing().join('; ')}`));
      const timer = systemClock.setTimeout(() => end(late), limitMs);
      // What was told is in effect when the machines have come to rest.
      this.#onNews = () => queueMicrotask(() => missing().length === 0 && end(resolve));
      this.#onNews();
    });
  }
}

function missingOf(managers: readonly DataManager<Record<string, unknown>>[], datasets: readonly string[]): string[] {
  const leaders = managers.filter((manager) => manager.isLeader());
  const missing = leaders.length === 1 ? [] : [`${leaders.length} pods lead`];
  for (const dataset of datasets) {
    const versions = managers.map((manager) => manager.version(dataset));
    const newest = versions.reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
    const behind = versions.filter((version) => version.revision === 0 || compareVersions(version, newest) !== 0);
    if (behind.length > 0) missing.push(`${behind.length} pods are not on the newest version of ${dataset}`);
  }
  return missing;
}
