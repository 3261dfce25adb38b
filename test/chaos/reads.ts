/** Promise 8, asked all the time: whoever is awake answers, and with data once it had some. */
import type { PodProcess } from '../harness/pod-process.ts';
import type { Fleet, Slot } from './fleet.ts';
import type { Journal } from './journal.ts';

const everyMs = 500;
/** A read is synchronous: what could hold it back is a process that never gets to it. Generous, for slow machines. */
const answerLimitMs = 10_000;

export class Reads {
  count = 0;
  /** Of them, in pods that could not use Redis. */
  degraded = 0;
  readonly #fleet: Fleet;
  readonly #journal: Journal;
  readonly #timer: NodeJS.Timeout;
  /** The highest revision each pod has answered with. */
  readonly #highest = new WeakMap<PodProcess, number>();

  constructor(fleet: Fleet, journal: Journal) {
    this.#fleet = fleet;
    this.#journal = journal;
    this.#timer = setInterval(() => {
      for (const slot of fleet.awake) this.#read(slot).catch((error: Error) => this.#noteUnanswered(slot, error));
    }, everyMs);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #read(slot: Slot): Promise<void> {
    const { pod } = slot;
    const askedAt = Date.now();
    const timer = setTimeout(() => {
      const wasPaused = slot.pod !== pod || slot.state !== 'awake' || (slot.pausedAt ?? 0) >= askedAt;
      if (!wasPaused) this.#violate(`${pod.podId} has not answered a read for ${answerLimitMs} ms`);
    }, answerLimitMs);
    try {
      const { revision, day, role } = await pod.state();
      this.count += 1;
      if (role === 'degraded') this.degraded += 1;
      const highest = this.#highest.get(pod) ?? 0;
      if (revision < highest || (revision > 0 && day === null))
        this.#violate(`${pod.podId} (${role}) had revision ${highest} and answered ${revision} with ${day}`);
      this.#highest.set(pod, Math.max(highest, revision));
    } finally {
      clearTimeout(timer);
    }
  }

  /** It was ended meanwhile; one that ended by itself is a violation of its own. */
  #noteUnanswered(slot: Slot, error: Error): void {
    this.#journal.noteAct(`a read in place ${slot.number} of ${this.#fleet.slots.length}: ${error.message}`);
  }

  #violate(sentence: string): void {
    this.#journal.violate({ promise: 'serving', at: Date.now(), sentence });
  }
}
