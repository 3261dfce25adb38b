/**
 * The model checker: the real machines and actors of a small fleet, the real rules of the store, and every order in
 * which things can happen within the bounds. Breadth first, so that the first way to a broken promise is a shortest one.
 *
 * Guarantee: within the bounds that it prints every reachable state was judged by `machines/judges.ts`; from every state
 * some way without another fault leads to a converged fleet.
 * Non-guarantee: nothing beyond the bounds; no real time (see `explore/durations.ts`); one dataset.
 */

import type { TraceLine } from '../../machines/index.ts';
import { systemClock } from '../clock.ts';
import { highestEpochOf, isConverged, isToldOfCalls, storedVersion } from './explore/convergence.ts';
import type { Entry } from './explore/fleet-state.ts';
import type { Step } from './explore/fleet-steps.ts';
import { Graph } from './explore/graph.ts';
import type { FaultKind } from './explore/story.ts';
import { tellWay } from './explore/tell.ts';
import { traceWay } from './explore/trace-way.ts';
import { type Bugs, dataset, type World, worldOf } from './explore/world.ts';
import { type Bounds, type CheckedOptions, parseExploreOptions } from './explore-options.ts';
import { transitionNames } from './transitions.ts';

export type ExploreOptions = {
  /** Default 2. */
  pods?: number;
  /** Default: all. */
  faults?: readonly FaultKind[];
  bounds?: Partial<Bounds>;
  /** Bugs on purpose. */
  bugs?: Bugs;
};

const notConverging = 'from here on no way leads to one leader and every pod on the newest version';

/** How a promise is broken, in as few steps as any way there. */
export type Counterexample = Readonly<{
  violations: readonly Readonly<{ promise: string; sentence: string }>[];
  steps: readonly string[];
  /** The same for `bellwether replay`, as lines of a trace file. */
  trace: readonly TraceLine[];
}>;

export type Exploration = Readonly<{
  pods: number;
  faults: readonly FaultKind[];
  bounds: Bounds;
  states: number;
  edges: number;
  /** Steps from the beginning to the farthest state. */
  depth: number;
  seconds: number;
  /** Edges that were not followed, because they lead beyond the bound of epochs. */
  cut: number;
  /** False when the search gave up at the bound of states. */
  isComplete: boolean;
  converged: number;
  counterexample: Counterexample | undefined;
  /** On how many edges each fault struck, and each transition of the machines was taken. */
  faultCounts: ReadonlyMap<string, number>;
  transitionCounts: ReadonlyMap<string, number>;
  neverTaken: readonly string[];
}>;

