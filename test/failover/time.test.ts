/** A process that is late. */
import { expect, test } from 'vitest';
import { is, isPublished, startFleet } from './fleet.ts';

test('the leader’s event loop lags beyond the belief window: it does not believe on waking, and goes on once it is confirmed', async () => {
  const fleet = await startFleet();
  const leader = fleet.leader();
  const isUncertain = leader.next(is('lease.uncertain'));
  const isConfirmed = leader.next(is('lease.confirmed'));
  expect(await leader.block(1_700)).toBe(false);
  await isUncertain;
  await isConfirmed;
  // Alive and connected all the time: nobody took over.
  expect(await fleet.converge()).toBe(leader);
  expect(fleet.grants).toBe(1);
  await fleet.expectPromises();
});

test('SIGSTOP of the leader while it fetches, for longer than its TTL: on waking it does not believe, and never publishes (promises 1 and 6)', async () => {
  const fleet = await startFleet({ size: 2, pods: { leaseTtl: '4s' } });
  const leader = fleet.leader();
  const [other] = fleet.except(leader);
  fleet.source.behave('slow');
  await leader.next(is('source.called'));
  const elected = fleet.next(is('lease.granted'), fleet.except(leader));
  leader.pause();
  fleet.source.behave('fine');
  fleet.source.answer();
  const { at } = await elected;
  await other?.next(isPublished);
  const isLeaderOnWaking = leader.state();
  const follows = leader.next(is('role.changed', { to: 'follower' }));
  leader.resume();
  expect((await isLeaderOnWaking).isLeader).toBe(false);
  await follows;
  expect(await fleet.converge()).toBe(other);
  expect(leader.trace.filter((entry) => isPublished(entry) && entry.at >= at)).toEqual([]);
  await fleet.expectPromises();
});
