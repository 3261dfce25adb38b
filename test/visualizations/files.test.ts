/** What `npm run visualize` writes: it is up to date, and whoever it is for can read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AnyStateMachine, createActor, createMachine, type InspectionEvent, type MachineConfig } from 'xstate';
import { createMachine as createMachine4, type StateNode } from 'xstate4';
import { transitionIdOf } from '../../machines/chart-ids.ts';
import { type ChartState, readChart, transitionsOf } from '../../visualizations/chart/read-chart.ts';
import { machines } from '../../visualizations/charts.ts';
import { staleFiles } from '../../visualizations/visualize.ts';
import { linesOfChart, linesOfConfig, type PlainState } from './chart-lines.ts';
import { extractMachines, withoutReentry } from './extract.ts';
import { folder, pictures, readPicture } from './pictures.ts';

const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const charts = machines.map((machine): [string, ChartState] => [machine.id, readChart(machine)]);
const allStates = (state: ChartState): ChartState[] => [state, ...state.states.flatMap(allStates)];

test('every file is as the machines are (else: npm run visualize)', async () => {
  expect(await staleFiles()).toEqual([]);
});

describe.each(charts)('%s.machine.json', (id, chart) => {
  test('makes the same machine in createMachine', () => {
    const machine = createMachine(JSON.parse(read(`${id}.machine.json`)) as MachineConfig<object, { type: string }>);
    expect(linesOfChart(readChart(machine))).toEqual(linesOfChart(chart));
  });
});

describe.each(charts)('%s.stately.js', (id, chart) => {
  test('loads with xstate alone and is the same machine', async () => {
    const file = (await import(join(folder, `${id}.stately.js`))) as Record<string, Parameters<typeof readChart>[0]>;
    const machine = file[`${id}Machine`];
    expect(machine && linesOfChart(readChart(machine))).toEqual(linesOfChart(chart));
  });

  test('is read whole by tools that read source, and holds one machine', () => {
    const [config, ...others] = extractMachines(read(`${id}.stately.js`));
    expect(others).toEqual([]);
    expect(config && linesOfConfig(config, id)).toEqual(withoutReentry(linesOfChart(chart)));
  });
});

/** Fields of XState 4, as its types name them. */
const known = {
  state: [
    'id',
    'predictableActionArguments',
    'description',
    'type',
    'initial',
    'tags',
    'entry',
    'exit',
    'invoke',
    'always',
    'after',
    'on',
    'states',
  ],
  transition: ['target', 'cond', 'actions', 'internal', 'description'],
  invoke: ['id', 'src', 'onDone', 'onError'],
};

function unknownFields(state: Record<string, unknown>): string[] {
  const lists = (record: unknown) => Object.values((record ?? {}) as Record<string, unknown>).flat();
  const invokes = [state.invoke ?? []].flat() as Record<string, unknown>[];
  const transitions = [
    ...[state.always ?? []].flat(),
    ...lists(state.on),
    ...lists(state.after),
    ...invokes.flatMap(({ onDone, onError }) => [onDone ?? [], onError ?? []].flat()),
  ] as Record<string, unknown>[];
  const beyond = (record: object, names: readonly string[]) =>
    Object.keys(record).filter((key) => !names.includes(key));
  return [
    ...beyond(state, known.state),
    ...invokes.flatMap((invoke) => beyond(invoke, known.invoke)),
    ...transitions.flatMap((transition) => beyond(transition, known.transition)),
    ...Object.values((state.states ?? {}) as Record<string, Record<string, unknown>>).flatMap(unknownFields),
  ];
}

function loadViz(id: string): StateNode {
  const code = read(`${id}.viz.js`)
    .replace(/^import .*$/m, '')
    .replace(`export const ${id}Machine =`, 'return');
  return new Function('createMachine', code)(createMachine4) as StateNode;
}

const nodesOf4 = (node: StateNode): StateNode[] => [
  node,
  ...Object.values(node.states).flatMap((each) => nodesOf4(each as StateNode)),
];

describe.each(charts)('%s.viz.js', (id, chart) => {
  const machine = loadViz(id);

  test('loads in XState 4 and has every state and transition', () => {
    expect(
      nodesOf4(machine)
        .map((node) => node.id)
        .sort(),
    ).toEqual(
      allStates(chart)
        .map((state) => state.id)
        .sort(),
    );
    const arrows = nodesOf4(machine).flatMap((node) =>
      node.transitions.map(
        ({ target, cond }) => `${node.id} -> ${target?.[0]?.id ?? 'itself'} if ${cond?.name ?? 'always'}`,
      ),
    );
    const expected = transitionsOf(chart).map(
      ({ source, target, guard }) => `${source} -> ${target ?? 'itself'} if ${guard ?? 'always'}`,
    );
    expect(arrows.sort()).toEqual(expected.sort());
  });

  test('starts in the same state', () => {
    const initial = (state: ChartState): string[] =>
      state.states.filter((each) => each.isInitial).flatMap((each) => [each.key, ...initial(each)]);
    expect(machine.initialStateNodes.map(({ path }) => path)).toEqual([initial(chart)]);
  });

  test('says nothing that XState 4 does not know', () => {
    const config = machine.config as unknown as Record<string, unknown>;
    expect(unknownFields(config)).toEqual([]);
    expect(unknownFields({ ...config, output: 1, always: [{ guard: 'a' }] })).toEqual(['output', 'guard']);
    expect(linesOfConfig(config as PlainState, id)).toHaveLength(linesOfChart(chart).length);
  });
});

