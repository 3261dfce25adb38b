/** What can be expected of a simulated fleet. Each throws one error that names everything that isn't so. */
import { judge, lossesOf, overspendings, type Timing, type Violation } from '../../machines/index.ts';
import { convergenceBoundMs, isNowhere, missingOf } from './convergence.ts';
import type { FleetTraceLog } from './fleet-trace-log.ts';
import type { FleetWatch } from './fleet-watch.ts';
import type { SimulatedPod } from './simulated-pod.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import type { SimulatedSource } from './simulated-source.ts';

type World = Readonly<{
  pods: readonly SimulatedPod[];
  redis: SimulatedRedis;
  watch: FleetWatch;
  log: FleetTraceLog;
  source: SimulatedSource;
  timing: Timing;
  budgets: Readonly<Record<string, { calls: number; perMs: number }>>;
  wallMs(): number;
  checkDataset(name: string): void;
}>;

/** With a slow command on the way. */
const callAndPublicationMs = 10_000;

export class FleetExpectations {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Promise 7: how long it may take after the last fault until `converged`, in ms. */
  get convergenceBoundMs(): number {
    return convergenceBoundMs(this.#world.timing, this.#world.pods.length);
  }

  /** What is missing to convergence now, one sentence each. */
  missing(dataset?: string): string[] {
    const { budgets, checkDataset } = this.#world;
    if (dataset !== undefined) checkDataset(dataset);
    return missingOf(this.#world, dataset === undefined ? Object.keys(budgets) : [dataset]);
  }

  /**
   * The same but for datasets whose newest revision nobody holds any more and whose next source call is not due yet:
   * nothing else brings them back.
   */
  missingBesidesLost(): string[] {
    const { budgets, pods, redis } = this.#world;
    const isExcused = (dataset: string) => isNowhere(dataset, pods, redis) && !this.#isCallOverdue(dataset);
    return missingOf(
      this.#world,
      Object.keys(budgets).filter((dataset) => !isExcused(dataset)),
    );
  }

  /** A leader that could call should have, and what came of it should be published. */
  #isCallOverdue(dataset: string): boolean {
    const { source, redis, budgets, wallMs } = this.#world;
    const { perMs = 0 } = budgets[dataset] ?? {};
    // A permit counts as a call, though its pod may have died before it made one.
    const permits = (redis.space.keys.schedule.get(dataset)?.calls ?? []).filter((at) => at <= wallMs());
    const dueAt = Math.max(source.dueAt(dataset, perMs), ...permits.map((at) => at + perMs));
    return wallMs() > dueAt + callAndPublicationMs;
  }

  /** Exactly one pod answers `isLeader()` with true now. */
  oneLeader(): void {
    const leaders = this.#world.pods.filter((pod) => pod.isLeader());
    if (leaders.length === 1) return;
    throw new Error(leaders.length === 0 ? 'No pod leads.' : `${leaders.map(({ id }) => id).join(' and ')} lead.`);
  }

  /** One leader, every running pod on the newest version, and Redis too: of one dataset, or of all. */
  converged(dataset?: string): void {
    const missing = this.missing(dataset);
    if (missing.length > 0) throw new Error(`The fleet has not converged:\n${lines(missing)}`);
  }

  /** The promises, over all that has happened so far. */
  promises(): void {
    const violations = this.violations();
    if (violations.length === 0) return;
    const told = violations.map(({ promise, at, sentence }) => `${new Date(at).toISOString()} ${promise}: ${sentence}`);
    throw new Error(
      `${violations.length === 1 ? 'A promise was' : `${violations.length} promises were`} broken:\n${lines(told)}`,
    );
  }

  /** Every violation so far, in order. */
  violations(): Violation[] {
    const { log, watch, budgets, timing, source } = this.#world;
    const { beliefWindowMs } = timing;
    const trace = log.forJudges();
    const judged = judge(trace, { budgets, beliefWindowMs, callToleranceMs: beliefWindowMs });
    return [...judged, ...watch.violations, ...overspent(trace, source, budgets, beliefWindowMs)].toSorted(
      (a, b) => a.at - b.at,
    );
  }
}

/** Promise 5, as the source itself counted. */
function overspent(
  trace: ReturnType<FleetTraceLog['forJudges']>,
  source: SimulatedSource,
  budgets: World['budgets'],
  callToleranceMs: number,
): Violation[] {
  const losses = lossesOf(trace, ['schedule']);
  return Object.entries(budgets).flatMap(([dataset, { calls, perMs }]) => {
    const callsAt = source.calls.filter((call) => call.dataset === dataset).map(({ at }) => at);
    return overspendings(callsAt, { calls, perMs, losses, callToleranceMs }).map(({ at, made, withinMs, allowed }) => ({
      promise: 'budget',
      at,
      sentence: `the source counted ${made} calls of ${dataset} within ${withinMs} ms, ${allowed} are allowed in ${perMs} ms`,
    }));
  });
}

const lines = (sentences: readonly string[]) => sentences.map((sentence) => `  ${sentence}`).join('\n');
