/**
 * Which faults come, when and for how long: from the seed alone, whatever happens meanwhile. So the order and kinds of
 * faults and their parameters repeat with a seed; how real processes interleave with them can't.
 */
import type { Picker } from '../../src/testing/random.ts';
import type { Fault } from './faults/fault.ts';
import type { Settings } from './settings.ts';

export type PlannedFault = Readonly<{ fault: Fault; afterMs: number; lastsMs: number; seed: number }>;
export type Episode = Readonly<{
  number: number;
  faults: readonly PlannedFault[];
  /** Only the pods' memory can bring lost data back: the source is down until it has. */
  isSourceLast: boolean;
}>;

type Kinds = Readonly<{ aimed: readonly Fault[]; random: readonly Fault[] }>;

/** Of these there is enough for several faults at once. */
const shared = new Set<Fault['resource']>(['pods', 'network']);
const longestDelayMs = 2_500;

export class Planner {
  readonly #picker: Picker;
  readonly #settings: Settings;
  readonly #kinds: Kinds;
  readonly #planned = new Map<Fault, number>();
  #episodes = 0;

  constructor(picker: Picker, settings: Settings, kinds: Kinds) {
    this.#picker = picker;
    this.#settings = settings;
    this.#kinds = kinds;
  }

  /** Every other episode begins with a fault aimed at a moment; one to three faults each. */
  next(): Episode {
    const isAimed = this.#episodes % 2 === 0;
    this.#episodes += 1;
    const first = this.#rarest(isAimed ? this.#kinds.aimed : this.#kinds.random);
    const chosen = [this.#plan(first, 0)];
    const all = [...this.#kinds.random, ...this.#kinds.aimed];
    for (let more = this.#picker.int(3); more > 0; more -= 1) {
      const free = all.filter(
        ({ resource }) => shared.has(resource) || !chosen.some(({ fault }) => fault.resource === resource),
      );
      chosen.push(this.#plan(this.#rarest(free), this.#picker.int(longestDelayMs)));
    }
    return { number: this.#episodes, faults: chosen, isSourceLast: this.#picker.chance(0.5) };
  }

  #plan(fault: Fault, afterMs: number): PlannedFault {
    this.#planned.set(fault, this.#timesPlanned(fault) + 1);
    const [least, most] = fault.lastsMs(this.#settings);
    const lastsMs = least + this.#picker.int(most - least + 1);
    return { fault, afterMs, lastsMs, seed: this.#picker.int(2 ** 31) };
  }

  /** So that every kind gets its turn, and none comes a third time before all have come twice. */
  #rarest(faults: readonly Fault[]): Fault {
    const fewest = Math.min(...faults.map((fault) => this.#timesPlanned(fault)));
    return this.#one(faults.filter((fault) => this.#timesPlanned(fault) === fewest));
  }

  #timesPlanned(fault: Fault): number {
    return this.#planned.get(fault) ?? 0;
  }

  #one(faults: readonly Fault[]): Fault {
    return faults[this.#picker.int(faults.length)] as Fault;
  }
}
