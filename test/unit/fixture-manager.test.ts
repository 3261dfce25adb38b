/** The fixture that users put where a data manager was, driven as their tests drive it. */
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { DataManager } from '../../src/data-manager.ts';
import type { DistributedDataManager } from '../../src/index.ts';
import { createFixtureManager } from '../../src/testing/index.ts';

const create = () => createFixtureManager({ rates: { usd: 1.1 }, terms: { days: [30] } });

test('serves what it was given, frozen, and leaves the original as it was', () => {
  const rates = { usd: 1.1 };
  const manager = createFixtureManager({ rates });
  expect([manager.get('rates'), manager.version('rates')]).toMatchObject([
    { usd: 1.1 },
    { revision: 1, isValid: true, ageMs: 0, podId: 'another-pod' },
  ]);
  expect(Object.isFrozen(manager.get('rates'))).toBe(true);
  rates.usd = 2;
  expect(manager.get('rates')).toEqual({ usd: 1.1 });
});

test('a revision that is set is served and told at once, with the next number', () => {
  const manager = create();
  const heard: unknown[] = [];
  const end = manager.subscribe('rates', (data, { revision }) => heard.push([data, revision]));
  manager.set('rates', { usd: 1.2 });
  manager.set('terms', { days: [60] });
  end();
  manager.set('rates', { usd: 1.3 });
  expect(heard).toEqual([[{ usd: 1.2 }, 2]]);
});

test('data that is older than maxAge is not valid, and is served', () => {
  const manager = createFixtureManager({ rates: { usd: 1.1 } }, { maxAge: '10m' });
  manager.age('rates', '11m');
  expect(manager.version('rates')).toMatchObject({ isValid: false, ageMs: 660_000 });
  expect(manager.get('rates')).toEqual({ usd: 1.1 });
});

test('a role is moved by hand, and listeners hear what production would tell', () => {
  const manager = create();
  const told: unknown[] = [];
  manager.on('*', ({ type }) => told.push(type));
  manager.on('role.changed', ({ from, to }) => told.push(`${from} -> ${to}`));
  manager.become('leader');
  expect([manager.isLeader(), manager.leader()]).toEqual([true, { podId: 'fixture', epoch: 2 }]);
  manager.become('degraded', 'Redis is down');
  expect([manager.isLeader(), manager.leader(), manager.role()]).toEqual([false, null, 'degraded']);
  expect(told).toEqual(['follower -> leader', 'role.changed', 'leader.elected', 'leader -> degraded', 'role.changed']);
});

test('a refresh resolves to what the test has prepared, in order', async () => {
  const manager = create();
  manager.answerRefresh('rates', { outcome: 'overBudget', retryAfterMs: 500 });
  expect([await manager.refresh('rates'), await manager.refresh('rates')]).toEqual([
    { outcome: 'overBudget', retryAfterMs: 500 },
    { outcome: 'published' },
  ]);
  manager.become('degraded');
  expect(await manager.refresh('rates')).toEqual({ outcome: 'noLeader', reason: 'this pod is degraded' });
});

test('start fails where data is missing, and get says so', async () => {
  const manager = createFixtureManager<{ rates: { usd: number } }>({ rates: undefined });
  await expect(manager.start()).rejects.toThrow('There is no data of rates: give it to createFixtureManager');
  expect(() => manager.get('rates')).toThrow('There is no data of "rates"');
  expect(manager.version('rates')).toMatchObject({ revision: 0, isValid: false });
  manager.set('rates', { usd: 1 });
  await manager.start();
  await manager.stop();
  await expect(manager.start()).rejects.toThrow('was stopped');
});

test('an unknown dataset is named, with those that there are', () => {
  const manager = create() as unknown as DataManager<Record<string, unknown>>;
  expect(() => manager.get('prices')).toThrow('There is no dataset "prices": this manager has rates, terms.');
});

test('what is no role, no duration and no data is refused with a sentence', () => {
  const manager = create();
  expect(() => manager.become('leadr' as never)).toThrow('The options of become() are wrong');
  expect(() => manager.age('rates', 'soon')).toThrow("expected a duration such as '5m'");
  expect(() => createFixtureManager({}, { role: 'boss', maxAge: 'soon', pod: 1 } as never)).toThrow(
    /^The options of createFixtureManager\(\) are wrong:\n {2}role: .*\n {2}maxAge: .*\n {2}pod: there is no such option$/,
  );
  expect(() => createFixtureManager(undefined as never)).toThrow('The options of createFixtureManager() are wrong');
});

test('a function that takes a data manager takes either', () => {
  const schemas = { rates: z.object({ usd: z.number() }) };
  const convert = (manager: DataManager<{ rates: { usd: number } }>) => 100 * manager.get('rates').usd;
  expect(convert(createFixtureManager({ rates: { usd: 2 } }))).toBe(200);
  expectTypeOf<DistributedDataManager<typeof schemas>>().toExtend<Parameters<typeof convert>[0]>();
});
