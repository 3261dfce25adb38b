/** The kit for model-based tests as a user meets it: the shipped model, one's own, and what is said when it is wrong. */
import { describe, expect, test } from 'vitest';
import { assign, createMachine, setup } from 'xstate';
import {
  type FailoverMeta,
  failoverModel,
  failoverPaths,
  simulatedDriver,
  TransitionCoverage,
} from '../../src/testing/index.ts';

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
