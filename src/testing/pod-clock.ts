/**
 * One pod's view of virtual time: its monotonic clock, its wall clock and its timers.
 *
 * It can be fast or slow (`setRate`), its wall clock can be set (`stepWall`), and the process behind it can be paused
 * (both clocks go on, nothing runs; what came due runs when it is resumed: timers first, then messages, as in Node) or
 * killed (nothing ever runs again).
 */

import { z } from 'zod';
import { longestDelayMs } from '../../machines/index.ts';
import { Duration } from '../duration.ts';
import type { Clock } from '../ports.ts';
import type { Step, Timeline } from './timeline.ts';

/** 2026-01-01, so that wall and monotonic time are never mistaken for each other. */
export const startOfWallMs = Date.UTC(2026, 0, 1);

/** By how much a wall clock is set: `'1h'` forwards, `'-1h'` backwards, or a number of ms. Out: whole ms. */
export const ClockStep = z.union([z.number(), z.string()]).transform((value, context) => {
  const isBack = typeof value === 'number' ? value < 0 : value.startsWith('-');
  const size = typeof value === 'number' ? Math.abs(value) : value.replace('-', '');
  if (size === 0) return 0;
  const { data, error } = Duration.safeParse(size);
  if (data !== undefined) return isBack ? -data : data;
  context.addIssue({ code: 'custom', message: error.issues[0]?.message });
  return z.NEVER;
});
export type ClockStep = z.input<typeof ClockStep>;

type Timer = { readonly dueMs: number; readonly run: () => void; step: Step | undefined };

export class PodClock implements Clock {
  readonly timeline: Timeline;
  /** Whose steps these are. */
  readonly #owner: unknown;
  readonly #timers = new Set<Timer>();
  #rate = 1;
  /** Both clocks are reckoned from the moment when the rate was set. */
  #rateSinceMs: number;
  #monotonicThenMs = 0;
  #wallOffsetMs = startOfWallMs;
  /** What came due in a pause. */
  #held: { timers: Timer[]; messages: (() => void)[] } | undefined;
  #isKilled = false;

  constructor(timeline: Timeline, owner?: unknown) {
    this.timeline = timeline;
    this.#owner = owner;
    this.#rateSinceMs = timeline.nowMs;
    this.#wallOffsetMs += timeline.nowMs;
  }

  now(): number {
    return Math.floor(this.monotonic() + this.#wallOffsetMs);
  }

  monotonic(): number {
    return this.#monotonicThenMs + (this.timeline.nowMs - this.#rateSinceMs) * this.#rate;
  }

  /** @throws Error where Node would fire at once: that no delay is so long is the caller's duty */
  setTimeout(run: () => void, delayMs: number): Timer {
    if (!(delayMs >= 0 && delayMs <= longestDelayMs)) throw new Error(`no timer takes ${delayMs} ms`);
    const timer: Timer = { dueMs: this.monotonic() + delayMs, run, step: undefined };
    if (!this.#isKilled) this.#arm(timer, delayMs / this.#rate);
    return timer;
  }

  clearTimeout(id: unknown): void {
    if (!id) return;
    const timer = id as Timer;
    this.#timers.delete(timer);
    if (timer.step) this.timeline.clear(timer.step);
    if (this.#held) this.#held.timers = this.#held.timers.filter((held) => held !== timer);
  }

  /** Something reaches the process from outside: now, or when it is resumed, or never. */
  deliver(run: () => void): void {
    if (this.#isKilled) return;
    if (this.#held) this.#held.messages.push(run);
    else run();
  }

  pause(): void {
    this.#held ??= { timers: [], messages: [] };
  }

  resume(): void {
    const held = this.#held;
    this.#held = undefined;
    if (!held || this.#isKilled) return;
    for (const timer of held.timers.sort((a, b) => a.dueMs - b.dueMs)) this.#arm(timer, 0);
    for (const run of held.messages) {
      this.timeline.after(0, () => this.deliver(run), 'a message from the pause', this.#owner);
    }
  }

  /** From here on this clock gains or loses: 1.01 is 1 % too fast. Timers keep their due times on this clock. */
  setRate(rate: number): void {
    if (!(Number.isFinite(rate) && rate > 0)) throw new Error(`no clock runs at the rate ${rate}`);
    this.#monotonicThenMs = this.monotonic();
    this.#rateSinceMs = this.timeline.nowMs;
    this.#rate = rate;
    for (const timer of [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)) {
      if (timer.step) this.timeline.clear(timer.step);
      this.#arm(timer, Math.max(0, timer.dueMs - this.#monotonicThenMs) / rate);
    }
  }

  get rate(): number {
    return this.#rate;
  }

  /** Somebody sets the wall clock; the monotonic one doesn't notice. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  kill(): void {
    this.#isKilled = true;
    this.#held = undefined;
    for (const { step } of this.#timers) if (step) this.timeline.clear(step);
    this.#timers.clear();
  }

  /** Timers that are set and neither ran nor were cleared. */
  timers(): number {
    return this.#timers.size + (this.#held?.timers.length ?? 0);
  }

  #arm(timer: Timer, delayMs: number): void {
    this.#timers.add(timer);
    timer.step = this.timeline.after(delayMs, () => this.#fire(timer), 'a timer', this.#owner);
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.step = undefined;
    if (this.#held) this.#held.timers.push(timer);
    else timer.run();
  }
}