test('both pod files can be simulated: from the first connection to the lease', async () => {
  const viz = loadViz('pod');
  const up = viz.transition(viz.initialState, { type: 'redis.up' });
  expect(viz.transition(up, { type: 'done.invoke.acquireLease' }).value).toEqual({ online: { leader: 'catchingUp' } });

  const file = (await import(join(folder, 'pod.stately.js'))) as { podMachine: Parameters<typeof createActor>[0] };
  const actor = createActor(file.podMachine).start();
  actor.send({ type: 'redis.up' });
  expect(actor.getSnapshot()).toMatchObject({ value: { online: { candidate: 'acquiring' } } });
  actor.stop();
});

describe.each(charts)('%s.mmd', (id, chart) => {
  type Mermaid = typeof import('mermaid').default;
  let mermaid: Mermaid;
  beforeAll(async () => {
    // Mermaid cleans texts with a DOM even where it only parses.
    const { window } = new JSDOM('');
    Object.assign(globalThis, { window, document: window.document });
    mermaid = (await import('mermaid')).default;
  });

  test('is accepted by Mermaid', async () => {
    expect(await mermaid.parse(read(`${id}.mmd`))).toMatchObject({ diagramType: 'stateDiagram' });
    await expect(mermaid.parse(`${read(`${id}.mmd`)}\n state {`)).rejects.toThrow();
  });

  test('names every state and every event', () => {
    const text = read(`${id}.mmd`);
    for (const state of allStates(chart))
      expect(text).toContain(`state "${state.key}" as ${state.id.replaceAll('.', '_')}`);
    for (const { trigger } of transitionsOf(chart)) expect(text).toContain(trigger.name);
  });
});

describe('the pictures', () => {
  const idsIn = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string);

  test.each(charts)('%s.svg has every state and transition under its id, once', (id, chart) => {
    const ids = idsIn(readPicture(`${id}.svg`));
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = [...allStates(chart), ...transitionsOf(chart)].map((each) => each.id);
    expect(wanted.filter((each) => !ids.includes(each))).toEqual([]);
  });

  test.each(charts)('%s.svg tells failover from the rest, and descriptions as tooltips', (id, chart) => {
    const svg = readPicture(`${id}.svg`);
    const failovers = [...svg.matchAll(/<g class="transition failover" id="([^"]+)"/g)].map(([, each]) => each);
    expect(failovers.sort()).toEqual(
      transitionsOf(chart)
        .filter(({ description }) => description)
        .map((each) => each.id)
        .sort(),
    );
    const described = [...allStates(chart), ...transitionsOf(chart)].flatMap(({ description }) => description ?? []);
    const { window } = new JSDOM(svg);
    const tooltips = [...window.document.querySelectorAll('title')].map((title) => title.textContent).join('\n');
    expect(described.filter((description) => !tooltips.includes(description))).toEqual([]);
  });

  test('have the ids that a running machine reports through `inspect`', async () => {
    const { podMachine } = (await import(join(folder, 'pod.stately.js'))) as { podMachine: AnyStateMachine };
    const taken: string[] = [];
    const inspect = (event: InspectionEvent) => {
      if (event.type === '@xstate.microstep') taken.push(...event._transitions.map(transitionIdOf));
    };
    // As production runs it: `provide` makes new nodes.
    const actor = createActor(podMachine.provide({}), { inspect }).start();
    for (const type of ['redis.up', 'xstate.done.actor.acquireLease', 'redis.down']) actor.send({ type });
    actor.stop();
    expect(taken).toEqual([
      'pod.starting:redis.up:0',
      'pod.online.candidate.acquiring:done.acquireLease:0',
      'pod.online:redis.down:0',
    ]);
    const ids = idsIn(readPicture('pod.svg'));
    expect(taken.filter((each) => !ids.includes(each))).toEqual([]);
  });

  test('load nothing from elsewhere', () => {
    for (const picture of pictures) expect(readPicture(picture)).not.toMatch(/href|url\((?!#)|@import|<script/);
  });
});
