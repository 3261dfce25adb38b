/**
 * Whether this process may believe that it holds the lease.
 *
 * Guarantee: `isHeld()` is false as soon as either clock says that the belief window is over, counted from the moment
 * the last confirmed command was *sent*; a process that was paused gets `false` before it has handled any event.
 * Non-guarantee: nothing about what was begun before. Clock: monotonic and wall, whichever says more time has passed.
 */
import type { Clock } from './ports.ts';

/** A moment on both clocks. */
export type Moment = Readonly<{ wallMs: number; monotonicMs: number }>;

export function momentOf(clock: Clock): Moment {
  return { wallMs: clock.now(), monotonicMs: clock.monotonic() };
}

export class Belief {
  readonly #clock: Clock;
  #since: Moment | undefined;
  #windowMs = 0;
  /** On the monotonic clock: since then it isn't known whether the lease was given away. */
  #suspendedAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A grant or renewal that was sent at that moment is confirmed. Returns what is left of its window, in ms.
   * One that was sent before the belief was suspended says nothing about what became of the lease since.
   */
  confirm(sentAt: Moment, windowMs: number): number {
    this.#since = sentAt;
    this.#windowMs = windowMs;
    if (this.#suspendedAtMs !== undefined && sentAt.monotonicMs > this.#suspendedAtMs) this.resume();
    return this.#leftOfWindowMs();
  }

  end(): void {
    this.#since = undefined;
    this.resume();
  }

  /** While it isn't known whether the lease was given away. */
  suspend(): void {
    this.#suspendedAtMs = this.#clock.monotonic();
  }

  resume(): void {
    this.#suspendedAtMs = undefined;
  }

  isHeld(): boolean {
    return this.leftMs() > 0;
  }

  /** Left of the window in ms; 0 when there is none. */
  leftMs(): number {
    return this.#suspendedAtMs === undefined ? this.#leftOfWindowMs() : 0;
  }

  /** Since the last confirmed command was sent, in ms, by whichever clock says more; undefined without a lease. */
  passedMs(): number | undefined {
    if (!this.#since) return undefined;
    return Math.max(this.#clock.monotonic() - this.#since.monotonicMs, this.#clock.now() - this.#since.wallMs);
  }

  #leftOfWindowMs(): number {
    const passedMs = this.passedMs();
    return passedMs === undefined ? 0 : Math.max(0, this.#windowMs - passedMs);
  }
}
