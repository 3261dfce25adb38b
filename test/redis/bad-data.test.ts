/** What others may have left under our keys, and a Redis that is full: one clear sentence each, nothing destroyed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { openLeader, openLink, plainClient, recordOf, rejection } from './link.ts';

const rates = Buffer.from('{"EUR":1}');
const renewal = { podId: 'pod-1', epoch: 1, ttlMs: 10_000 };

describe('a value of a wrong type', () => {
  test.for(['leader_lock', 'lease', 'data_version', 'schedule', 'pods', 'pods:order', 'pods:reports'])(
    'under hedging:%s is told with what to do, and left alone',
    async (name) => {
      const { url } = await startRedisServer();
      const link = await openLink({ address: url });
      const client = plainClient(url);
      await client.rpush(`hedging:${name}`, 'somebody else’s');
      const request = { podId: 'pod-1', epoch: 1, dataset: 'rates', permitId: 'a', intervalMs: 1, callAgesMs: [] };
      const errors = [
        await link.poll().catch((error: Error) => error),
        await link.acquire().catch((error: Error) => error),
        await link.stores.permits
          .claim({ ...request, budget: { calls: 1, perMs: 1 }, isRequested: false })
          .catch((error: Error) => error),
      ].filter((outcome) => outcome instanceof Error);
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) {
        expect(error).toMatchObject({ kind: 'misconfigured', code: 'WRONGTYPE' });
        expect(error.message).toMatch(/`redis-cli type`.*hedging:leader_lock.*delete what differs, or choose another/);
      }
      expect(await client.type(`hedging:${name}`)).toBe('list');
      expect(link.told.down).toEqual([]);
    },
  );

  test('under a payload’s key is told on download', async () => {
    const { url } = await startRedisServer();
    const link = await openLink({ address: url });
    await plainClient(url).rpush('hedging:rates_backup', 'x');
    expect(await rejection(link.stores.data.download('rates'))).toMatchObject({ code: 'WRONGTYPE' });
  });
});

describe('a data version that can’t be read', () => {
  test.for(['garbage', '[]', '{"format":0}', '{"format":1}', '{"format":1,"generation":7}', ''])(
    '(%s) counts as lost: it is replaced, with a warning each time',
    async (garbage) => {
      const { url } = await startRedisServer();
      const link = await openLink({ address: url });
      await plainClient(url).set('hedging:data_version', garbage);
      const held = recordOf(rates, { revision: 3 });
      const reply = await link.poll({ held: { rates: held } });
      expect(reply).toMatchObject({ generation: 'generation-1', records: {}, wanted: ['rates'] });
      await plainClient(url).set('hedging:data_version', garbage);
      await link.poll();
      const warning = expect.stringMatching(/under hedging:data_version .* could not be read and was replaced/);
      expect(link.told.warning).toEqual([warning, warning]);
    },
  );

  test('of a newer format is not ours to replace: this pod must be updated', async () => {
    const { url } = await startRedisServer();
    const link = await openLink({ address: url });
    const newer = '{"format":2,"generation":"x"}';
    await plainClient(url).set('hedging:data_version', newer);
    for (const error of [await rejection(link.poll()), await rejection(link.acquire())]) {
      expect(error).toMatchObject({ kind: 'misconfigured', code: 'NEWERFORMAT' });
      expect(error.message).toMatch(/has format 2, and this pod reads up to 1: update this pod/);
    }
    expect(await plainClient(url).get('hedging:data_version')).toBe(newer);
  });

  test('in one record only loses that record', async () => {
    const { url } = await startRedisServer();
    const leader = await openLeader({ address: url });
    await leader.publish(rates);
    const client = plainClient(url);
    const stored = JSON.parse((await client.get('hedging:data_version')) ?? '');
    stored.datasets.terms = { ...stored.datasets.rates, sha256: 'nonsense' };
    stored.datasets['no name'] = stored.datasets.rates;
    await client.set('hedging:data_version', JSON.stringify(stored));
    expect(Object.keys((await leader.poll()).records)).toEqual(['rates']);
  });
});

test('a lock that somebody else wrote is held by them until it expires', async () => {
  const { url } = await startRedisServer();
  const link = await openLink({ address: url });
  await plainClient(url).set('hedging:leader_lock', 'their own idea of a lock');
  const reply = await link.stores.lease.acquire(link.grantRequest());
  const lock = { podId: 'their own idea of a lock', epoch: 0, ttlLeftMs: 10_000 };
  expect(reply).toEqual({ outcome: 'held', lock });
});

test('an epoch of as many digits as can be handed on goes on from there', async () => {
  const { url } = await startRedisServer();
  const link = await openLink({ address: url });
  await plainClient(url).hset('hedging:lease', 'epoch', '10000000000006');
  expect(await link.poll()).toMatchObject({ epoch: 10_000_000_000_006 });
  expect(await link.acquire()).toBe(10_000_000_000_007);
});

test.for(['nan', 'inf', '1e300', '-1', '100000000000000', '9007199254740993', 'seven', ''])(
  'an epoch that is none (%s) under hedging:lease is replaced by the next grant, which holds',
  async (garbage) => {
    const { url } = await startRedisServer();
    const link = await openLink({ address: url });
    await plainClient(url).hset('hedging:lease', 'epoch', garbage);
    expect(await link.poll()).toMatchObject({ epoch: 0 });
    expect(await link.acquire({ seenEpoch: 4 })).toBe(5);
    expect(await link.stores.lease.renew({ ...renewal, epoch: 5 })).toEqual({ outcome: 'renewed' });
  },
);

test('of a payload that is longer than its record says, no more than shows it is taken in (promise 4)', async () => {
  const { url } = await startRedisServer();
  const link = await openLink({ address: url });
  expect(await link.stores.data.download('rates', rates.length)).toBeUndefined();
  const client = plainClient(url);
  await client.set('hedging:rates_backup', rates);
  expect(await link.stores.data.download('rates', rates.length)).toEqual(rates);
  await client.setrange('hedging:rates_backup', 50_000_000, 'x');
  expect((await link.stores.data.download('rates', rates.length))?.length).toBe(rates.length + 1);
});

test('a lease whose terms are incomplete ends by expiry alone: nobody knows for how long its holder believes', async () => {
  const { url } = await startRedisServer();
  const link = await openLink({ address: url });
  const client = plainClient(url);
  await client.set('hedging:leader_lock', 'pod-9#1', 'PX', 5_000);
  await client.hset('hedging:lease', { epoch: '1', holder: 'pod-9', ttlMs: '60000' });
  const observed = { podId: 'pod-9', epoch: 1 };
  const reply = await link.stores.lease.takeOver({ ...link.grantRequest(), observed });
  expect(reply).toMatchObject({ outcome: 'tooYoung' });
});

describe('a Redis that takes no more data', () => {
  test('out of memory: publishing fails, the lease lives, polls read and say what they could not write', async () => {
    const { url } = await startRedisServer();
    const leader = await openLeader({ address: url });
    await leader.publish(rates);
    await plainClient(url).config('SET', 'maxmemory', '1');
    const next = { record: recordOf(rates, { revision: 2 }), expected: recordOf(rates) };
    expect(await rejection(leader.publish(rates, next))).toMatchObject({
      kind: 'full',
      code: 'OOM',
      message: expect.stringMatching(/is out of memory .*raise `maxmemory`/),
    });
    expect(await leader.stores.lease.renew(renewal)).toEqual({ outcome: 'renewed' });
    const reply = await leader.poll();
    expect(reply.records.rates?.revision).toBe(1);
    expect(reply.writeFailure).toMatch(/is out of memory/);
    expect(await leader.stores.lease.release({ podId: 'pod-1', epoch: 1 })).toEqual({ outcome: 'released' });
    expect(leader.told.down).toEqual([]);
  });

  test('its disk fails: every write fails and says so, polls read', async () => {
    const { url, dir } = await startRedisServer();
    const leader = await openLeader({ address: url });
    const client = plainClient(url);
    // A folder stands where the snapshot should: saving fails, and with a save point set, writes are refused.
    mkdirSync(join(dir, 'dump.rdb'));
    await client.config('SET', 'save', '3600 1000000');
    await client.bgsave();
    await expect.poll(() => client.info('persistence')).toMatch(/rdb_last_bgsave_status:err/);
    expect(await rejection(leader.publish(rates))).toMatchObject({ kind: 'diskFailing', code: 'MISCONF' });
    // PEXPIRE is a write like any other here: unlike out of memory, this ends the lease in the end.
    expect(await rejection(leader.stores.lease.renew(renewal))).toMatchObject({ kind: 'diskFailing' });
    const reply = await leader.poll();
    expect(reply.lock).toMatchObject({ podId: 'pod-1', epoch: 1 });
    expect(reply.writeFailure).toMatch(/can’t save to its disk/);
  });

  test('and may evict: one warning', async () => {
    const { url } = await startRedisServer({ maxMemory: '50mb', maxMemoryPolicy: 'allkeys-lru' });
    const link = await openLink({ address: url });
    expect(await link.next('warning')).toMatch(/maxmemory-policy allkeys-lru and may evict .* set it to noeviction/);
    await plainClient(url).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await link.next('up');
    expect(link.told.warning.length).toBe(1);
  });
});
