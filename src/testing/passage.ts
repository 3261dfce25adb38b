/**
 * How time passes for a fleet: step by step, each with the promises that follow from it.
 *
 * Guarantee: it stops at the stated end, and where steps follow each other without any time passing.
 */
import { type Step, settled, type Timeline } from './timeline.ts';

/** More than this at one instant is no simulation but a loop. */
const mostStepsAtOnce = 1_000_000;

type Hooks = Readonly<{
  /** `owner`: whose step it was. */
  afterStep(owner: unknown): void;
  /** What is still going on, for a person. */
  describe(): string;
}>;

export class Passage {
  readonly #timeline: Timeline;
  readonly #hooks: Hooks;
  #stepsAtOnce = 0;
  /** How many let it pass now. */
  #running = 0;

  constructor(timeline: Timeline, hooks: Hooks) {
    this.#timeline = timeline;
    this.#hooks = hooks;
  }

  /** Looks at the predicate once at the end of each instant. Returns whether it came true. */
  async until(endMs: number, isSo: () => boolean): Promise<boolean> {
    return this.#counted(async () => {
      await settled();
      if (isSo()) return true;
      for (let step = await this.#next(endMs); step; step = await this.#next(endMs)) {
        if (this.#stepsAtOnce === 0 && isSo()) return true;
      }
      await this.#timeline.advance(Math.max(0, endMs - this.#timeline.nowMs));
      return isSo();
    });
  }

  /** Until a promise settles; steps aside while somebody else lets time pass. Returns whether it did. */
  async whilePending(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
    let isPending = true;
    const end = () => {
      isPending = false;
    };
    promise.then(end, end);
    await settled();
    for (let leftMs = limitMs; isPending && leftMs > 0; ) {
      if (this.#running > 0) await settled();
      else {
        const fromMs = this.#timeline.nowMs;
        if (!(await this.#counted(() => this.#next(fromMs + leftMs)))) break;
        leftMs -= this.#timeline.nowMs - fromMs;
      }
    }
    return !isPending;
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
    }
  }

  async #next(byMs: number): Promise<Step | undefined> {
    const timeline = this.#timeline;
    const step = timeline.runNext(byMs);
    if (!step) return undefined;
    // What Redis does by itself is done at once; only a process has promises that follow from each other.
    if (step.owner === undefined) await undefined;
    else await settled();
    this.#hooks.afterStep(step.owner);
    const next = timeline.peek();
    this.#countSteps(!next || next.atMs > timeline.nowMs);
    return step;
  }

  #countSteps(isInstantOver: boolean): void {
    this.#stepsAtOnce = isInstantOver ? 0 : this.#stepsAtOnce + 1;
    if (this.#stepsAtOnce > mostStepsAtOnce)
      throw new Error(
        `${mostStepsAtOnce} steps without any time passing: this never settles.\n${this.#hooks.describe()}`,
      );
  }
}
