/** Real processes on a real Redis, with the faults that matter most. Judged by machines/invariants.ts. */
import { expect, test } from 'vitest';
import { becomes, is, isApplied, isAppliedFrom, isGranted, startFleet } from './fleet.ts';

test('SIGKILL of the leader: another takes over long before the lock expires, and no call is lost or doubled', async () => {
  const fleet = await startFleet({ size: 4 });
  const first = fleet.leader();
  const others = fleet.except(first);
  const elected = fleet.next(isGranted, others);
  const killedAt = Date.now();
  await first.kill();
  expect(await elected).toMatchObject({ cause: 'tookOver', epoch: 2 });
  await Promise.all(others.map((pod) => pod.until(isAppliedFrom(2))));
  expect(fleet.source.calls.filter(({ at }) => at > killedAt).every(({ podId }) => podId !== first.podId)).toBe(true);
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('Redis is killed and comes back empty: everyone serves on, the data is restored, no extra call (promises 5, 8, 9)', async () => {
  const fleet = await startFleet({ size: 4 });
  const areDegraded = fleet.each(becomes('degraded'));
  fleet.noteLoss();
  await fleet.redis.kill();
  await areDegraded;
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.filter(({ role, isLeader, day }) => role !== 'degraded' || isLeader || day === null)).toEqual([]);
  const restored = fleet.next(is('revision.restored'));
  const goesOn = fleet.each(isApplied);
  await fleet.redis.start();
  await restored;
  await goesOn;
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('a graceful stop hands the lease over and exits with 0; the rhythm of calls is unbroken', async () => {
  const fleet = await startFleet();
  const first = fleet.leader();
  const others = fleet.except(first);
  const elected = fleet.next(isGranted, others);
  expect(await first.stop()).toBe(0);
  expect(await elected).toMatchObject({ cause: 'acquired', epoch: 2 });
  await Promise.all(others.map((pod) => pod.until(isAppliedFrom(2))));
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('a leader that is asked to step down ends what it is fetching, another leads within moments, and the rhythm of calls is unbroken', async () => {
  const fleet = await startFleet();
  const first = fleet.leader();
  const [asker] = fleet.except(first);
  const elected = fleet.next(isGranted, fleet.except(first));
  const isCalling = first.next(is('source.called'));
  await isCalling;
  const publishes = first.next(is('revision.published'));
  expect(await asker?.stepDown()).toEqual({ outcome: 'steppedDown' });
  expect(await elected).toMatchObject({ cause: 'acquired', epoch: 2 });
  await publishes;
  await Promise.all(fleet.pods.map((pod) => pod.until(isAppliedFrom(2))));
  const { role, isLeader } = await first.state();
  expect([role, isLeader]).toEqual(['follower', false]);
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('the source is down for the leader alone: it yields and rests, and another pod refreshes', async () => {
  const fleet = await startFleet();
  const first = fleet.leader();
  const elected = fleet.next(isGranted, fleet.except(first));
  const yielded = first.next(is('lease.ended', { cause: 'yielded' }));
  fleet.source.brokenFor.add(first.podId);
  await yielded;
  await elected;
  await first.next(isApplied);
  await fleet.expectPromises();
});

test('any pod can ask for a refresh: the leader makes it, within the budget', async () => {
  const fleet = await startFleet();
  const first = fleet.leader();
  const [follower] = fleet.except(first);
  const results: unknown[] = [];
  for (let i = 0; i < 6; i++) results.push(await follower?.refresh());
  expect(results).toContainEqual({ outcome: 'published' });
  expect(results).toContainEqual(expect.objectContaining({ outcome: 'overBudget' }));
  expect(new Set(fleet.source.calls.map(({ podId }) => podId))).toEqual(new Set([first.podId]));
  await fleet.expectPromises();
});
