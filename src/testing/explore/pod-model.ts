/**
 * One pod of the model: the real machines, the real actors (`bindPod`) and the real memory, on states that are values.
 * A step is computed once a state and input, by loading the state into the one live binding and looking at what comes
 * of it; from then on it is a look-up.
 *
 * An actor that waits for an answer can't be copied, so it is replayed: begun again on the memory it began on, then
 * continued on the memory of now.
 */
import type { AnyMachineSnapshot } from 'xstate';
import type { PodId } from '../../../machines/index.ts';
import { Interned, remembered } from './intern.ts';
import { isAgeless, memoryText, nothingRemembered } from './memory-state.ts';
import type { PodBinding } from './pod-binding.ts';
import { visibleContext } from './pod-context.ts';
import type { Input, LocalStep, PodState, Waiting } from './pod-state.ts';

export class PodModel {
  readonly #states = new Interned<PodState>();
  readonly #bindingOf: (podId: PodId) => PodBinding;
  readonly #beliefWindow: number;

  constructor(beliefWindow: number, bindingOf: (podId: PodId) => PodBinding) {
    this.#beliefWindow = beliefWindow;
    this.#bindingOf = bindingOf;
  }

  get size(): number {
    return this.#states.size;
  }

  get(id: number): PodState {
    return this.#states.get(id);
  }

  start(podId: PodId): Promise<LocalStep> {
    const machines = { snapshots: {}, timers: [] };
    const nothing = { podId, machines, memory: nothingRemembered, waiting: [], believes: false, isOver: false };
    return this.#compute(nothing, { type: 'start' });
  }

  async step(id: number, input: Input): Promise<LocalStep> {
    const { memory, waiting } = this.#states.get(id);
    const isOld = waiting.every(({ age }) => age === this.#beliefWindow);
    if (input.type === 'tick' && isOld && isAgeless(memory, this.#beliefWindow)) {
      return { pod: id, asked: [], facts: [], taken: [] };
    }
    return this.#compute(this.#states.get(id), input);
  }

  async #compute(state: PodState, input: Input): Promise<LocalStep> {
    const binding = this.#bindingOf(state.podId);
    const result = await binding.run(state, input);
    const facts = result.facts.map((fact) => ({ ...fact, podId: state.podId }));
    return { pod: this.#keep(result.state), asked: result.asked, facts, taken: result.taken };
  }

  #keep(state: PodState): number {
    return this.#states.idOf(describe(state), () => state);
  }
}

const snapshotText = remembered(({ value, status, context }: AnyMachineSnapshot) =>
  JSON.stringify([value, status, visibleContext(context)]),
);

const waitingText = remembered(({ key, owner, id, input, before, age, answers, question, isAborted }: Waiting) =>
  JSON.stringify([
    key,
    owner,
    id,
    visibleContext((input ?? {}) as Record<string, unknown>),
    memoryText(before),
    age,
    answers,
    question.kind,
    isAborted,
  ]),
);

/** All that makes a difference. */
function describe({ podId, machines, memory, waiting, isOver }: PodState): string {
  const parts = [podId, String(isOver), memoryText(memory)];
  for (const id of Object.keys(machines.snapshots).sort()) {
    parts.push(id, snapshotText(machines.snapshots[id] as AnyMachineSnapshot));
  }
  parts.push(...machines.timers.map(({ owner, id }) => `${owner} ${id}`).sort(), ...waiting.map(waitingText));
  return parts.join('|');
}
