/**
 * The model's abstraction of time: whole ticks. Everything that is compared with a clock (belief window, grace, TTL,
 * ages of calls) is a small number of ticks, and a tick passes for all clocks at once. Everything that only waits
 * (renewals, polls, retries, turns) may fire at any moment, early or late: the model covers every real delay.
 */
import { Timing } from '../../../machines/index.ts';

/** Longer than what the schedule takes for two sightings of one call. */
export const tickMs = 10_000;

/** Every clock of the model shows this moment for ever: time passes by things growing older. */
export const nowMs = 1_000 * tickMs;

/** In ticks. */
export type Ticks = Readonly<{ beliefWindow: number; grace: number; leaseTtl: number; interval: number }>;

/** Relations between durations are not checked: a model may break them to show what comes of it. */
export function timingOf({ beliefWindow, grace, leaseTtl }: Ticks): Timing {
  return {
    ...Timing.parse({}),
    beliefWindowMs: beliefWindow * tickMs,
    graceMs: grace * tickMs,
    leaseTtlMs: leaseTtl * tickMs,
    pollIntervalMs: 1_000 * tickMs,
  };
}

/** How many ticks ago that was, and never more than `most`: older makes no difference. */
export function ageInTicks(at: number, now: number, most: number): number {
  return Math.min(Math.round((now - at) / tickMs), most);
}
