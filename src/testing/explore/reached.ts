/** What a search has reached: states of the fleet with what the judges remember, by number, and how each came first. */
export type Way = readonly Readonly<{ from: number; ordinal: number }>[];

/** More than there are pasts. */
const pasts = 2 ** 24;

export class Reached {
  readonly #numbers = new Map<number, number>();
  readonly #fleets: number[] = [];
  readonly #pasts: number[] = [];
  readonly #parents: number[] = [];
  readonly #ordinals: number[] = [];

  get size(): number {
    return this.#parents.length;
  }

  fleet(id: number): number {
    return this.#fleets[id] as number;
  }

  past(id: number): number {
    return this.#pasts[id] as number;
  }

  /** `ordinal`: which of the parent's steps led here. Only the first way is kept. */
  note(fleet: number, past: number, parent: number, ordinal: number): void {
    const key = fleet * pasts + past;
    if (this.#numbers.has(key)) return;
    this.#numbers.set(key, this.size);
    this.#fleets.push(fleet);
    this.#pasts.push(past);
    this.#parents.push(parent);
    this.#ordinals.push(ordinal);
  }

  /** The first that is in this state of the fleet. */
  firstIn(fleet: number): number {
    return this.#fleets.indexOf(fleet);
  }

  /** The way on which it was reached first: one of the shortest. `from` is a state of the fleet. */
  wayTo(id: number): Way {
    const way: { from: number; ordinal: number }[] = [];
    for (let at = id; (this.#parents[at] as number) >= 0; at = this.#parents[at] as number) {
      way.unshift({ from: this.fleet(this.#parents[at] as number), ordinal: this.#ordinals[at] as number });
    }
    return way;
  }
}
