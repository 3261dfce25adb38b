/** The kit for model-based tests as a user meets it: the shipped model, one's own, and what is said when it is wrong. */
import { describe, expect, test } from 'vitest';
import { assign, createMachine, raise, setup, spawnChild } from 'xstate';
import { z } from 'zod';
import {
  type FailoverMeta,
  failoverModel,
  failoverPaths,
  type SimulatedFleet,
  simulatedDriver,
  TransitionCoverage,
} from '../../src/testing/index.ts';

const schema = z.object({ dataset: z.string(), day: z.number() });
const schemas = { rates: schema };
const datasets = { rates: { refreshInterval: '1m' } } as const;
const coverage = new TransitionCoverage();

describe.each(failoverPaths({ model: failoverModel, pods: 3 }))('$description', ({ run }) => {
  test('holds', () => run(simulatedDriver({ datasets, coverage, seed: 7 })));
});

test('the shipped model has a path to each of its 60 states', () => {
  const paths = failoverPaths({ model: failoverModel, pods: 3 });
  expect(paths).toHaveLength(5 * 4 * 3);
  expect(new Set(paths.map(({ description }) => description)).size).toBe(60);
  expect(paths.map(({ description }) => description)).toContain('leader.crash, redis.stop, source.fail');
});

test('simple paths take the events in every order', () => {
  const orders = failoverPaths({ model: failoverModel, pods: 3, paths: 'simple', without: ['source.fail'] });
  const descriptions = orders.map(({ description }) => description);
  expect(descriptions).toContain('leader.crash, redis.wipe');
  expect(descriptions).toContain('redis.wipe, leader.crash');
});

