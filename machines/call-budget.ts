/** Calls against a budget in a sliding window, whoever counted them: the pods' trace, or the source itself. */

export type Overspending = Readonly<{ at: number; made: number; withinMs: number; allowed: number }>;
type Terms = Readonly<{
  calls: number;
  perMs: number;
  /** When Redis lost what it knew of calls: each allows one more in the windows that it lies in. */
  losses: readonly number[];
  /** How far calls may bunch. */
  callToleranceMs: number;
}>;

/** The calls that were one too many, each with the largest window that shows it. `callsAt` is in order. */
export function overspendings(callsAt: readonly number[], terms: Terms): Overspending[] {
  const { calls, perMs, losses, callToleranceMs } = terms;
  return callsAt.flatMap((at, last) => {
    for (let first = 0; first <= last - calls; first++) {
      const from = callsAt[first] ?? 0;
      if (at - from >= perMs - callToleranceMs) continue;
      const lost = losses.filter((lostAt) => lostAt >= from - callToleranceMs && lostAt <= at).length;
      const made = last - first + 1;
      if (made > calls + lost) return [{ at, made, withinMs: at - from, allowed: calls + lost }];
    }
    return [];
  });
}
