/**
 * The states of the fleet by number, and where each leads: computed once a state, however many pasts lead there. An
 * edge carries what the judges hear of it.
 */
import { compareVersions, type VersionRecord } from '../../../machines/index.ts';
import { highestEpochOf, storedVersion, youngestCallTold } from './convergence.ts';
import type { Entry } from './fleet-state.ts';
import type { Step } from './found-steps.ts';
import { dataset, type World } from './world.ts';

export type Edge = Readonly<{
  to: number;
  /** What the judges hear, by its number. */
  heard: number;
  /** In ticks: the age of the last source call that a pod could tell Redis of; -1 if none could. */
  toldAge: number;
  isFault: boolean;
}>;

const fieldsOfEdge = 4;

const isSame = (record: VersionRecord, other: VersionRecord | undefined) =>
  compareVersions(record, other) === 0 && record.sha256 === other?.sha256;

export class FleetGraph {
  readonly #world: World;
  readonly #numbers = new Map<string, number>();
  readonly #states: number[] = [];
  /** Where the edges of a state begin; none for one that was not expanded. */
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];
  readonly #edges: number[] = [];
  /** States of which some step was left out at the bound of messages. */
  readonly cutAtMessages = new Set<number>();
  readonly #holdings = new Map<VersionRecord, Map<number | undefined, Entry>>();
  readonly #onStep: (step: Step) => void;

  constructor(world: World, onStep: (step: Step) => void) {
    this.#world = world;
    this.#onStep = onStep;
  }

  get size(): number {
    return this.#begins.length;
  }

  get edges(): number {
    return this.#edges.length / fieldsOfEdge;
  }

  async initial(): Promise<number> {
    return this.#numberOf(await this.#world.steps.initial());
  }

  state(id: number): number[] {
    const { width } = this.#world.states;
    return this.#states.slice(id * width, (id + 1) * width);
  }

  highestEpoch(id: number): number {
    const { states } = this.#world;
    return highestEpochOf(states, this.#states[(id + 1) * states.width - 2] as number);
  }

  /** The edges of a state that was expanded: as many, in the order of its steps. */
  edgesOf(id: number): Edge[] {
    const edges: Edge[] = [];
    for (let at = this.#begins[id] as number; at < (this.#ends[id] as number); at += fieldsOfEdge) {
      const [to, heard, toldAge] = [this.#edges[at], this.#edges[at + 1], this.#edges[at + 2]] as [
        number,
        number,
        number,
      ];
      edges.push({ to, heard, toldAge, isFault: this.#edges[at + 3] === 1 });
    }
    return edges;
  }

  /** Computes where a state leads, unless that was done. */
  async expand(id: number): Promise<void> {
    if ((this.#begins[id] as number) >= 0) return;
    const { states, steps, judging } = this.#world;
    const state = this.state(id);
    const { leftOut } = steps;
    const found = await steps.of(state);
    if (steps.leftOut > leftOut) this.cutAtMessages.add(id);
    this.#begins[id] = this.#edges.length;
    for (const step of found) {
      this.#onStep(step);
      const heard = judging.numberOf(this.#withHoldings(state, step));
      const toldAge = youngestCallTold(states, state, step) ?? -1;
      this.#edges.push(this.#numberOf(step.state), heard, toldAge, step.fault ? 1 : 0);
    }
    this.#ends[id] = this.#edges.length;
  }

  /** Marks all states from which some faultless way leads to one of these. */
  reaching(goals: readonly number[]): Uint8Array {
    const sources: number[][] = Array.from({ length: this.size }, () => []);
    for (let id = 0; id < this.size; id++) {
      for (const { to, isFault } of this.edgesOf(id)) if (!isFault && to !== id) sources[to]?.push(id);
    }
    const marked = new Uint8Array(this.size);
    const open = [...goals];
    for (const goal of goals) marked[goal] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const source of sources[at] as number[]) {
        if (marked[source]) continue;
        marked[source] = 1;
        open.push(source);
      }
    }
    return marked;
  }

  #numberOf(state: readonly number[]): number {
    const key = state.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const id = this.size;
    this.#numbers.set(key, id);
    this.#states.push(...state);
    this.#begins.push(-1);
    this.#ends.push(-1);
    return id;
  }

  /** What happened, and what Redis holds now if that is another version. */
  #withHoldings(state: readonly number[], step: Step): readonly Entry[] {
    const { states } = this.#world;
    const before = storedVersion(states, state.at(-2) as number);
    const record = storedVersion(states, step.state.at(-2) as number);
    // A confirmation writes the same version again.
    if (!record || isSame(record, before)) return step.entries;
    const isPublication = step.ran.some(({ command }) => command.method === 'publish');
    const publishedAfter = isPublication ? highestEpochOf(states, state.at(-2) as number) : undefined;
    return [...step.entries, this.#holding(record, publishedAfter)];
  }

  /** Equal ones are the same object. */
  #holding(record: VersionRecord, publishedAfter: number | undefined): Entry {
    const holdings = this.#holdings.get(record) ?? new Map<number | undefined, Entry>();
    this.#holdings.set(record, holdings);
    const entry = holdings.get(publishedAfter) ?? { type: 'redis.holds', dataset, record, publishedAfter };
    holdings.set(publishedAfter, entry);
    return entry;
  }
}
