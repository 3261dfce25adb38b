/**
 * A sorted set as Redis has it: members by score, then by name; ranks from 0.
 *
 * Finding a rank takes O(log n), so that a fleet of 10,000 simulated pods can poll. No clock.
 */
type Entry = Readonly<{ member: string; score: number }>;

function isBefore(a: Entry, b: Entry): boolean {
  return a.score === b.score ? a.member < b.member : a.score < b.score;
}

export class SortedSet {
  #entries: Entry[] = [];
  #byMember = new Map<string, Entry>();

  get size(): number {
    return this.#entries.length;
  }

  /** ZADD */
  set(member: string, score: number): void {
    this.delete(member);
    const entry = { member, score };
    this.#entries.splice(this.#placeOf(entry), 0, entry);
    this.#byMember.set(member, entry);
  }

  /** ZREM */
  delete(member: string): boolean {
    const entry = this.#byMember.get(member);
    if (!entry) return false;
    this.#entries.splice(this.#placeOf(entry), 1);
    return this.#byMember.delete(member);
  }

  has(member: string): boolean {
    return this.#byMember.has(member);
  }

  score(member: string): number | undefined {
    return this.#byMember.get(member)?.score;
  }

  rank(member: string): number | undefined {
    const entry = this.#byMember.get(member);
    return entry && this.#placeOf(entry);
  }

  /** How many have at least this score. */
  countFrom(score: number): number {
    return this.size - this.#firstFrom(score);
  }

  /** Members with a score under this one, lowest first. */
  under(score: number, limit: number): string[] {
    return this.#entries.slice(0, Math.min(limit, this.#firstFrom(score))).map(({ member }) => member);
  }

  /** Members with a whole-numbered score over this one, lowest first. */
  over(score: number, limit: number): string[] {
    const first = this.#firstFrom(score + 1);
    return this.#entries.slice(first, first + limit).map(({ member }) => member);
  }

  members(): string[] {
    return this.#entries.map(({ member }) => member);
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#entries.map(({ member, score }) => [member, score]));
  }

  copy(): SortedSet {
    const copy = new SortedSet();
    copy.#entries = [...this.#entries];
    copy.#byMember = new Map(this.#byMember);
    return copy;
  }

  #firstFrom(score: number): number {
    return this.#placeOf({ member: '', score });
  }

  /** Index of the first entry that is not before this one. */
  #placeOf(entry: Entry): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#entries[middle] as Entry, entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
