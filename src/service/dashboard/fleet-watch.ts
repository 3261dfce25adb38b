/**
 * Tells a feed what any pod can see of its whole fleet: the reports in Redis, read every two seconds while somebody
 * watches, and this pod's own facts and charts as they happen. While Redis is away the others stay as last seen.
 *
 * Clock: the pod's own for what is told, Redis' for how long ago a pod reported.
 */
import type { FleetStatus, PodStatus, TraceEntry } from '../../../machines/index.ts';
import type { DistributedDataManager, FleetSight } from '../../index.ts';
import { chartsOf, type Step } from '../../inspection/chart-steps.ts';
import type { DashboardFeed } from './feed.ts';

const lookEveryMs = 2_000;

export type WatchedManager = Pick<
  DistributedDataManager,
  'podId' | 'actor' | 'role' | 'isLeader' | 'leader' | 'version' | 'on' | 'lookAtFleet' | 'refreshIntervalsMs'
>;

export class FleetWatch {
  readonly #manager: WatchedManager;
  readonly #feed: DashboardFeed;
  readonly #calls = new CallCount(Date.now());
  readonly #seen = new Set<string>();
  readonly #charts = new Map<string, string>();
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;
  #fleet: FleetStatus = { type: 'fleet.status', at: Date.now(), leader: null, epoch: 0, datasets: {} };

  constructor(manager: WatchedManager, feed: DashboardFeed) {
    this.#manager = manager;
    this.#feed = feed;
    this.#stopListening = manager.on('*', (entry: TraceEntry) => {
      feed.tell(entry);
      // When the machine has made its step.
      if (this.#timer !== undefined) setImmediate(() => this.#tellOwn());
    });
  }

  /** To be called when the first page comes and when the last one goes. */
  watch(isWatched: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#charts.clear();
    if (!isWatched) return;
    this.#timer = setTimeout(() => this.#lookAgain(), lookEveryMs);
    this.#tellOwn();
    void this.#look();
  }

  /** A step with its transitions, where the service inspects itself. */
  readonly tellStep = (step: Step): void => {
    this.#charts.set(step.chart, step.states.join());
    this.#feed.tell({ type: 'chart.step', at: Date.now(), podId: this.#manager.podId, ...step });
  };

  close(): void {
    this.#stopListening();
    this.watch(false);
  }

  #lookAgain(): void {
    void this.#look().then(() => {
      if (this.#timer !== undefined) this.#timer = setTimeout(() => this.#lookAgain(), lookEveryMs);
    });
  }

  async #look(): Promise<void> {
    const at = Date.now();
    const { podId } = this.#manager;
    try {
      const sight = await this.#manager.lookAtFleet();
      this.#calls.note(sight);
      this.#fleet = fleetStatus(sight, at, this.#manager.refreshIntervalsMs(), this.#calls);
      for (const status of statusesOf(sight, at, podId)) {
        this.#seen.add(status.podId);
        this.#feed.tell(status);
      }
      for (const gone of goneFrom(this.#seen, sight)) {
        this.#seen.delete(gone);
        this.#feed.tell({ type: 'pod.gone', at, podId: gone });
      }
    } catch (error) {
      // Redis can't be asked: what was seen last stays, and says so.
      this.#fleet = { ...this.#fleet, at, leader: null, failure: (error as Error).message };
    }
    this.#tellOwn();
    this.#feed.tell(this.#fleet);
  }

  #tellOwn(): void {
    const at = Date.now();
    this.#feed.tell(ownStatus(this.#manager, at));
    const running = chartsOf(this.#manager.actor);
    const ended = [...this.#charts.keys()].filter((name) => !running.some(({ chart }) => chart === name));
    for (const step of [...running, ...ended.map((chart) => ({ chart, states: [], taken: [] }))]) {
      if ((this.#charts.get(step.chart) ?? '') !== step.states.join()) this.tellStep(step);
      if (step.states.length === 0) this.#charts.delete(step.chart);
    }
  }
}

/** A pod's report is as old as its last poll; this one knows itself. */
export function statusesOf({ now, pods, lock }: FleetSight, at: number, ownId: string): PodStatus[] {
  return pods
    .filter(({ report }) => report.podId !== ownId)
    .map(({ polledAt, report }) => {
      const isHolder = lock?.podId === report.podId;
      // The lock is newer than any report. Whoever lost it does not lead, whatever it said half a minute ago.
      const role = isHolder ? 'leader' : report.role === 'leader' ? 'follower' : report.role;
      const versions = Object.entries(report.versions).map(([name, { revision, epoch }]) => [
        name,
        { revision, epoch },
      ]);
      return {
        type: 'pod.status',
        at: at - Math.max(0, now - polledAt),
        podId: report.podId,
        role,
        isLeader: isHolder,
        epoch: Math.max(report.epoch, isHolder ? lock.epoch : 0),
        versions: Object.fromEntries(versions),
      };
    });
}

function ownStatus(manager: WatchedManager, at: number): PodStatus {
  const { failure } = manager.actor.getSnapshot().context;
  return {
    type: 'pod.status',
    at,
    podId: manager.podId,
    role: manager.role(),
    isLeader: manager.isLeader(),
    epoch: manager.leader()?.epoch ?? 0,
    versions: Object.fromEntries(
      Object.keys(manager.refreshIntervalsMs())
        .map((name) => [name, manager.version(name)] as const)
        .filter(([, { revision }]) => revision > 0)
        .map(([name, { revision, epoch }]) => [name, { revision, epoch }]),
    ),
    ...(manager.role() === 'degraded' && failure && { failure: failure.message }),
  };
}

function fleetStatus(
  { epoch, lock, records, pods }: FleetSight,
  at: number,
  intervalsMs: Readonly<Record<string, number>>,
  calls: CallCount,
): FleetStatus {
  const datasets = Object.entries(records).map(([name, record]) => {
    const { revision, epoch: publishedUnder, updatedAt, checkedAt } = record;
    const intervalMs = intervalsMs[name];
    const alone = intervalMs === undefined ? undefined : pods.length * Math.ceil((at - calls.since) / intervalMs);
    const told = { revision, epoch: publishedUnder, updatedAt, checkedAt, calls: calls.of(name) };
    return [name, { ...told, ...(intervalMs !== undefined && { intervalMs, alone }) }];
  });
  return { type: 'fleet.status', at, leader: lock?.podId ?? null, epoch, datasets: Object.fromEntries(datasets) };
}

function goneFrom(seen: ReadonlySet<string>, { pods }: FleetSight): string[] {
  const there = new Set(pods.map(({ report }) => report.podId));
  return [...seen].filter((podId) => !there.has(podId));
}

/** Source calls that were good, since this pod began to look: each moves `checkedAt`. */
class CallCount {
  readonly since: number;
  readonly #counts = new Map<string, { checkedAt: number; calls: number }>();

  constructor(since: number) {
    this.since = since;
  }

  note({ records }: FleetSight): void {
    for (const [name, { checkedAt }] of Object.entries(records)) {
      const before = this.#counts.get(name);
      const isNew = before !== undefined && checkedAt > before.checkedAt;
      this.#counts.set(name, { checkedAt, calls: (before?.calls ?? 0) + Number(isNew) });
    }
  }

  of(name: string): number {
    return this.#counts.get(name)?.calls ?? 0;
  }
}
