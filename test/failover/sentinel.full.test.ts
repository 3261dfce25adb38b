/** A master that is lost with its last writes, and a replica that the sentinels put in its place. */
import { expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';
import { startReplica, startSentinels } from '../redis/topology.ts';
import { becomes, is, isGranted, isPublished, startFleet } from './fleet.ts';

test('Sentinel failover with loss of the last writes: epochs and revisions go on above the lost ones (promises 2, 3, 9)', {
  timeout: 90_000,
}, async () => {
  const master = await startRedisServer();
  const replica = await startReplica(master);
  const address = await startSentinels(master);
  const fleet = await startFleet({ server: master, address, size: 4 });
  const first = await fleet.converge();
  // From here on the replica falls behind: a lease and some revisions.
  await plainClient(replica.url).replicaof('127.0.0.1', await freePort());
  const handedOver = fleet.next(isGranted, fleet.except(first));
  await first.stop();
  const { epoch } = await handedOver;
  const { record } = await fleet.next(isPublished);
  await fleet.converge();
  const areDegraded = fleet.each(becomes('degraded'));
  const areBack = fleet.each(is('redis.up'));
  const elected = fleet.next(isGranted);
  fleet.noteLoss();
  await master.kill();
  await areDegraded;
  await areBack;
  expect((await elected).epoch).toBeGreaterThan(epoch);
  await fleet.converge();
  const stored = JSON.parse((await plainClient(replica.url).get('test:data_version')) ?? '');
  expect(stored.datasets.rates.revision).toBeGreaterThan(record.revision);
  expect(stored.datasets.rates.epoch).toBeGreaterThan(epoch);
  await fleet.expectPromises();
});
