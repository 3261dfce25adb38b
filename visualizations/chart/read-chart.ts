/** A machine as plain data, read off the running machine's own nodes: what every picture and file is made from. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { type Trigger, transitionIdOf, triggerOf } from '../../machines/chart-ids.ts';

export type ChartTransition = Readonly<{
  id: string;
  source: string;
  /** Id of the target; none: the state isn't left. */
  target: string | undefined;
  trigger: Trigger;
  guard: string | undefined;
  actions: readonly string[];
  reenters: boolean;
  /** Every failover transition has one (test/unit/machine-rules.test.ts). */
  description: string | undefined;
}>;

export type ChartState = Readonly<{
  id: string;
  key: string;
  type: 'atomic' | 'compound' | 'final';
  isInitial: boolean;
  description: string | undefined;
  entry: readonly string[];
  exit: readonly string[];
  /** The actors that run while the state is active. */
  invokes: readonly Readonly<{ id: string; actor: string }>[];
  transitions: readonly ChartTransition[];
  states: readonly ChartState[];
}>;

export function readChart(machine: AnyStateMachine): ChartState {
  return readState(machine.root);
}

/** A state and all below it, from outside in. */
export function statesOf(state: ChartState): ChartState[] {
  return [state, ...state.states.flatMap(statesOf)];
}

export function transitionsOf(state: ChartState): ChartTransition[] {
  return statesOf(state).flatMap(({ transitions }) => transitions);
}

export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}

function readState(node: AnyStateNode): ChartState {
  if (!isDrawable(node.type)) throw new Error(`${node.id} is ${node.type}: no picture is drawn of such states yet`);
  return {
    id: node.id,
    key: node.key,
    type: node.type,
    isInitial: node.parent?.initial?.target[0] === node,
    description: node.description,
    entry: namesOf(node.config.entry),
    exit: namesOf(node.config.exit),
    invokes: node.invoke.map(({ id, src }) => ({ id, actor: nameOf(src) })),
    transitions: [...(node.always ?? []), ...[...node.transitions.values()].flat()].map(readTransition),
    states: Object.values(node.states as Record<string, AnyStateNode>).map(readState),
  };
}

function readTransition(transition: AnyTransitionDefinition): ChartTransition {
  const { source, target, guard, actions, reenter, description } = transition;
  return {
    id: transitionIdOf(transition),
    source: source.id,
    target: target?.[0]?.id,
    trigger: triggerOf(transition),
    guard: guard === undefined ? undefined : nameOf(guard),
    actions: namesOf(actions),
    reenters: reenter,
    description,
  };
}

function isDrawable(type: AnyStateNode['type']): type is ChartState['type'] {
  return type === 'atomic' || type === 'compound' || type === 'final';
}

function namesOf(named: unknown): string[] {
  return [named ?? []].flat().map(nameOf);
}

/** An action, a guard or an actor is named by a string or by an object with a `type` (house rule: none is inline). */
function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  const { type } = named as { type?: unknown };
  if (typeof type !== 'string') throw new Error('an inline implementation has no name to draw');
  return type;
}
