/**
 * A clock that moves only when a test says so: the `Clock` port for unit tests.
 *
 * Timers run in the order of (due time, order of setting), with `now()` at the due time of each; after each one,
 * promises settle before the next. The wall clock can be stepped apart from the monotonic one, and the process can
 * be paused: time passes, and timers that were due run late, as they do in Node.
 */
import { longestDelayMs } from '../../machines/timing.ts';
import type { Clock } from '../../src/ports.ts';

type Timer = { readonly atMs: number; readonly seq: number; readonly run: () => void; isCleared: boolean };

const isBefore = (a: Timer, b: Timer) => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);

/** 2026-01-01, so that wall and monotonic time are never mistaken for each other. */
const startOfWallMs = Date.UTC(2026, 0, 1);

export class VirtualClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs = startOfWallMs;
  #seq = 0;
  /** A binary heap: the next timer stands at 0. */
  readonly #timers: Timer[] = [];

  now(): number {
    return this.#monotonicMs + this.#wallOffsetMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  /** @throws Error where Node would fire at once: that no delay is so long is the caller's duty */
  setTimeout(run: () => void, delayMs: number): Timer {
    if (!(delayMs >= 0 && delayMs <= longestDelayMs)) throw new Error(`no timer takes ${delayMs} ms`);
    const timer: Timer = { atMs: this.#monotonicMs + delayMs, seq: this.#seq++, run, isCleared: false };
    this.#push(timer);
    return timer;
  }

  clearTimeout(id: unknown): void {
    if (id) (id as Timer).isCleared = true;
  }

  /** Lets time pass: runs what is due on the way, and lets promises settle after each timer. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + durationMs;
    await this.settle();
    for (let timer = this.#next(); timer && timer.atMs <= endMs; timer = this.#next()) {
      this.#pop();
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.atMs);
      timer.run();
      await this.settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs);
  }

  /** Promises that can settle without time do. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** The process is stopped for so long: both clocks go on, and no timer runs. */
  pause(durationMs: number): void {
    this.#monotonicMs += durationMs;
  }

  /** Somebody sets the wall clock; the monotonic one doesn't notice. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Timers that are set and neither ran nor were cleared. */
  timers(): number {
    return this.#timers.filter(({ isCleared }) => !isCleared).length;
  }

  #next(): Timer | undefined {
    while (this.#timers[0]?.isCleared) this.#pop();
    return this.#timers[0];
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Timer;
      if (!isBefore(timer, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const child = right && left && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const below = heap[child];
      if (!below || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}
