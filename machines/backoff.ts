/**
 * Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 * Pure: randomness comes in as a number.
 */
import { clampDelay } from './timing.ts';

/** Failures in a row beyond this many change nothing, so counters stop here. */
export const attemptCap = 30;

export type Backoff = Readonly<{ baseMs: number; capMs: number }>;

/**
 * Wait before try number `attempt` + 1, in ms.
 *
 * @param attempt failures in a row so far, from 1
 * @param random in [0, 1): full jitter draws between 0 and the ceiling, but never under a tenth of it, so that
 *   no chain of small draws becomes a tight loop
 */
export function backoffDelay({ baseMs, capMs }: Backoff, attempt: number, random: number): number {
  const exponent = Math.min(Math.max(attempt, 1), attemptCap) - 1;
  const ceiling = Math.min(capMs, baseMs * 2 ** exponent);
  return clampDelay(ceiling * Math.max(0.1, random));
}

/** One more failure; saturates. */
export function nextAttempt(attempt: number): number {
  return Math.min(attempt + 1, attemptCap);
}
