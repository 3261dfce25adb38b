/** At most so many calls in any window of this length; calls that are refused don't count. Times come in. */
export type RateLimit = Readonly<{ calls: number; perMs: number }>;

export class RateLimiter {
  readonly #limit: RateLimit | undefined;
  #taken: number[] = [];

  constructor(limit: RateLimit | undefined) {
    this.#limit = limit;
  }

  /** Takes a place and returns 0, or returns the ms until the next place is free. */
  take(nowMs: number): number {
    if (!this.#limit) return 0;
    const { calls, perMs } = this.#limit;
    this.#taken = this.#taken.filter((atMs) => nowMs - atMs < perMs);
    const oldest = this.#taken[0];
    if (oldest !== undefined && this.#taken.length >= calls) return oldest + perMs - nowMs;
    this.#taken.push(nowMs);
    return 0;
  }
}
