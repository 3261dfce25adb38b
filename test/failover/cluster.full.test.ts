/** A Redis Cluster of three masters: its slots move, its nodes are lost. */
import { expect, test } from 'vitest';
import type { RedisServer } from '../harness/redis-server.ts';
import { moveSlot, ownerOf, startCluster } from '../redis/topology.ts';
import { becomes, is, startFleet } from './fleet.ts';

const lock = '{test}:leader_lock';
const addressOf = (nodes: readonly RedisServer[]) =>
  `cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;

test('Cluster slot migration: the pods follow the slot, and nothing is lost', { timeout: 60_000 }, async () => {
  const nodes = await startCluster();
  const [server] = nodes as [RedisServer];
  const fleet = await startFleet({ server, address: addressOf(nodes), pods: { timing: { pollInterval: '500ms' } } });
  const { slot, owner } = await ownerOf(lock, nodes);
  const areMoved = fleet.each(is('redis.up'));
  await moveSlot(slot, owner, nodes.find((node) => node !== owner) as RedisServer);
  await areMoved;
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('Cluster node loss: a replica takes the slot over, and the pods go on there', { timeout: 90_000 }, async () => {
  const nodes = await startCluster({ masters: 3, replicas: 3 });
  const [server] = nodes as [RedisServer];
  const fleet = await startFleet({ server, address: addressOf(nodes) });
  await fleet.converge();
  const { owner } = await ownerOf(lock, nodes.slice(0, 3));
  const areDegraded = fleet.each(becomes('degraded'));
  const areBack = fleet.each(is('redis.up'));
  fleet.noteLoss();
  await owner.kill();
  await areDegraded;
  await areBack;
  await fleet.converge();
  await fleet.expectPromises();
});

test('Cluster node loss without a replica: all serve on, and the data is restored when the node is back empty', {
  timeout: 90_000,
}, async () => {
  const nodes = await startCluster();
  const [server] = nodes as [RedisServer];
  const fleet = await startFleet({ server, address: addressOf(nodes) });
  await fleet.converge();
  const { owner } = await ownerOf(lock, nodes);
  const areDegraded = fleet.each(becomes('degraded'));
  fleet.noteLoss();
  await owner.kill();
  await areDegraded;
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.filter(({ isLeader, day }) => isLeader || day === null)).toEqual([]);
  const isRestored = fleet.next(is('revision.restored'));
  await owner.start();
  await isRestored;
  await fleet.converge();
  await fleet.expectPromises();
});
