/**
 * A file in the dialect of XState 4 for the visualizer at stately.ai/viz, which knows no other: `cond` instead of
 * `guard`, `internal` instead of `reenter`, no `setup`, no inputs, and nothing that XState 4 doesn't know.
 */
import type { AnyStateMachine } from 'xstate';
import { isWithin } from '../chart/read-chart.ts';
import { explanation, plainConfig, sections } from './implementations.ts';

type Json = Record<string, unknown>;

export function vizSource(machine: AnyStateMachine): string {
  return [
    `// Written by \`npm run visualize\` from machines/${machine.id}.machine.ts. Paste it into stately.ai/viz (XState 4).`,
    ...explanation,
    "import { createMachine } from 'xstate';",
    '',
    `export const ${machine.id}Machine = createMachine(`,
    `${JSON.stringify(vizConfig(machine), null, 2)},`,
    '{',
    ...sections(machine, { kind: 'services', silent: '() => new Promise(() => {})' }),
    '});',
    '',
  ].join('\n');
}

function vizConfig(machine: AnyStateMachine): Json {
  const { id, ...root } = stateOf(plainConfig(machine), machine.id);
  // Its new default, which the visualizer would otherwise ask for.
  return { id, predictableActionArguments: true, ...root };
}

function stateOf(state: Json, path: string): Json {
  const { on, after, always, invoke, states, description, id, initial, type, tags, entry, exit } = state;
  return known({
    ...{ id, description, type, initial, tags },
    entry: actionsOf(entry),
    exit: actionsOf(exit),
    invoke: mapOneOrMany(invoke, (each) => invokeOf(each as Json, path)),
    always: mapOneOrMany(always, (each) => transitionOf(each, path)),
    after: mapValues(after, (each) => mapOneOrMany(each, (one) => transitionOf(one, path))),
    on: mapValues(on, (each) => mapOneOrMany(each, (one) => transitionOf(one, path))),
    states: mapValues(states, (each, key) => stateOf(each as Json, `${path}.${key}`)),
  });
}

function invokeOf({ id, src, onDone, onError }: Json, path: string): Json {
  const ends = mapValues({ onDone, onError }, (end) => mapOneOrMany(end, (each) => transitionOf(each, path)));
  return known({ id, src, ...ends });
}

function transitionOf(transition: unknown, path: string): unknown {
  if (typeof transition === 'string') return transition;
  const { target, guard, actions, reenter, description } = transition as Json;
  return known({
    target,
    cond: typeof guard === 'object' && guard !== null ? (guard as { type: string }).type : guard,
    actions: actionsOf(actions),
    // XState 5 enters a state again only if told so, XState 4 unless told otherwise.
    internal: !reenter && typeof target === 'string' && isOwn(target, path) ? true : undefined,
    description,
  });
}

/** Is the target, named by its id, this state or one within it? (One with a leading dot is internal anyway.) */
function isOwn(target: string, path: string): boolean {
  return target.startsWith('#') && isWithin(target.slice(1), path);
}

function actionsOf(actions: unknown): unknown {
  return mapOneOrMany(actions, (action) => (typeof action === 'string' ? action : (action as { type: string }).type));
}

function mapOneOrMany(value: unknown, map: (one: unknown) => unknown): unknown {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(map) : map(value);
}

function mapValues(record: unknown, map: (value: unknown, key: string) => unknown): Json | undefined {
  if (record === undefined) return undefined;
  return Object.fromEntries(Object.entries(record as Json).map(([key, value]) => [key, map(value, key)]));
}

/** Without what is undefined. */
function known(record: Json): Json {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
