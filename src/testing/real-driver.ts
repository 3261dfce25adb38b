/**
 * Runs a model's path against real pods on a real Redis, in this process: the same model that ran in virtual time shows
 * whether it holds with sockets and seconds.
 *
 * A crash is one as Redis sees it: the connection ends and nothing is handed over. What one process can't do to its own
 * pods (a pause, a cut of the network) is left to `on`, or left out of the paths (`without`).
 */
import { nanoid } from 'nanoid';
import { type FaultEntry, judge, type TraceEntry } from '../../machines/index.ts';
import { systemClock } from '../clock.ts';
import { Duration } from '../duration.ts';
import { createDataManager, type DistributedDataManager } from '../manager.ts';
import type { DataManagerOptions, Schemas } from '../manager-options.ts';
import type { PodOptions } from '../pod-options.ts';
import { type Source, SourceError } from '../source/source.ts';
import type { FailoverDriver, FailoverEvent } from './failover-driver.ts';
import { untilConverged } from './real-convergence.ts';
import {
  parseRealDriverOptions,
  type RealDriverOptions,
  type RealFleet,
  type ResolvedRealOptions,
} from './real-driver-options.ts';

/** Clocks of one process don't differ; two pods may tell of one millisecond in either order. */
const toleranceMs = 5;

/**
 * @returns a driver for one path
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export function realDriver<S extends Schemas>(options: RealDriverOptions<S>): FailoverDriver {
  return new RealDriver(options);
}

class RealDriver<S extends Schemas> implements FailoverDriver {
  readonly events: readonly string[];
  readonly #options: RealDriverOptions<S>;
  readonly #resolved: ResolvedRealOptions;
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
    this.#resolved = parseRealDriverOptions(options);
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
    const ms = duration === undefined ? this.#resolved.settleMs : Duration.parse(duration);
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
    const { datasets, timing } = this.#resolved.pod;
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
    const { podOptions } = this.#resolved;
    const switched = Object.entries(podOptions.datasets).map(([name, dataset]) => [
      name,
      { ...dataset, source: this.#switched(dataset.source) },
    ]);
    return { ...podOptions, datasets: Object.fromEntries(switched) };
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
    const fleet = {
      managers: () => this.#managers,
      datasets: Object.keys(this.#options.datasets),
      trace: this.#trace,
      listen: (onNews: () => void) => {
        this.#onNews = onNews;
      },
    };
    return untilConverged(fleet, this.#resolved.convergesWithinMs);
  }
}
