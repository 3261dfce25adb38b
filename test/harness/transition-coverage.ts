/**
 * Which states were entered and which transitions were taken by the machines of one test file, as the interpreter
 * itself tells (`@xstate.microstep`). A transition is a state, an event and a place in the list of its guards.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate';

const entered = new Set<string>();
const taken = new Set<string>();

/** To be passed to `createActor` as `inspect`. */
export function noteTransitions(event: InspectionEvent): void {
  if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
  const { _nodes } = event.snapshot as { _nodes?: AnyStateNode[] };
  for (const node of _nodes ?? []) entered.add(node.id);
  if (event.type === '@xstate.snapshot') return;
  for (const transition of event._transitions) {
    taken.add(nameOf(transition));
    // Where a step only passes through, no snapshot shows it.
    for (const target of transition.target ?? []) entered.add(target.id);
  }
}

/** The states of a machine that no test of this file has entered. */
export function statesNeverEntered(machine: AnyStateMachine): string[] {
  return nodesOf(machine.root)
    .map(({ id }) => id)
    .filter((id) => !entered.has(id));
}

/** The transitions of a machine that no test of this file has taken. */
export function transitionsNeverTaken(machine: AnyStateMachine): string[] {
  return nodesOf(machine.root)
    .flatMap(transitionsOf)
    .map(nameOf)
    .filter((name) => !taken.has(name));
}

export function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(nodesOf)];
}

export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

/** `lease.believed.held on xstate.after.renewInterval… [0] -> lease.believed.renewing` */
export function nameOf(transition: AnyTransitionDefinition): string {
  const { source, eventType, target } = transition;
  const siblings = eventType === '' ? source.always : source.transitions.get(eventType);
  const place = siblings?.indexOf(transition) ?? -1;
  const targets = (target ?? []).map(({ id }) => id).join(', ') || 'itself';
  return `${source.id} on ${eventType || 'always'} [${place}] -> ${targets}`;
}
