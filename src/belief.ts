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
  #isSuspended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A grant or renewal that was sent at that moment is confirmed. Returns what is left of the window, in ms. */
  confirm(sentAt: Moment, windowMs: number): number {
    this.#since = sentAt;
    this.#windowMs = windowMs;
    this.#isSuspended = false;
    return this.leftMs();
  }

  end(): void {
    this.#since = undefined;
  }

  /** While it isn't known whether the lease was given away. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
  }

  isHeld(): boolean {
    return this.leftMs() > 0;
  }

  /** Left of the window in ms; 0 when there is none. */
  leftMs(): number {
    if (!this.#since || this.#isSuspended) return 0;
    const passedMs = Math.max(
      this.#clock.monotonic() - this.#since.monotonicMs,
      this.#clock.now() - this.#since.wallMs,
    );
    return Math.max(0, this.#windowMs - passedMs);
  }
}