describe("a user's own model", () => {
  const model = setup({
    types: { events: {} as { type: 'lock.evict' } | { type: 'deploy' }, meta: {} as FailoverMeta },
  }).createMachine({
    id: 'deployment',
    initial: 'serving',
    states: {
      serving: { on: { deploy: 'deploying', 'lock.evict': 'leaderless' } },
      deploying: { meta: { settle: '30s', holds: ({ pods }) => expect(pods).toHaveLength(2) } },
      leaderless: { meta: { holds: ({ leaders }) => expect(leaders).toHaveLength(1) } },
    },
  });
  const driver = () =>
    simulatedDriver({
      datasets,
      on: {
        'lock.evict': (fleet) => fleet.redis.evict('leader_lock'),
        deploy: (fleet) => {
          for (const pod of fleet.pods) pod.restart();
        },
      },
    });

  test.each(failoverPaths({ model, pods: 2 }))('$description', ({ run }) => run(driver()));

  describe('whose order', () => {
    const asking = createMachine({ id: 'm', initial: 'a', states: { a: { on: { asked: 'b' } }, b: {} } });
    const [, path] = failoverPaths({ model: asking, pods: 3 });

    test('awaits a pod has its answer, by itself or by letting time pass', async () => {
      const outcomes: string[] = [];
      const asked = async (fleet: SimulatedFleet<typeof schemas>) => {
        outcomes.push((await fleet.leader.refresh('rates')).outcome);
        await fleet.advance('30s');
        outcomes.push((await fleet.pod('pod-2').refresh('rates')).outcome);
      };
      await path?.run(simulatedDriver({ datasets: { rates: { schema, refreshInterval: '1m' } }, on: { asked } }));
      expect(outcomes).toEqual(['published', 'published']);
    });

    test('never ends is told, with what was going on', async () => {
      const run = path?.run(simulatedDriver({ datasets, on: { asked: () => new Promise(() => {}) } }));
      await expect(run).rejects.toThrow(
        /^After step 1 of 1 \(asked\): It was still pending after 10m of virtual time\.\nRedis: running; converged\n/,
      );
    });

    test('fails is told', async () => {
      const run = path?.run(simulatedDriver({ datasets, on: { asked: (fleet) => fleet.pod('pod-9').crash() } }));
      await expect(run).rejects.toThrow('After step 1 of 1 (asked): There is no pod "pod-9"');
    });
  });

  test('recovers from everything that has an end', async () => {
    let fleet: SimulatedFleet | undefined;
    const harmed = (own: SimulatedFleet) => {
      fleet = own;
      own.makeNoise({ drop: 0.9 });
      own.redis.hidePresence();
      own.pod('pod-1').skewClock(1.05);
    };
    const harm = createMachine({ id: 'm', initial: 'a', states: { a: { on: { harmed: 'b' } }, b: {} } });
    const [, path] = failoverPaths({ model: harm, pods: 2 });
    await path?.run(simulatedDriver({ datasets, on: { harmed: harmed as never } }));
    expect([fleet?.redis.isPresenceHidden, fleet?.pod('pod-1').rate]).toEqual([false, 1]);
    expect(fleet?.faultCounts()['network.calm']).toBe(1);
  });

  const states = { a: { meta: { settle: '2s' } }, b: { meta: { settle: '40s' } }, c: {} } as const;
  const [parallel] = failoverPaths({ model: createMachine({ id: 'm', type: 'parallel', states }), pods: 2 });

  test('has the longest of the times that its active states ask for', async () => {
    const settled: unknown[] = [];
    await parallel?.run({ ...driver(), settle: async (duration) => void settled.push(duration) });
    expect(settled).toEqual([40_000]);
  });

  test('tells what went wrong, not that the driver could not stop after it', async () => {
    const settle = () => Promise.reject(new Error('the fleet is gone'));
    const stop = () => Promise.reject(new Error('nothing to stop'));
    await expect(parallel?.run({ ...driver(), settle, stop })).rejects.toThrow('At the start: the fleet is gone');
    await expect(parallel?.run({ ...driver(), stop })).rejects.toThrow('The fleet did not stop: nothing to stop');
  });

  test('that expects what is not so is told after which step', async () => {
    const holds = () => {
      throw new Error('we wanted the moon');
    };
    const states = { serving: { on: { 'lock.evict': 'leaderless' } }, leaderless: { meta: { holds } } };
    const wishful = createMachine({ id: 'wishful', initial: 'serving', states });
    const [, path] = failoverPaths({ model: wishful, pods: 2 });
    await expect(path?.run(driver())).rejects.toThrow('After step 1 of 1 (lock.evict): we wanted the moon');
  });
});

