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
  /**
   * On the monotonic clock: what was sent by then says nothing about whether the lease was given away. Infinite while an
   * offer is under way: commands overtake each other.
   */
  #suspendedUntilMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A grant or renewal that was sent at that moment is confirmed. Returns what is left of its window, in ms.
   * One that was sent while the belief was suspended says nothing about what became of the lease since.
   */
  confirm(sentAt: Moment, windowMs: number): number {
    this.#since = sentAt;
    this.#windowMs = windowMs;
    if (this.#suspendedUntilMs !== undefined && sentAt.monotonicMs > this.#suspendedUntilMs) this.resume();
    return this.#leftOfWindowMs();
  }

  end(): void {
    this.#since = undefined;
    this.resume();
  }

  /** An offer is under way: another pod may hold the lease before its answer comes. */
  suspend(): void {
    this.#suspendedUntilMs = Number.POSITIVE_INFINITY;
  }

  /** The offer got no answer: the next command that is sent finds out what became of the lease. */
  resumeWhenConfirmed(): void {
    if (this.#suspendedUntilMs !== undefined) this.#suspendedUntilMs = this.#clock.monotonic();
  }

  resume(): void {
    this.#suspendedUntilMs = undefined;
  }

  isHeld(): boolean {
    return this.leftMs() > 0;
  }

  /** Left of the window in ms; 0 when there is none. */
  leftMs(): number {
    return this.#suspendedUntilMs === undefined ? this.#leftOfWindowMs() : 0;
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
