/** The paths of an environment model, bounded: in its states, in their number, and in what follows from one event. */
import { type AnyMachineSnapshot, type AnyStateMachine, getInitialSnapshot, StateMachine } from 'xstate';
import { getAdjacencyMap, getShortestPaths, serializeSnapshot } from 'xstate/graph';
import type { FailoverEvent } from './failover-driver.ts';
import { nodesOf } from './transitions.ts';

/** An event, and the state after it. Every path begins with one that is XState's own. */
export type Step = Readonly<{ event: FailoverEvent; state: AnyMachineSnapshot }>;

export type PathOptions = Readonly<{
  paths: 'shortest' | 'simple';
  /** To be tried in every state. */
  events: readonly FailoverEvent[];
  mostStates: number;
  mostPaths: number;
}>;

/** Eventless steps after one event. A model that takes more goes in a circle. */
const mostMicrosteps = 1_000;

/** @throws Error when the model never comes to rest, or has too many states or paths */
export function pathsOf(model: AnyStateMachine, options: PathOptions): (readonly Step[])[] {
  const { paths, events, mostStates } = options;
  const config = { ...model.config, options: { ...model.config.options, maxIterations: mostMicrosteps } };
  const bounded = new StateMachine(config, model.implementations) as AnyStateMachine;
  try {
    const fromState = startOf(bounded);
    const search = { events: events as never, limit: mostStates * events.length + 1, fromState };
    if (paths === 'simple')
      return simplePaths(bounded, getAdjacencyMap(bounded, search) as unknown as Adjacency, options);
    return getShortestPaths(bounded, search).map(({ steps }) => steps as unknown as readonly Step[]);
  } catch (cause) {
    throw sentenceFor(cause, model, mostStates);
  }
}

/** XState keeps what was thrown at the start; at any event it throws it. */
function startOf(model: AnyStateMachine): AnyMachineSnapshot {
  const start = getInitialSnapshot(model);
  if (start.status === 'error') throw start.error;
  return start;
}

function sentenceFor(cause: unknown, model: AnyStateMachine, mostStates: number): unknown {
  const { message } = cause as Error;
  if (message === 'Traversal limit exceeded')
    return new Error(
      `The model "${model.id}" has more than ${mostStates} states: bound its context, or raise mostStates.`,
      { cause },
    );
  if (message?.startsWith('Infinite loop detected')) {
    const eventless = nodesOf(model.root).filter(({ always = [] }) => always.length > 0);
    const where = eventless.length > 0 ? `"always" in ${eventless.map(({ id }) => id).join(', ')}` : 'what it raises';
    return new Error(
      `The model "${model.id}" never comes to rest: more than ${mostMicrosteps} steps follow from one event; look at ${where}.`,
      { cause },
    );
  }
  return cause;
}

/** By serialized state. */
type Adjacency = Readonly<Record<string, { state: AnyMachineSnapshot; transitions: Record<string, Step> }>>;

/** XState's own `getSimplePaths` makes all of them before anybody can count. */
function simplePaths(model: AnyStateMachine, adjacency: Adjacency, { mostPaths }: PathOptions): Step[][] {
  const [start] = Object.values(adjacency);
  const found: Step[][] = [];
  for (const path of pathsOn(
    adjacency,
    [{ event: { type: 'xstate.init' }, state: (start as Adjacency[string]).state }],
    new Set(),
  )) {
    if (found.length === mostPaths)
      throw new Error(
        `The model "${model.id}" has more than ${mostPaths} simple paths: take the shortest ones, leave events out by "without", or raise mostPaths.`,
      );
    found.push(path);
  }
  return found;
}

/** This path, and every longer one that visits no state twice. */
function* pathsOn(adjacency: Adjacency, path: Step[], visited: Set<string>): Generator<Step[]> {
  yield path;
  const here = serializeSnapshot((path.at(-1) as Step).state);
  visited.add(here);
  for (const { event, state } of Object.values(adjacency[here]?.transitions ?? {})) {
    if (!visited.has(serializeSnapshot(state))) yield* pathsOn(adjacency, [...path, { event, state }], visited);
  }
  visited.delete(here);
}
