/**
 * A clock that moves only when a test says so: the `Clock` port for tests of one machine or one pod. It is a pod's
 * clock with a timeline of its own.
 */
import { PodClock } from './pod-clock.ts';
import { settled, Timeline } from './timeline.ts';

export class VirtualClock extends PodClock {
  constructor() {
    super(new Timeline());
  }

  /** Lets time pass: runs what is due on the way, and lets promises settle after each timer. */
  advance(durationMs: number): Promise<void> {
    return this.timeline.advance(durationMs);
  }

  /** Promises that can settle without time do. */
  settle(): Promise<void> {
    return settled();
  }

  /** The process is stopped for so long: both clocks go on, and no timer runs. */
  sleep(durationMs: number): void {
    this.timeline.skip(durationMs);
  }
}
