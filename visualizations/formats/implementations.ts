/** What a file that stands for itself needs beside the config: something under every name that the machine uses. */
import type { AnyStateMachine } from 'xstate';
import { type ChartState, readChart, statesOf, transitionsOf } from '../chart/read-chart.ts';

type Names = Readonly<{ actions: string[]; guards: string[]; actors: string[]; delays: string[] }>;

/** How long every named delay lasts in a file for a simulator: long enough to be seen. */
const simulatedDelayMs = 2_000;

/** In the order of the alphabet. */
function namesOf(chart: ChartState): Names {
  const states = statesOf(chart);
  const transitions = transitionsOf(chart);
  return {
    actions: sorted([
      ...states.flatMap(({ entry, exit }) => [...entry, ...exit]),
      ...transitions.flatMap(({ actions }) => actions),
    ]),
    guards: sorted(transitions.flatMap(({ guard }) => guard ?? [])),
    actors: sorted(states.flatMap(({ invokes }) => invokes.map(({ actor }) => actor))),
    delays: sorted(transitions.flatMap(({ trigger }) => (trigger.kind === 'after' ? trigger.name : []))),
  };
}

/** Says what `sections` does, for the reader of the file. */
export const explanation = [
  '// It shows and simulates the chart, it is not what runs: actions do nothing, actors never answer by themselves, a guard',
  '// is true where something happened and false where nothing did (`always`). Change a guard to see another path.',
];

/**
 * Source text of implementations for a simulator.
 *
 * @param actor the kind of XState's options that actors are, and a source text of one that never answers
 */
export function sections(machine: AnyStateMachine, actor: Readonly<{ kind: string; silent: string }>): string[] {
  const chart = readChart(machine);
  const { actions, guards, actors, delays } = namesOf(chart);
  // Else every simulation would run off by itself: a pod into `standalone`, at once.
  const isAlways = (guard: string) =>
    transitionsOf(chart).some((transition) => transition.guard === guard && transition.trigger.kind === 'always');
  const section = (kind: string, names: readonly string[], value: (name: string) => string) =>
    names.length === 0 ? [] : [`  ${kind}: {`, ...names.map((name) => `    ${name}: ${value(name)},`), '  },'];
  return [
    ...section(actor.kind, actors, () => actor.silent),
    ...section('actions', actions, () => '() => {}'),
    ...section('guards', guards, (guard) => `() => ${!isAlways(guard)}`),
    ...section('delays', delays, () => String(simulatedDelayMs)),
  ];
}

/** The config without what only code can say. */
export function plainConfig({ config }: AnyStateMachine): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
