/** A Redis Cluster: one connection to the node that owns the namespace's slot. */
import { Cluster } from 'ioredis';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { Link, openLeader, openLink, plainClient, rejection } from './link.ts';
import { moveSlot, ownerOf, startCluster } from './topology.ts';

const rates = Buffer.from('{"EUR":1}');

describe('three nodes', () => {
  let nodes: RedisServer[];
  let address: string;
  beforeAll(async () => {
    nodes = await startCluster();
    address = `cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  });

  test('hold all of a namespace on one, and announcements reach every pod', async () => {
    const one = await openLeader({ address });
    const two = await openLink({ address, podId: 'pod-2' });
    expect(one.connection.address).toBe(address);
    await one.publish(rates, { isInline: true });
    expect((await two.next('message')).announcement.kind).toMatch(/acquired|published/);
    expect(await two.stores.data.download('rates')).toEqual(rates);
    await one.poll();
    expect(await two.poll()).toMatchObject({ size: 2, lock: { podId: 'pod-1', epoch: 1 } });
    expect(await two.connection.send('pod-1', { kind: 'suspected', dataset: 'rates' })).toBe(true);
    await one.announcement('suspected');
    const { owner } = await ownerOf('{hedging}:leader_lock', nodes);
    expect(await plainClient(owner.url).get('{hedging}:leader_lock')).toBe('pod-1#1');
  });

  test('know who is present, because all pods are subscribed where the slot is: takeover works', async () => {
    const namespace = 'takeover';
    const one = await openLeader({ address, namespace });
    const two = await openLink({ address, namespace, podId: 'pod-2' });
    const takeOver = () => two.stores.lease.takeOver({ ...two.grantRequest(), observed: { podId: 'pod-1', epoch: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await takeOver()).outcome).toBe('present');
    await one.connection.close();
    await expect.poll(takeOver).toEqual({ outcome: 'granted', epoch: 2 });
  });

  test('may move the slot: the pods follow it and lose nothing', async () => {
    const namespace = 'moving';
    const one = await openLeader({ address, namespace });
    const two = await openLink({ address, namespace, podId: 'pod-2' });
    await one.publish(rates);
    const { slot, owner } = await ownerOf('{moving}:leader_lock', nodes);
    const target = nodes.find((node) => node !== owner) as RedisServer;
    await moveSlot(slot, owner, target);
    for (const link of [one, two]) {
      expect(await rejection(link.poll())).toMatchObject({ kind: 'transient', code: 'MOVED' });
      expect((await link.next('down')).kind).toBe('transient');
      await link.next('up');
      expect((await link.poll()).records.rates?.revision).toBe(1);
    }
    expect(await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 10_000 })).toEqual({ outcome: 'renewed' });
    await one.stores.data.suspect({ dataset: 'rates', version: { revision: 1, epoch: 1, podId: 'pod-1' } });
    await two.announcement('suspected');
  });

  test('are found by one of them, whatever else stands in the address', async () => {
    const link = await openLink({ address: `cluster://127.0.0.1:${await freePort()},127.0.0.1:${nodes[1]?.port}` });
    await link.poll();
  });

  test('are found by an ioredis Cluster of the user’s, which itself stays untouched', async () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: nodes[0]?.port ?? 0 }], { lazyConnect: true });
    onTestFinished(() => cluster.disconnect());
    const link = await openLink({ address: cluster });
    await link.poll();
    expect(cluster.status).toBe('wait');
  });
});

test('a server that is no Cluster is told apart', async () => {
  const { port } = await startRedisServer();
  const link = new Link({ address: `cluster://127.0.0.1:${port}` });
  expect(await link.next('down')).toEqual({
    kind: 'misconfigured',
    message: expect.stringMatching(/is not a Cluster: write redis:\/\//),
  });
});

test('a Cluster whose slots are not all served can’t be used yet', async () => {
  const { port } = await startRedisServer({ args: ['--cluster-enabled', 'yes'] });
  const link = new Link({ address: `cluster://127.0.0.1:${port}` });
  expect(await link.next('down')).toMatchObject({ kind: 'transient', message: expect.stringMatching(/CLUSTERDOWN/) });
});

test('a password that is wrong is told as such', async () => {
  const { port } = await startRedisServer({ password: 'right', args: ['--cluster-enabled', 'yes'] });
  const link = new Link({ address: `cluster://:wrong@127.0.0.1:${port}` });
  expect(await link.next('down')).toMatchObject({
    kind: 'misconfigured',
    message: expect.stringMatching(/refused the user/),
  });
  expect(link.texts()).not.toContain(':wrong@');
});
