/** The source is down, slow or wrong. */
import { expect, test } from 'vitest';
import { is, isPublished, startFleet } from './fleet.ts';

test('down for all: at most one yield an interval, data ages visibly, and is served all the time', {
  timeout: 60_000,
}, async () => {
  const fleet = await startFleet({ refreshIntervalMs: 2_000 });
  const before = Date.now();
  const hasYielded = fleet.next(is('lease.ended', { cause: 'yielded' }));
  fleet.source.behave('broken');
  // Three intervals old: nobody calls it valid any more.
  const areStale = fleet.pods.map((pod) =>
    expect.poll(async () => (await pod.state()).isValid, { timeout: 30_000, interval: 200 }).toBe(false),
  );
  await Promise.all([hasYielded, ...areStale]);
  const elapsedMs = Date.now() - before;
  const yields = fleet.pods.flatMap(({ trace }) => trace.filter(is('lease.ended', { cause: 'yielded' })));
  expect(yields.length).toBeLessThanOrEqual(Math.ceil(elapsedMs / fleet.refreshIntervalMs));
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.filter(({ day }) => day === null)).toEqual([]);
  fleet.source.behave('fine');
  await fleet.converge();
  await fleet.expectPromises();
});

test('slower than the belief window, and hanging: the lease is renewed meanwhile, the last good revision stays', async () => {
  const fleet = await startFleet();
  const leader = fleet.leader();
  fleet.source.behave('hanging');
  const { failure } = await fleet.next(is('source.failed'));
  expect(failure).toMatchObject({ kind: 'sourceFailed', message: expect.stringContaining('2s') });
  expect(fleet.grants).toBe(1);
  expect(fleet.leader()).toBe(leader);
  fleet.source.behave('slow');
  await leader.next(is('source.called'));
  const published = leader.next(isPublished);
  fleet.source.behave('fine');
  fleet.source.answer();
  await published;
  await fleet.converge();
  await fleet.expectPromises();
});

const nothingIsTakenOf = (wrong: 'garbage' | 'html') => async () => {
  const fleet = await startFleet();
  await fleet.converge();
  const before = await Promise.all(fleet.pods.map((pod) => pod.state()));
  fleet.source.behave(wrong);
  await fleet.next(is('source.failed'));
  await fleet.next(is('source.failed'));
  const after = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(after.map(({ revision, day }) => [revision, day])).toEqual(before.map(({ revision, day }) => [revision, day]));
  fleet.source.behave('fine');
  await fleet.converge();
  await fleet.expectPromises();
};

test(
  'data that the schema refuses: nothing of it is published, the last good revision stays',
  nothingIsTakenOf('garbage'),
);
test('a page instead of data: nothing of it is published, the last good revision stays', nothingIsTakenOf('html'));

test('the leader is killed while it fetches: its permit is spent, and the next call is an interval later', async () => {
  const fleet = await startFleet({ refreshIntervalMs: 5_000 });
  const leader = fleet.leader();
  fleet.source.behave('hanging');
  const called = await leader.next(is('source.called'));
  const next = fleet.next(is('source.called'), fleet.except(leader));
  await leader.kill();
  fleet.source.behave('fine');
  // Calls may bunch by one belief window.
  expect((await next).at - called.at).toBeGreaterThan(fleet.refreshIntervalMs - 1_250);
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});
