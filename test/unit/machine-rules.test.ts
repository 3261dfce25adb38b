/** Rules that hold for every machine file, read off the charts themselves (STYLE.md, house rules 1 to 3). */

import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { z } from 'zod';
import { leaseMachine } from '../../machines/lease.machine.ts';
import { podMachine } from '../../machines/pod.machine.ts';
import { refreshMachine } from '../../machines/refresh.machine.ts';
import { syncMachine } from '../../machines/sync.machine.ts';
import { longestDelayMs } from '../../machines/timing.ts';
import { createPodActors } from '../../src/create-pod-actors.ts';
import { nameOf, nodesOf, transitionsOf } from '../../src/testing/transitions.ts';
import { failure, timing } from '../harness/samples.ts';

const machines: [string, AnyStateMachine][] = [
  ['pod', podMachine],
  ['lease', leaseMachine],
  ['refresh', refreshMachine],
  ['sync', syncMachine],
];

type Named = string | { type: string };
type Kind = 'actions' | 'guards' | 'actors' | 'delays';

/** Every implementation that a machine names by string: its kind and its name. */
function namesIn(machine: AnyStateMachine): [Kind, string][] {
  const names: [Kind, string][] = [];
  const add = (kind: Kind, named: unknown) => {
    for (const one of [named].flat()) {
      if (one === undefined) continue;
      const name = typeof one === 'string' ? one : (one as { type?: string }).type;
      names.push([kind, name ?? '(inline)']);
    }
  };
  for (const node of nodesOf(machine.root)) {
    add('actions', node.config.entry);
    add('actions', node.config.exit);
    for (const { src } of node.invoke) add('actors', src);
    for (const delay of Object.keys(node.config.after ?? {})) add('delays', delay);
    for (const transition of transitionsOf(node)) {
      add('actions', transition.actions as Named[]);
      add('guards', transition.guard);
    }
  }
  return names;
}

/** The role that a state of the pod belongs to, or the belief that one of the lease does. */
function partOf(node: AnyStateNode): string {
  const [top, below] = node.path;
  return (top === 'online' ? below : top) ?? '';
}

function crosses(transition: AnyTransitionDefinition): boolean {
  return (transition.target ?? []).some((target) => {
    const node = target.path.length === 1 && target.initial ? target.initial.target[0] : target;
    return node && partOf(node) !== partOf(transition.source);
  });
}

describe.each(machines)('the %s machine', (_name, machine) => {
  const nodes = nodesOf(machine.root);

  test('describes every state', () => {
    expect(nodes.filter(({ description }) => !description).map(({ id }) => id)).toEqual([]);
  });

  test('describes every transition that a failure causes or that ends a lease, a role or a connection', () => {
    const failovers = nodes.flatMap(transitionsOf).filter((transition) => {
      const isOfFailure = transition.eventType.startsWith('xstate.error.');
      return isOfFailure || (['pod', 'lease'].includes(machine.id) && crosses(transition));
    });
    expect(failovers.length).toBeGreaterThan(3);
    expect(failovers.filter(({ description }) => !description).map(nameOf)).toEqual([]);
  });

  test('names states without dots and events in dot.case', () => {
    expect(nodes.filter(({ key }) => !/^[a-z][A-Za-z]*$/.test(key)).map(({ id }) => id)).toEqual([]);
    const events = machine.events.filter((event: string) => event !== '' && !event.startsWith('xstate.'));
    expect(events.filter((event: string) => !/^[a-z]+(\.[a-z]+)+$/.test(event))).toEqual([]);
  });

  test('names every action, guard, actor and delay, and has an implementation for each', () => {
    const implementations = machine.implementations as unknown as Record<Kind, Record<string, unknown>>;
    const names = namesIn(machine);
    expect(names.length).toBeGreaterThan(10);
    const missing = names.filter(([kind, name]) => implementations[kind][name] === undefined);
    expect(missing).toEqual([]);
  });

  test('has no implementation that it does not name', () => {
    const used = new Set(namesIn(machine).map(([kind, name]) => `${kind} ${name}`));
    const byOthers = ['actors refresh'];
    const implementations = machine.implementations as unknown as Record<Kind, Record<string, unknown>>;
    const all = (['actions', 'guards', 'actors', 'delays'] as const).flatMap((kind) =>
      Object.keys(implementations[kind]).map((name) => `${kind} ${name}`),
    );
    expect(all.filter((name) => !used.has(name) && !byOthers.includes(name))).toEqual([]);
  });
});

/** Contexts in which every duration is of this length. */
const contextOf = (ms: number, attempt: number) => ({
  timing: Object.fromEntries(Object.keys(timing).map((name) => [name, ms])),
  ...{ beliefLeftMs: ms, lockLeftMs: ms, untilTurnMs: ms, waitMs: ms },
  fleet: { size: 10_000, rank: 9_999, turn: 9_999, turns: 10_000 },
  failure: failure('misconfigured'),
  ...{ attempt, redisAttempt: attempt },
});

const actors = createPodActors({
  namespace: 'test',
  datasets: { rates: { schema: z.unknown(), source: async () => 1, refreshInterval: '365d' } },
  timing: { pollInterval: '365d', misconfiguredRetry: '365d', retryCap: '365d' },
  random: () => 0.999,
});
const bound: [string, AnyStateMachine | { implementations: { delays: unknown } }][] = [
  ['pod, as it is run', { implementations: { delays: actors.delays } }],
  ['sync, as it is run', actors.actors.sync],
  ['refresh, as it is run', actors.actors.refresh],
];

describe.each([...machines, ...bound])('the delays of the %s machine', (_name, { implementations }) => {
  type Delay = (args: { context: unknown; event: unknown }, params: unknown) => number;
  const delays = Object.entries(implementations.delays as Record<string, Delay>);

  test.each(delays)('%s is one that a timer takes, however long the durations are', (_delay, delay) => {
    const day = 86_400_000;
    for (const ms of [0, 1, day, 30 * day, 365 * day, Number.POSITIVE_INFINITY, Number.NaN, -5]) {
      for (const attempt of [0, 1, 30, 1_000]) {
        const delayMs = delay({ context: contextOf(ms, attempt), event: { type: 'any' } }, undefined);
        expect(delayMs, `${ms} ms, attempt ${attempt}`).toBeGreaterThanOrEqual(0);
        expect(delayMs, `${ms} ms, attempt ${attempt}`).toBeLessThanOrEqual(longestDelayMs);
      }
    }
  });
});

test('every delayed transition is named by its delay', () => {
  const numbered = machines.flatMap(([, machine]) =>
    nodesOf(machine.root).filter(({ config }) => Object.keys(config.after ?? {}).some((delay) => /^\d/.test(delay))),
  );
  expect(numbered.map(({ id }) => id)).toEqual([]);
});
