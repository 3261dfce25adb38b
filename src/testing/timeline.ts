/**
 * Virtual time: everything that is yet to happen, in the order of (when, order of asking).
 *
 * Guarantee: time moves only from one step to the next, and stands still while a step runs and its promises settle; so
 * equal steps give equal histories. One timeline serves a whole fleet; each pod sees it through a clock of its own
 * (`pod-clock.ts`).
 */
export type Step = {
  readonly atMs: number;
  readonly seq: number;
  /** Whose step it is; undefined for the world's own. */
  readonly owner: unknown;
  /** For people: what runs. */
  readonly what: string;
  readonly run: () => void;
  isCleared: boolean;
};

const isBefore = (a: Step, b: Step) => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);

export class Timeline {
  #nowMs = 0;
  #seq = 0;
  /** A binary heap: the next step stands at 0. */
  readonly #steps: Step[] = [];

  /** Since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** @throws Error for what is no delay */
  after(delayMs: number, run: () => void, what = 'a step', owner?: unknown): Step {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) throw new Error(`nothing happens after ${delayMs} ms`);
    const step: Step = { atMs: this.#nowMs + delayMs, seq: this.#seq++, owner, what, run, isCleared: false };
    this.#push(step);
    return step;
  }

  clear(step: Step): void {
    step.isCleared = true;
  }

  /** The step that is due next. */
  peek(): Step | undefined {
    while (this.#steps[0]?.isCleared) this.#pop();
    return this.#steps[0];
  }

  /** Moves time to the next step and runs it, if it is due by then. Its promises have not settled yet. */
  runNext(byMs: number): Step | undefined {
    const step = this.peek();
    if (!step || step.atMs > byMs) return undefined;
    this.#pop();
    // A clearing that comes too late must not be mistaken for one in time.
    step.isCleared = true;
    this.#nowMs = Math.max(this.#nowMs, step.atMs);
    step.run();
    return step;
  }

  /** Time passes and nothing runs: what was due on the way runs late. */
  skip(durationMs: number): void {
    this.#nowMs += durationMs;
  }

  /** Runs what is due on the way, and lets promises settle after each step. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await settled();
    while (this.runNext(endMs)) await settled();
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** What is yet to happen, in order. */
  pending(): Step[] {
    return this.#steps.filter(({ isCleared }) => !isCleared).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #push(step: Step): void {
    const heap = this.#steps;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Step;
      if (!isBefore(step, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = step;
  }

  #pop(): void {
    const heap = this.#steps;
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

/** Promises that can settle without time have settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