describe('says in a sentence that', () => {
  const withState = (state: object) => createMachine({ id: 'mine', initial: 'a', states: { a: state, b: {} } });

  test.each([
    ['a model waits', withState({ after: { 1000: 'b' } }), 'The model "mine" uses "after" in mine.a'],
    ['a model invokes', withState({ invoke: { src: 'it' } }), 'The model "mine" uses "invoke" in mine.a'],
    ['it is no model', {}, 'model: expected a machine of XState 5'],
  ])('%s', (_what, model, sentence) => {
    expect(() => failoverPaths({ model: model as typeof failoverModel, pods: 2 })).toThrow(sentence);
  });

  const grow = assign({ n: ({ context }: { context: { n: number } }) => context.n + 1 });
  const growing = { id: 'growing', context: { n: 0 }, initial: 'a' };
  test.each([
    [
      'two states lead to each other',
      createMachine({ id: 'mine', initial: 'a', states: { a: { always: 'b' }, b: { always: 'a' } } }),
      'The model "mine" never comes to rest: more than 1000 steps follow from one event; look at "always" in mine.a, mine.b.',
    ],
    [
      'a guard never ends',
      createMachine({ ...growing, states: { a: { always: { guard: () => true, actions: grow } } } }),
      'The model "growing" never comes to rest: more than 1000 steps follow from one event; look at "always" in growing.a.',
    ],
    [
      'an event is raised by itself',
      createMachine({ id: 'echo', on: { go: { actions: raise({ type: 'go' }) } } }),
      'The model "echo" never comes to rest: more than 1000 steps follow from one event; look at what it raises.',
    ],
    ['it waits by an event', withState({ entry: raise({ type: 'x' }, { delay: 10 }) }), 'uses "raise with a delay" in'],
    [
      'a named action waits',
      setup({ actions: { later: raise({ type: 'x' }, { delay: 10 }) } }).createMachine({ id: 'mine', entry: 'later' }),
      'The model "mine" uses "raise with a delay" in mine',
    ],
    ['it spawns', withState({ on: { go: { actions: spawnChild('it') } } }), 'uses "spawnChild" in mine.a'],
    ['a time is none', withState({ meta: { settle: 'soon' } }), 'The options of mine.a.meta are wrong:\n  settle: '],
  ])('%s', (_what, model, sentence) => {
    expect(() => failoverPaths({ model: model as typeof failoverModel, pods: 2 })).toThrow(sentence);
  });

  test('a model has more simple paths than anybody runs', () => {
    const names = Array.from({ length: 11 }, (_, i) => `s${i}`);
    const on = Object.fromEntries(names.map((name) => [name, `.${name}`]));
    const connected = createMachine({
      id: 'connected',
      initial: 's0',
      on,
      states: Object.fromEntries(names.map((n) => [n, {}])),
    });
    expect(failoverPaths({ model: connected, pods: 2 })).toHaveLength(11);
    expect(() => failoverPaths({ model: connected, pods: 2, paths: 'simple' })).toThrow(
      'The model "connected" has more than 10000 simple paths: take the shortest ones',
    );
  });

  test('a model has no end', () => {
    const endless = setup({
      types: { context: {} as { n: number }, events: {} as { type: 'more' } },
      actions: { count: assign({ n: ({ context }) => context.n + 1 }) },
    }).createMachine({ id: 'counting', context: { n: 0 }, on: { more: { actions: 'count' } } });
    expect(() => failoverPaths({ model: endless, pods: 2, mostStates: 50 })).toThrow(
      'The model "counting" has more than 50 states: bound its context, or raise mostStates.',
    );
  });

  test('an event to leave out is none of the model', () => {
    expect(() => failoverPaths({ model: failoverModel, pods: 2, without: ['meteor'] })).toThrow(
      '"without" names "meteor", which is no event of the model: it has leader.crash',
    );
    expect(() => failoverPaths({ model: failoverModel, pods: 2, events: [{ type: 'meteor' } as never] })).toThrow(
      '"events" names "meteor", which is no event of the model: it has leader.crash',
    );
  });

  test('an order is none, or a time', () => {
    expect(() => simulatedDriver({ datasets, on: { meteor: 1 as never }, settle: 'soon' })).toThrow(
      /^The options of simulatedDriver\(\) are wrong:\n {2}on\.meteor: expected a function\n {2}settle: expected a duration/,
    );
  });

  test('the driver is none', async () => {
    const [start] = failoverPaths({ model: failoverModel, pods: 2 });
    await expect(start?.run(simulatedDriver as never)).rejects.toThrow(
      'run() takes a driver, such as simulatedDriver({ datasets }): one for each path.',
    );
  });

  test('a driver does not know an event, or cannot start', async () => {
    const model = createMachine({ id: 'm', initial: 'a', states: { a: { on: { meteor: 'b' } }, b: {} } });
    const [, meteor] = failoverPaths({ model, pods: 2 });
    await expect(meteor?.run(simulatedDriver({ datasets }))).rejects.toThrow(
      'This driver doesn\'t know the event "meteor": it knows leader.crash, ',
    );
    const [start] = failoverPaths({ model, pods: 2 });
    await expect(start?.run(simulatedDriver({ datasets: {} }))).rejects.toThrow(
      'The fleet did not start: The options of simulateFleet() are wrong',
    );
  });
});
