/**
 * The source calls this pod has heard of, so that a wiped schedule is no excuse to call again.
 *
 * Kept on the monotonic clock as the latest moment each call can have happened: an age is never overstated.
 */
import type { DatasetName } from '../machines/index.ts';
import type { Clock } from './ports.ts';

const mostCalls = 64;

export class CallMemory {
  readonly #clock: Clock;
  readonly #calls = new Map<DatasetName, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ages of the calls in the window, youngest first; the longer account is the truer one. */
  note(dataset: DatasetName, agesMs: readonly number[]): void {
    const now = this.#clock.monotonic();
    const known = this.#calls.get(dataset) ?? [];
    const heard = agesMs.slice(0, mostCalls).map((age) => now - age);
    const isNews = heard.length > 0 && (heard.length >= known.length || (heard[0] ?? 0) > (known[0] ?? 0) + 1);
    if (isNews) this.#calls.set(dataset, heard);
  }

  /** In whole ms, youngest first. */
  agesMs(dataset: DatasetName): number[] {
    const now = this.#clock.monotonic();
    return (this.#calls.get(dataset) ?? []).map((at) => Math.max(0, Math.floor(now - at)));
  }
}
