/** The network between the pods and Redis, in all the ways in which it fails. */
import { expect, test } from 'vitest';
import { becomes, is, isApplied, isGranted, isPublished, startFleet } from './fleet.ts';

test('the followers are cut off: the leader goes on, they serve what they have, and catch up', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const areDegraded = fleet.each(becomes('degraded'), others);
  for (const pod of others) fleet.proxyOf(pod).refuse();
  await areDegraded;
  await leader.next(isPublished);
  const catchUp = fleet.each(isApplied, others);
  for (const pod of others) fleet.proxyOf(pod).heal();
  await catchUp;
  expect(await fleet.converge()).toBe(leader);
  expect(fleet.grants).toBe(1);
  await fleet.expectPromises();
});

test('everyone is cut off: none leads, all serve; the first one back leads, without an extra call', async () => {
  const fleet = await startFleet({ isProxied: true });
  const areDegraded = fleet.each(becomes('degraded'));
  for (const pod of fleet.pods) fleet.proxyOf(pod).refuse();
  await areDegraded;
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.filter(({ isLeader, day }) => isLeader || day === null)).toEqual([]);
  for (const pod of fleet.pods) fleet.proxyOf(pod).heal();
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('the leader’s connection flaps: it loses the lease or keeps it, and never both', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  for (let times = 1; times <= 8; times += 1) {
    const isDown = leader.next(is('redis.down'));
    const isUp = leader.next(is('redis.up'));
    fleet.proxyOf(leader).cut();
    await isDown;
    await isUp;
  }
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('the leader’s connection is half open: it closes it by itself, and another takes over', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const elected = fleet.next(isGranted, fleet.except(leader));
  const isUncertain = leader.next(is('lease.uncertain'));
  const isDown = leader.next(is('redis.down'));
  fleet.proxyOf(leader).silence();
  await isUncertain;
  expect(await isDown).toMatchObject({ failure: { kind: 'unreachable', message: expect.stringContaining('silent') } });
  expect(await elected).toMatchObject({ cause: 'tookOver' });
  fleet.proxyOf(leader).heal();
  await fleet.converge();
  await fleet.expectPromises();
});

test('the leader’s node is lost, and Redis isn’t told: it stops by itself, and its lease ends when the lock expires', async () => {
  const fleet = await startFleet({ isProxied: true, pods: { leaseTtl: '6s' } });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const elected = fleet.next(isGranted, others);
  const isDegraded = leader.next(becomes('degraded'));
  const lostAt = Date.now();
  fleet.proxyOf(leader).strand();
  await isDegraded;
  expect((await leader.state()).isLeader).toBe(false);
  const { at, cause } = await elected;
  expect(cause).toBe('acquired');
  // Present all the time, as far as Redis can tell: nobody took over before the expiry.
  expect(at - lostAt).toBeGreaterThan(5_000);
  fleet.proxyOf(leader).heal();
  await fleet.converge();
  await fleet.expectPromises();
});

test.each(['toServer', 'toClient'] as const)(
  'the leader is silenced in one direction (%s): it stops, another leads',
  async (direction) => {
    const fleet = await startFleet({ isProxied: true });
    const leader = fleet.leader();
    const elected = fleet.next(isGranted, fleet.except(leader));
    const isUncertain = leader.next(is('lease.uncertain'));
    fleet.proxyOf(leader).silence(direction);
    await isUncertain;
    await elected;
    fleet.proxyOf(leader).heal();
    await fleet.converge();
    await fleet.expectPromises();
  },
);

test('a slow link to Redis for all (0.4 s for each round trip): the leader keeps its lease, revisions arrive', async () => {
  const fleet = await startFleet({ isProxied: true });
  for (const pod of fleet.pods) fleet.proxyOf(pod).delay(200);
  for (let times = 1; times <= 4; times += 1) await fleet.converge();
  expect(fleet.grants).toBe(1);
  await fleet.expectPromises();
});
