/** The calls as the API saw them: one an interval and dataset, whoever made it. */

export type Gaps = Readonly<{ shortestMs: number | undefined; violations: readonly string[] }>;

/**
 * Checks every window, not only neighbours: n + 1 calls take at least n intervals, less the tolerance once. So a
 * fleet that is a little too fast every time is found, too.
 *
 * @param toleranceMs a permit is used within one belief window, so calls may come closer by that much
 */
export function gapsOf(dataset: string, times: readonly number[], intervalMs: number, toleranceMs: number): Gaps {
  const violations: string[] = [];
  let shortestMs: number | undefined;
  /** The call that came latest, measured by a clock that ticks once an interval. */
  let latest = 0;
  for (const [index, at] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined) shortestMs = Math.min(shortestMs ?? Number.POSITIVE_INFINITY, at - before);
    const lag = (of: number) => (times[of] ?? 0) - of * intervalMs;
    if (lag(latest) - lag(index) > toleranceMs) {
      const [calls, withinMs] = [index - latest + 1, at - (times[latest] ?? 0)];
      violations.push(`${calls} calls of ${dataset} within ${withinMs} ms, one is due every ${intervalMs} ms`);
      // One fault is told once.
      latest = index;
    }
    if (lag(index) >= lag(latest)) latest = index;
  }
  return { shortestMs, violations };
}
