/** How the fleet under chaos is set up: short times, so that much happens in a minute, all drawn from the seed. */
import { Timing } from '../../machines/index.ts';
import { silenceLimitMs } from '../../src/redis/options.ts';
import type { Picker } from '../../src/testing/random.ts';

export type Settings = Readonly<{
  pods: number;
  refreshIntervalMs: number;
  budget: { calls: number; perMs: number };
  timing: Timing;
  /** Promise 7: after the last fault has ended, one leader, and a revision published since then on every pod. */
  convergenceBoundMs: number;
}>;

/** All processes share one clock; by so much an overloaded machine may let one tell late what the other saw early. */
export const clockToleranceMs = 100;

/** Between its permit and its arrival, as the source counts it: one belief window, and the same tolerance. */
export const callToleranceOf = ({ timing }: Settings) => timing.beliefWindowMs + clockToleranceMs;

export function drawSettings(picker: Picker, pods: number): Settings {
  const timing = Timing.parse({
    leaseTtlMs: picker.one([3_000, 5_000, 8_000]),
    pollIntervalMs: 5_000,
    misconfiguredRetryMs: 2_000,
    retryCapMs: 2_000,
  });
  const refreshIntervalMs = 2_000;
  const budget = { calls: 8, perMs: 10_000 };
  return { pods, refreshIntervalMs, budget, timing, convergenceBoundMs: boundOf(timing, refreshIntervalMs, budget) };
}

/** Starting processes again, on a machine that does other things as well. */
const machineMs = 12_000;

/**
 * The worst that can follow each other: the silence of a half-open connection is noticed, the wait of a pod that Redis
 * had refused, a lock that nobody may take over expires, a poll finds it, what failed is tried again, the budget's
 * window moves on, and the next call is due.
 */
function boundOf(timing: Timing, refreshIntervalMs: number, budget: Settings['budget']): number {
  const waits = [
    silenceLimitMs,
    1.2 * timing.misconfiguredRetryMs,
    timing.leaseTtlMs,
    1.2 * timing.pollIntervalMs,
    timing.retryCapMs,
    timing.graceMs,
    budget.perMs,
    refreshIntervalMs,
  ];
  return Math.round(waits.reduce((sum, ms) => sum + ms, machineMs));
}
