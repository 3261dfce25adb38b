/**
 * Which states were entered and which transitions were taken, as the interpreter itself tells (`@xstate.microstep`).
 * A transition is a state, an event and a place in the list of its guards.
 */
import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';
import { nameOf, nodesOf, transitionNames } from './transitions.ts';

export class TransitionCoverage {
  readonly #entered = new Set<string>();
  readonly #taken = new Set<string>();
  /** Each pod has machines of its own: what was noted once need not be named again. */
  readonly #noted = new WeakSet<object>();

  /** To be passed to `createActor`, or to `createDataManager`, as `inspect`. */
  readonly note = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
    const { _nodes } = event.snapshot as { _nodes?: AnyStateNode[] };
    for (const node of _nodes ?? []) this.#entered.add(node.id);
    if (event.type === '@xstate.snapshot') return;
    for (const transition of event._transitions) {
      if (this.#noted.has(transition)) continue;
      this.#noted.add(transition);
      this.#taken.add(nameOf(transition));
      // Where a step only passes through, no snapshot shows it.
      for (const target of transition.target ?? []) this.#entered.add(target.id);
    }
  };

  /** Takes in what another run, perhaps in another process, has noted. */
  add({ states, transitions }: CoverageNotes): void {
    for (const state of states) this.#entered.add(state);
    for (const transition of transitions) this.#taken.add(transition);
  }

  notes(): CoverageNotes {
    return { states: [...this.#entered], transitions: [...this.#taken] };
  }

  statesNeverEntered(machine: AnyStateMachine): string[] {
    return nodesOf(machine.root)
      .map(({ id }) => id)
      .filter((id) => !this.#entered.has(id));
  }

  transitionsNeverTaken(machine: AnyStateMachine): string[] {
    return transitionNames(machine).filter((name) => !this.#taken.has(name));
  }
}

/** What was covered, by name; plain data. */
export type CoverageNotes = Readonly<{ states: readonly string[]; transitions: readonly string[] }>;
