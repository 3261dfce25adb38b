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

type Grant = Readonly<{ agesMs: readonly number[]; at: number; isAskedAgain?: boolean | undefined }>;

export class CallMemory {
  readonly #clock: Clock;
  readonly #calls = new Map<DatasetName, number[]>();
  /** Up to this time of Redis' clock every call that was heard of is among them. */
  readonly #asOf = new Map<DatasetName, number>();

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

  /**
   * Another pod was given a permit at `at` of Redis' clock; `agesMs` begins with it. It is none of the remembered calls,
   * so those that Redis has forgotten stay beside it; but one that was heard of before, or asked for again, may be.
   */
  noteGrant(dataset: DatasetName, { agesMs, at, isAskedAgain }: Grant): void {
    const isAnother = !isAskedAgain && at > (this.#asOf.get(dataset) ?? Number.NEGATIVE_INFINITY);
    const now = this.#clock.monotonic();
    this.note(dataset, isAnother ? agesMs.slice(1) : agesMs, now);
    if (!isAnother) return;
    const calls = [...(this.#calls.get(dataset) ?? []), now - (agesMs[0] ?? 0)].sort((a, b) => b - a);
    this.#calls.set(dataset, calls.slice(0, mostCalls));
    this.noteAsOf(dataset, at);
  }

  /** Redis told of its calls at that time of its clock. */
  noteAsOf(dataset: DatasetName, at: number): void {
    this.#asOf.set(dataset, Math.max(at, this.#asOf.get(dataset) ?? at));
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
