/** What was found to happen in one state of the fleet: as steps, which the judges and the graph of states take in. */
import { type Draft, type Entry, type FleetStates, gone, type Link, type Ran } from './fleet-state.ts';
import type { FaultKind } from './story.ts';

export type Step = Readonly<{
  state: readonly number[];
  /** Who does what. Told only where somebody reads it. */
  podId: string | undefined;
  does: () => string;
  fault: FaultKind | undefined;
  entries: readonly Entry[];
  taken: readonly (readonly string[])[];
  ran: readonly Ran[];
}>;

export class FoundSteps {
  readonly steps: Step[] = [];
  /** The state in which all of them begin. */
  readonly now: Draft;
  /** How many were left out, because too many messages would wait after them. */
  leftOut = 0;
  readonly #states: FleetStates;

  constructor(states: FleetStates, now: Draft) {
    this.#states = states;
    this.now = now;
  }

  add(draft: Draft, podId: string | undefined, does: () => string, fault: FaultKind | undefined): void {
    for (const link of draft.links) {
      if (!this.#isOverfull(link)) continue;
      this.leftOut++;
      return;
    }
    this.#noteAnswers(draft);
    const { taken, ran } = draft;
    const isLate = draft.entries.some((entry) => this.#isHeardTooLate(draft, entry));
    const entries = isLate ? draft.entries.filter((entry) => !this.#isHeardTooLate(draft, entry)) : draft.entries;
    this.steps.push({ podId, does, fault, state: this.#states.encode(draft), entries, taken, ran });
  }

  /** What `isLeader()` answers now, where it answered otherwise. */
  #noteAnswers(draft: Draft): void {
    const { now } = this;
    for (let place = 0; place < this.#states.terms.places; place++) {
      const believes = this.#states.believes(draft, place);
      if (believes === this.#states.believes(now, place)) continue;
      const life = believes || draft.pods[place] !== gone ? draft : now;
      draft.entries.push(answered(this.#states.podId(life, place), believes));
    }
  }

  #isOverfull({ messages }: Link): boolean {
    if (messages.length <= 1) return false;
    const { terms } = this.#states;
    if (messages.length > terms.messages) return true;
    let replies = 0;
    for (const id of messages) if (this.#states.messages.get(id).key !== undefined) replies++;
    return replies > terms.replies;
  }

  /** A grant of which the pod hears when its window is over: it never leads under it, whatever it tells. */
  #isHeardTooLate(draft: Draft, { type, podId }: Entry): boolean {
    if (type !== 'lease.granted') return false;
    const place = draft.pods.findIndex((_, index) => this.#states.podId(draft, index) === podId);
    const pod = draft.pods[place];
    if (pod === undefined || pod === gone) return false;
    const { memory, believes } = this.#states.terms.pods.get(pod);
    return !believes && memory.suspendedAge === undefined;
  }
}

const answers = new Map<string, Entry>();

/** The same answer is the same object. */
function answered(podId: string, isLeader: boolean): Entry {
  const key = `${podId} ${isLeader}`;
  const entry = answers.get(key) ?? { type: 'pod.answered', podId, isLeader };
  answers.set(key, entry);
  return entry;
}
