/**
 * The source calls this pod has heard of, so that a wiped schedule is no excuse to call again.
 *
 * Kept on the monotonic clock as the latest moment each call can have happened: an age is never overstated, but of this
 * pod's own permits, by less than a belief window.
 */
import type { DatasetName } from '../machines/index.ts';
import type { Clock } from './ports.ts';

const mostCalls = 64;
/** Two sightings of one call differ by the time its announcement took; see `sameCallMs` of lib/schedule.lua. */
const sameCallMs = 1_000;

export class CallMemory {
  readonly #clock: Clock;
  readonly #calls = new Map<DatasetName, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Ages of the calls in the window, youngest first. Neither account invents a call, and either may lack one: so the
   * k-th youngest of all is at least as young as the k-th youngest of each. The ages are as of `now`.
   */
  note(dataset: DatasetName, agesMs: readonly number[], now = this.#clock.monotonic()): void {
    const known = this.#calls.get(dataset) ?? [];
    const length = Math.min(Math.max(known.length, agesMs.length), mostCalls);
    const merged = Array.from({ length }, (_, k) =>
      Math.max(known[k] ?? Number.NEGATIVE_INFINITY, now - (agesMs[k] ?? Number.POSITIVE_INFINITY)),
    );
    this.#calls.set(dataset, merged);
  }

  /** Whether more calls are remembered from the last `perMs` than these `agesMs`: then Redis has forgotten some. */
  hasMoreThan(agesMs: readonly number[], dataset: DatasetName, perMs: number): boolean {
    return this.agesMs(dataset).filter((ageMs) => ageMs < perMs - sameCallMs).length > agesMs.length;
  }

  /** In whole ms, youngest first. */
  agesMs(dataset: DatasetName): number[] {
    const now = this.#clock.monotonic();
    return (this.#calls.get(dataset) ?? []).map((at) => Math.max(0, Math.floor(now - at)));
  }
}
