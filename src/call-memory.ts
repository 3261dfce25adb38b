/**
 * The source calls this pod has heard of, so that a wiped schedule is no excuse to call again.
 *
 * Kept on the monotonic clock as the latest moment each call can have happened: an age is never overstated.
 */
import type { DatasetName } from '../machines/index.ts';
import type { Clock } from './ports.ts';

const mostCalls = 64;
/** Two sightings of one call differ by the time its announcement took. */
const sameCallMs = 1_000;

export class CallMemory {
  readonly #clock: Clock;
  readonly #calls = new Map<DatasetName, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Ages of the calls in the window, youngest first. An account that lacks the last call known here is no news; of
   * two that have it, the longer is the truer one.
   */
  note(dataset: DatasetName, agesMs: readonly number[]): void {
    const now = this.#clock.monotonic();
    const known = this.#calls.get(dataset) ?? [];
    const heard = agesMs.slice(0, mostCalls).map((age) => now - age);
    const [last = Number.NEGATIVE_INFINITY] = known;
    const [heardLast = Number.NEGATIVE_INFINITY] = heard;
    const isNews = heardLast > last + 1 || (heardLast >= last - sameCallMs && heard.length >= known.length);
    if (isNews) this.#calls.set(dataset, heard);
  }

  /** In whole ms, youngest first. */
  agesMs(dataset: DatasetName): number[] {
    const now = this.#clock.monotonic();
    return (this.#calls.get(dataset) ?? []).map((at) => Math.max(0, Math.floor(now - at)));
  }
}
