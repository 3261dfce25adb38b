/** The way to Redis is cut, for one pod or for some. */
import { expect, test } from 'vitest';
import { becomes, is, isGranted, startFleet } from './fleet.ts';

test('the leader alone is cut off: it stops at once, another takes over, and it comes back as a follower', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const elected = fleet.next(isGranted, others);
  const isDegraded = leader.next(becomes('degraded'));
  fleet.proxyOf(leader).refuse();
  await isDegraded;
  expect(await leader.state()).toMatchObject({ isLeader: false, failure: { kind: 'unreachable' } });
  expect(await elected).toMatchObject({ cause: 'tookOver', epoch: 2 });
  const follows = leader.next(becomes('follower'));
  fleet.proxyOf(leader).heal();
  await follows;
  await fleet.converge();
  await fleet.expectPromises();
});

test('a leader that is heard but never hears steps down, and another leads once its lock has expired', async () => {
  const fleet = await startFleet({ isProxied: true, pods: { leaseTtl: '5s', timing: { uncertainLimit: '2s' } } });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const ended = leader.next(is('lease.ended'));
  const elected = fleet.next(isGranted, others);
  // Every answer comes, and every one too late: the connection lives, and renewals go on arriving.
  fleet.proxyOf(leader).delay(1_000, 'toClient');
  expect(await ended).toMatchObject({ cause: 'unheard' });
  expect((await leader.state()).isLeader).toBe(false);
  expect(await elected).toMatchObject({ cause: 'acquired' });
  fleet.proxyOf(leader).heal();
  await fleet.converge();
  await fleet.expectPromises();
});
