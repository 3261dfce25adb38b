/** What was done and how it went, in numbers. */
export class Tally {
  /** By kind: injected, and planned without a chance (no leader at that time, the moment did not come). */
  readonly faults = new Map<string, { injected: number; missed: number }>();
  readonly convergencesMs: number[] = [];
  episodes = 0;
  /** Whether Redis has the newest version; of them, those while the source was down. */
  readonly looks = { all: 0, withoutSource: 0 };

  noteFault(kind: string, isInjected: boolean): void {
    const count = this.faults.get(kind) ?? { injected: 0, missed: 0 };
    if (isInjected) count.injected += 1;
    else count.missed += 1;
    this.faults.set(kind, count);
  }

  /** @param tookMs nothing when it did not come to that in time */
  noteConvergence(tookMs: number | undefined): void {
    this.episodes += 1;
    if (tookMs !== undefined) this.convergencesMs.push(tookMs);
  }

  noteLook(isWithoutSource: boolean): void {
    this.looks.all += 1;
    if (isWithoutSource) this.looks.withoutSource += 1;
  }

  injected(pattern: RegExp): number {
    return [...this.faults].reduce((sum, [kind, { injected }]) => (pattern.test(kind) ? sum + injected : sum), 0);
  }
}