/**
 * Explores all that a fleet can do within the bounds.
 *
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export async function explore(options: ExploreOptions = {}): Promise<Exploration> {
  const { bugs = {}, ...rest } = options;
  const checked = parseExploreOptions(rest);
  return new Search(checked, worldOf(checked, bugs)).run();
}

class Search {
  readonly #options: CheckedOptions;
  readonly #world: World;
  readonly #graph: Graph;
  readonly #faults = new Map<string, number>();
  readonly #taken = new Map<string, number>();
  /** States to be expanded, in the order of their numbers. */
  #next = 0;
  #depth = 0;
  #cut = 0;
  #counterexample: Counterexample | undefined;

  constructor(options: CheckedOptions, world: World) {
    this.#options = options;
    this.#world = world;
    this.#graph = new Graph(world.states.width + 1);
  }

  async run(): Promise<Exploration> {
    const { bounds, pods, faults } = this.#options;
    const startedAt = systemClock.monotonic();
    const { steps, judging } = this.#world;
    this.#graph.note([...(await steps.initial()), judging.none], -1, 0);
    let levelEnd = this.#graph.size;
    while (this.#next < this.#graph.size && !this.#counterexample && this.#graph.size <= bounds.states) {
      if (this.#next === levelEnd) {
        this.#depth++;
        levelEnd = this.#graph.size;
      }
      await this.#expand(this.#next++);
    }
    const isComplete = this.#next === this.#graph.size;
    const converged = isComplete && !this.#counterexample ? await this.#checkLiveness() : 0;
    return {
      pods,
      faults,
      bounds,
      states: this.#graph.size,
      edges: this.#graph.edges,
      depth: this.#depth,
      seconds: (systemClock.monotonic() - startedAt) / 1_000,
      cut: this.#cut,
      isComplete,
      converged,
      counterexample: this.#counterexample,
      faultCounts: this.#faults,
      transitionCounts: this.#taken,
      neverTaken: this.#world.machines.flatMap(transitionNames).filter((name) => !this.#taken.has(name)),
    };
  }

  async #expand(id: number): Promise<void> {
    const { states, steps, judging } = this.#world;
    const full = this.#graph.state(id);
    const past = full.at(-1) as number;
    const state = full.slice(0, -1);
    for (const [ordinal, step] of (await steps.of(state)).entries()) {
      this.#graph.edges++;
      this.#count(step);
      const redis = step.state.at(-2) as number;
      const judged = judging.judge(past, this.#entriesOf(state, past, step));
      if (judged.violations.length > 0) {
        const way = [...this.#graph.wayTo(id), { from: id, ordinal }];
        this.#counterexample = await this.#tell(way, judged.violations);
        return;
      }
      if (highestEpochOf(states, redis) > this.#options.bounds.epochs) {
        this.#cut++;
        continue;
      }
      const { id: to } = this.#graph.note([...step.state, judged.past], id, ordinal);
      if (!step.fault && to !== id) this.#graph.noteFaultless(id, to);
    }
  }

  /** What the judges hear: what happened, and what Redis holds now if that is another version. */
  #entriesOf(state: readonly number[], past: number, step: Step): readonly Entry[] {
    const { states, judging } = this.#world;
    if (isToldOfCalls(states, state, step, judging.youngestCall(past))) {
      return this.#withHoldings(state, { ...step, entries: [{ type: 'calls.told' }, ...step.entries] });
    }
    return this.#withHoldings(state, step);
  }

  #withHoldings(state: readonly number[], step: Step): readonly Entry[] {
    const { states } = this.#world;
    const before = storedVersion(states, state.at(-2) as number);
    const record = storedVersion(states, step.state.at(-2) as number);
    if (!record || record === before) return step.entries;
    const isPublication = step.ran.some(({ command }) => command.method === 'publish');
    const publishedAfter = isPublication ? highestEpochOf(states, state.at(-2) as number) : undefined;
    return [...step.entries, { type: 'redis.holds', dataset, record, publishedAfter }];
  }

  #count({ fault, taken }: Step): void {
    if (fault) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    for (const name of taken) this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1);
  }

  /** From every state below the bound of epochs some way without another fault leads to a converged fleet. */
  async #checkLiveness(): Promise<number> {
    const { states } = this.#world;
    const goals: number[] = [];
    for (let id = 0; id < this.#graph.size; id++) {
      if (isConverged(states, this.#graph.state(id).slice(0, -1))) goals.push(id);
    }
    const marked = this.#graph.reaching(goals);
    for (let id = 0; id < this.#graph.size; id++) {
      // At the bound itself the lease that would be needed may lie beyond it.
      if (marked[id] || highestEpochOf(states, this.#graph.state(id).at(-3) as number) >= this.#options.bounds.epochs)
        continue;
      const violation = { promise: 'convergence', sentence: notConverging };
      this.#counterexample = await this.#tell(this.#graph.wayTo(id), [violation]);
      break;
    }
    return goals.length;
  }

  async #tell(
    way: readonly { from: number; ordinal: number }[],
    violations: Counterexample['violations'],
  ): Promise<Counterexample> {
    const states = way.map(({ from, ordinal }) => ({ state: this.#graph.state(from).slice(0, -1), ordinal }));
    const trace = await traceWay(this.#world, states, violations);
    return { violations, steps: await tellWay(this.#world, states), trace };
  }
}
