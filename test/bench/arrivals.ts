/** Within one worker: notes when each of its pods holds the expected publication. */
import type { Rates } from './rates-schema.ts';

export type Round = Readonly<{ serial: number }>;

export class Arrivals {
  readonly #count: number;
  #heldAtNs: bigint[] = [];
  #done: (() => void) | undefined;
  #all: Promise<void> = Promise.resolve();

  constructor(count: number) {
    this.#count = count;
  }

  /** Before the publication. */
  arm(): void {
    this.#heldAtNs = [];
    this.#all = new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  note(): void {
    // The monotonic clock of the machine: one for all processes.
    this.#heldAtNs.push(process.hrtime.bigint());
    if (this.#heldAtNs.length === this.#count) this.#done?.();
  }

  /** Resolves when all pods hold it, to the moments in ns; checks afterwards that they hold what was published. */
  async collect({ serial }: Round, held: () => (Rates | undefined)[]): Promise<string[]> {
    await this.#all;
    const wrong = held().find((rates) => rates?.serial !== serial || !isFrozen(rates));
    if (wrong) throw new Error(`a pod holds publication ${wrong.serial}, not ${serial}, or may change it`);
    return this.#heldAtNs.map(String);
  }
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}
