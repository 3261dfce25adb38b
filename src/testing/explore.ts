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
import { isConverged } from './explore/convergence.ts';
import { FleetGraph } from './explore/fleet-graph.ts';
import type { Step } from './explore/found-steps.ts';
import { Reached, type Way } from './explore/reached.ts';
import type { FaultKind } from './explore/story.ts';
import { tellWay } from './explore/tell.ts';
import { traceWay } from './explore/trace-way.ts';
import { type Bugs, type World, worldOf } from './explore/world.ts';
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
  /** States of the fleet together with what the judges remember of the way there. */
  states: number;
  /** States of the fleet alone, and the edges between them. */
  fleetStates: number;
  edges: number;
  /** Steps from the beginning to the farthest state. */
  depth: number;
  seconds: number;
  /** How often an edge was not followed, because it leads beyond the bound of epochs. */
  cut: number;
  /** States of the fleet of which some step was left out, because too many messages would have waited after it. */
  cutAtMessages: number;
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
  readonly #graph: FleetGraph;
  readonly #reached = new Reached();
  readonly #faults = new Map<string, number>();
  /** By the lists of names that local steps carry. */
  readonly #taken = new Map<readonly string[], number>();
  /** The next to be expanded, in the order of their numbers. */
  #next = 0;
  #depth = 0;
  #cut = 0;
  #counterexample: Counterexample | undefined;

  constructor(options: CheckedOptions, world: World) {
    this.#options = options;
    this.#world = world;
    this.#graph = new FleetGraph(world, (step) => this.#count(step));
  }

  async run(): Promise<Exploration> {
    const { bounds, pods, faults } = this.#options;
    const startedAt = systemClock.monotonic();
    const reached = this.#reached;
    reached.note(await this.#graph.initial(), this.#world.judging.none, -1, 0);
    let levelEnd = reached.size;
    while (this.#next < reached.size && !this.#counterexample && reached.size <= bounds.states) {
      if (this.#next === levelEnd) {
        this.#depth++;
        levelEnd = reached.size;
      }
      await this.#expand(this.#next++);
    }
    const isComplete = this.#next === reached.size;
    const converged = isComplete && !this.#counterexample ? await this.#checkLiveness() : 0;
    const taken = this.#takenByName();
    return {
      pods,
      faults,
      bounds,
      states: reached.size,
      fleetStates: this.#graph.size,
      edges: this.#graph.edges,
      depth: this.#depth,
      seconds: (systemClock.monotonic() - startedAt) / 1_000,
      cut: this.#cut,
      cutAtMessages: this.#graph.cutAtMessages.size,
      isComplete,
      converged,
      counterexample: this.#counterexample,
      faultCounts: this.#faults,
      transitionCounts: taken,
      neverTaken: this.#world.machines.flatMap(transitionNames).filter((name) => !taken.has(name)),
    };
  }

  async #expand(id: number): Promise<void> {
    const { judging } = this.#world;
    const fleet = this.#reached.fleet(id);
    const past = this.#reached.past(id);
    await this.#graph.expand(fleet);
    const youngest = judging.youngestCall(past);
    for (const [ordinal, { to, heard, toldAge }] of this.#graph.edgesOf(fleet).entries()) {
      const isTold = youngest !== undefined && toldAge >= 0 && toldAge <= youngest;
      const judged = judging.judge(past, isTold ? judging.withCallsTold(heard) : heard);
      if (judged.violations.length > 0) {
        const way = [...this.#reached.wayTo(id), { from: fleet, ordinal }];
        this.#counterexample = await this.#tell(way, judged.violations);
        return;
      }
      if (this.#graph.highestEpoch(to) > this.#options.bounds.epochs) this.#cut++;
      else this.#reached.note(to, judged.past, id, ordinal);
    }
  }

  #count({ fault, taken }: Step): void {
    if (fault) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
    for (const names of taken) this.#taken.set(names, (this.#taken.get(names) ?? 0) + 1);
  }

  #takenByName(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [names, times] of this.#taken) {
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + times);
    }
    return counts;
  }

  /** From every state within the bounds some way without another fault leads to a converged fleet. */
  async #checkLiveness(): Promise<number> {
    const graph = this.#graph;
    const goals: number[] = [];
    for (let id = 0; id < graph.size; id++) if (isConverged(this.#world.states, graph.state(id))) goals.push(id);
    // What lies behind a step that was left out isn't known.
    const marked = graph.reaching([...goals, ...graph.cutAtMessages]);
    for (let id = 0; id < graph.size; id++) {
      // At the bound itself the lease that would be needed may lie beyond it.
      if (marked[id] || graph.highestEpoch(id) >= this.#options.bounds.epochs) continue;
      const way = this.#reached.wayTo(this.#reached.firstIn(id));
      this.#counterexample = await this.#tell(way, [{ promise: 'convergence', sentence: notConverging }]);
      break;
    }
    return goals.length;
  }

  async #tell(way: Way, violations: Counterexample['violations']): Promise<Counterexample> {
    const states = way.map(({ from, ordinal }) => ({ state: this.#graph.state(from), ordinal }));
    const trace = await traceWay(this.#world, states, violations);
    return { violations, steps: await tellWay(this.#world, states), trace };
  }
}
