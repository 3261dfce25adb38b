/** Sentinels that replace the master. */
import { expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { openLeader, openLink, plainClient } from './link.ts';
import { startReplica, startSentinel, startSentinels } from './topology.ts';

test('the pods are up again at the new master, and the lease lives on', { timeout: 60_000 }, async () => {
  const master = await startRedisServer();
  await startReplica(master);
  const address = await startSentinels(master);
  const one = await openLeader({ address });
  const two = await openLink({ address, podId: 'pod-2' });
  await one.publish(Buffer.from('{"EUR":1}'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const killedAt = performance.now();
  await master.kill();
  for (const link of [one, two]) expect((await link.next('down')).kind).toBe('unreachable');
  for (const link of [one, two]) await link.next('up');
  console.log(`up again after ${Math.round(performance.now() - killedAt)} ms`);
  expect((await two.poll()).records.rates?.revision).toBe(1);
  expect(await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 10_000 })).toEqual({ outcome: 'renewed' });
});

test('the pods follow when the sentinels promote another by order', { timeout: 40_000 }, async () => {
  const master = await startRedisServer();
  const replica = await startReplica(master);
  const sentinel = await startSentinel(master);
  const address = `sentinel://127.0.0.1:${sentinel.port}/mymaster`;
  const one = await openLeader({ address });
  const two = await openLink({ address, podId: 'pod-2' });
  await one.publish(Buffer.from('{"EUR":1}'));
  // Replication is asynchronous, and a new replica copies its master only after a while: what it lacks would be lost.
  const copied = () => plainClient(replica.url).get('hedging:data_version');
  await expect.poll(copied, { timeout: 15_000, interval: 100 }).not.toBeNull();
  const admin = plainClient(`redis://127.0.0.1:${sentinel.port}`);
  // Refused until the sentinel has heard of the replica.
  const failover = () => admin.call('SENTINEL', 'FAILOVER', 'mymaster').catch((error: Error) => error.message);
  await expect.poll(failover, { timeout: 15_000, interval: 100 }).toBe('OK');
  for (const link of [one, two]) {
    await link.next('down');
    await link.next('up');
    expect((await link.poll()).records.rates?.revision).toBe(1);
  }
  expect(await plainClient(replica.url).get('hedging:leader_lock')).toBe('pod-1#1');
  expect(await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 10_000 })).toEqual({ outcome: 'renewed' });
});
