/** What a search has found: states by number, how each was reached first, and where each leads without a fault. */
export class Graph {
  readonly #width: number;
  readonly #numbers = new Map<string, number>();
  readonly #states: number[] = [];
  readonly #parents: number[] = [];
  readonly #ordinals: number[] = [];
  /** From and to, one after the other. */
  readonly #faultless: number[] = [];
  edges = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#parents.length;
  }

  state(id: number): number[] {
    return this.#states.slice(id * this.#width, (id + 1) * this.#width);
  }

  /** Its number, and whether it is new. `ordinal`: which of the parent's steps led here. */
  note(state: readonly number[], parent: number, ordinal: number): { id: number; isNew: boolean } {
    const key = state.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return { id: known, isNew: false };
    const id = this.size;
    this.#numbers.set(key, id);
    this.#states.push(...state);
    this.#parents.push(parent);
    this.#ordinals.push(ordinal);
    return { id, isNew: true };
  }

  noteFaultless(from: number, to: number): void {
    this.#faultless.push(from, to);
  }

  /** The way on which a state was reached first: parents and ordinals. It is one of the shortest. */
  wayTo(id: number): { from: number; ordinal: number }[] {
    const way: { from: number; ordinal: number }[] = [];
    for (let at = id; (this.#parents[at] as number) >= 0; at = this.#parents[at] as number) {
      way.unshift({ from: this.#parents[at] as number, ordinal: this.#ordinals[at] as number });
    }
    return way;
  }

  /** Marks all states from which some faultless way leads to one of these. */
  reaching(goals: readonly number[]): Uint8Array {
    const starts = new Int32Array(this.size + 1);
    const pairs = this.#faultless;
    for (let i = 1; i < pairs.length; i += 2) (starts[(pairs[i] as number) + 1] as number)++;
    for (let i = 0; i < this.size; i++) (starts[i + 1] as number) += starts[i] as number;
    const fill = starts.slice();
    const sources = new Int32Array(pairs.length / 2);
    for (let i = 0; i < pairs.length; i += 2) {
      const to = pairs[i + 1] as number;
      sources[fill[to] as number] = pairs[i] as number;
      (fill[to] as number)++;
    }
    const marked = new Uint8Array(this.size);
    const open = [...goals];
    for (const goal of goals) marked[goal] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (let i = starts[at] as number; i < (starts[at + 1] as number); i++) {
        const source = sources[i] as number;
        if (marked[source]) continue;
        marked[source] = 1;
        open.push(source);
      }
    }
    return marked;
  }
}
