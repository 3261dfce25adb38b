/** Within one worker: notes when each of its pods holds the expected publication. */
import type { Rates } from './rates-schema.ts';

export type Round = Readonly<{ serial: number }>;

/** Moments on the machine's monotonic clock, ns, as text; and what the round cost this process. */
export type Arrived = Readonly<{ heldAtNs: string[]; cpuMs: number }>;

/** What is done after the last pod holds it belongs to the cost as well. */
const aftermathMs = 30;

export class Arrivals {
  readonly #count: number;
  #heldAtNs: bigint[] = [];
  #done: (() => void) | undefined;
  #all: Promise<void> = Promise.resolve();
  #cpuBefore = process.cpuUsage();

  constructor(count: number) {
    this.#count = count;
  }

  /** Before the publication. */
  arm(): void {
    this.#heldAtNs = [];
    this.#all = new Promise((resolve) => {
      this.#done = resolve;
    });
    this.#cpuBefore = process.cpuUsage();
  }

  note(): void {
    // The monotonic clock of the machine: one for all processes.
    this.#heldAtNs.push(process.hrtime.bigint());
    if (this.#heldAtNs.length === this.#count) this.#done?.();
  }

  /** Resolves when all pods hold it; checks afterwards that they hold what was published. */
  async collect({ serial }: Round, held: () => (Rates | undefined)[]): Promise<Arrived> {
    await this.#all;
    await new Promise((resolve) => setTimeout(resolve, aftermathMs));
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const wrong = held().find((rates) => rates?.serial !== serial || !isFrozen(rates));
    if (wrong) throw new Error(`a pod holds publication ${wrong.serial}, not ${serial}, or may change it`);
    return { heldAtNs: this.#heldAtNs.map(String), cpuMs: (user + system) / 1_000 };
  }
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}
