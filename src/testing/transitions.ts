/** The states and transitions of a machine, each by a name that a person can find in its file. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { transitionIdOf } from '../../machines/index.ts';

export function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states as Record<string, AnyStateNode>).flatMap(nodesOf)];
}

export function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

/** Its id, as in the pictures, and where it leads: `lease.believed.held:after.renewInterval:0 -> lease.believed.renewing` */
export function nameOf(transition: AnyTransitionDefinition): string {
  const targets = (transition.target ?? []).map(({ id }) => id).join(', ') || 'itself';
  return `${transitionIdOf(transition)} -> ${targets}`;
}

export function transitionNames(machine: AnyStateMachine): string[] {
  return nodesOf(machine.root).flatMap(transitionsOf).map(nameOf);
}
