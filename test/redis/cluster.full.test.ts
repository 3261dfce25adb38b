/** A Cluster that loses the node which owns the slot. */
import { expect, test } from 'vitest';
import type { RedisServer } from '../harness/redis-server.ts';
import { openLeader, openLink } from './link.ts';
import { ownerOf, startCluster } from './topology.ts';

test('a replica takes the slot over, and the pods are up again there', { timeout: 60_000 }, async () => {
  const nodes = await startCluster({ masters: 3, replicas: 3 });
  const address = `cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  const one = await openLeader({ address });
  const two = await openLink({ address, podId: 'pod-2' });
  await one.publish(Buffer.from('{"EUR":1}'));
  const { owner } = await ownerOf('{hedging}:leader_lock', nodes.slice(0, 3) as [RedisServer]);
  // Replication is asynchronous: give the last write its moment.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const killedAt = performance.now();
  await owner.kill();
  for (const link of [one, two]) expect((await link.next('down')).kind).toBe('unreachable');
  for (const link of [one, two]) await link.next('up');
  console.log(`up again after ${Math.round(performance.now() - killedAt)} ms`);
  expect((await two.poll()).records.rates?.revision).toBe(1);
  expect(await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 10_000 })).toEqual({ outcome: 'renewed' });
});
