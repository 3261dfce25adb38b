/** Each script once through its port: keys, arguments and replies fit together. The rules are test/contract's. */
import { expect, test } from 'vitest';
import { loadScript, scriptNames } from '../../src/redis/scripts.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { Link, openLeader, openLink, plainClient, recordOf, rejection } from './link.ts';

const budget = { calls: 3, perMs: 60_000 };
const rates = Buffer.from('{"EUR":1,"USD":1.08}');

test('a lease is acquired once it may be, held, renewed, released and acquired anew', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLink({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  expect(await one.stores.lease.acquire(one.grantRequest())).toEqual({ outcome: 'onHold', waitMs: expect.any(Number) });
  expect(await one.acquire()).toBe(1);
  expect(await two.announcement('acquired')).toEqual({ kind: 'acquired', podId: 'pod-1', epoch: 1, ttlLeftMs: 10_000 });
  expect(await two.stores.lease.acquire(two.grantRequest())).toEqual({
    outcome: 'held',
    lock: { podId: 'pod-1', epoch: 1, ttlLeftMs: expect.any(Number) },
  });
  expect(await one.acquire(), 'the reply was lost').toBe(1);
  expect(await plainClient(url).get('hedging:leader_lock')).toBe('pod-1#1');
  expect(await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 5_000 })).toEqual({ outcome: 'renewed' });
  expect(await two.stores.lease.renew({ podId: 'pod-2', epoch: 1, ttlMs: 5_000 })).toEqual({ outcome: 'lost' });
  expect(await one.stores.lease.release({ podId: 'pod-1', epoch: 1 })).toEqual({ outcome: 'released' });
  expect(await one.stores.lease.release({ podId: 'pod-1', epoch: 1 })).toEqual({ outcome: 'lost' });
  expect(await two.announcement('released')).toEqual({ kind: 'released', podId: 'pod-1', epoch: 1 });
  expect(await two.acquire({ seenEpoch: 7 })).toBe(8);
});

test('a lease is taken over from a holder that is gone, not from one that is there', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  const takeOver = (epoch: number) =>
    two.stores.lease.takeOver({ ...two.grantRequest(), observed: { podId: 'pod-1', epoch } });
  expect(await takeOver(1)).toEqual({
    outcome: 'present',
    now: expect.any(Number),
    lock: expect.objectContaining({ epoch: 1 }),
  });
  expect(await takeOver(2)).toMatchObject({ outcome: 'changed', lock: { podId: 'pod-1', epoch: 1 } });
  await one.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 10_000 });
  await one.connection.close();
  const young = await two.stores.lease.takeOver({
    ...two.grantRequest({ graceMs: 9_000 }),
    observed: { podId: 'pod-1', epoch: 1 },
  });
  expect(young).toEqual({ outcome: 'tooYoung', waitMs: expect.any(Number) });
  await expect.poll(() => takeOver(1)).toEqual({ outcome: 'granted', epoch: 2 });
  await two.stores.lease.release({ podId: 'pod-2', epoch: 2 });
  expect(await takeOver(1)).toEqual({ outcome: 'free' });
});

test('where PUBSUB is forbidden, a takeover says that presence is unknown', async () => {
  const { url } = await startRedisServer({ acl: ['user default on nopass ~* &* +@all -pubsub'] });
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  await one.connection.close();
  const reply = await two.stores.lease.takeOver({ ...two.grantRequest(), observed: { podId: 'pod-1', epoch: 1 } });
  expect(reply).toEqual({ outcome: 'presenceUnknown', reason: expect.stringMatching(/can't run this command/) });
});

test('a lease is yielded to others, once in an interval', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  const request = { podId: 'pod-1', epoch: 1, minIntervalMs: 60_000, presenceMs: 90_000 };
  await one.poll();
  expect(await one.stores.lease.yield(request)).toEqual({ outcome: 'alone' });
  await two.poll();
  expect(await one.stores.lease.yield(request)).toEqual({ outcome: 'yielded' });
  expect(await one.stores.lease.yield(request)).toEqual({ outcome: 'notHolder' });
  expect(await one.acquire({ ownEpoch: 1 })).toBe(2);
  expect(await one.stores.lease.yield({ ...request, epoch: 2 })).toEqual({ outcome: 'tooSoon' });
});

test('a revision is published with its payload, read back byte for byte, and confirmed', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  const published = await one.publish(rates, { isInline: true });
  if (published.outcome !== 'published') throw new Error(published.outcome);
  const { record } = published;
  expect(record).toEqual({ ...recordOf(rates), updatedAt: record.updatedAt, checkedAt: record.updatedAt });
  const { announcement, payload } = await two.next('message');
  expect(announcement).toEqual({ kind: 'published', dataset: 'rates', record });
  expect(payload).toEqual(rates);
  expect(await one.publish(rates, { isInline: true }), 'the reply was lost').toEqual(published);
  expect(await two.stores.data.download('rates')).toEqual(rates);
  expect(await two.stores.data.download('terms')).toBeUndefined();
  expect(await one.publish(rates, { record: recordOf(rates, { revision: 2 }) })).toEqual({ outcome: 'mismatch' });
  expect(await two.publish(rates)).toEqual({ outcome: 'notHolder' });
  const next = await one.publish(rates, { record: recordOf(rates, { revision: 2 }), expected: record });
  expect(next.outcome).toBe('published');

  const validators = { etag: '"é"', lastModified: 'yesterday' };
  const version = { revision: 2, epoch: 1, podId: 'pod-1' };
  const confirm = { podId: 'pod-1', epoch: 1, dataset: 'rates', version, validators };
  const confirmed = await one.stores.publications.confirm(confirm);
  expect(confirmed).toMatchObject({ outcome: 'confirmed', record: { revision: 2, validators } });
  expect(await two.announcement('checked')).toMatchObject({ kind: 'checked', dataset: 'rates', version });
  expect(await one.stores.publications.confirm({ ...confirm, version: record })).toEqual({ outcome: 'mismatch' });
  expect(await two.stores.publications.confirm({ ...confirm, podId: 'pod-2' })).toEqual({ outcome: 'notHolder' });
  expect(await plainClient(url).get('hedging:rates_backup')).toBe(rates.toString());
});

test('payloads are bytes: no byte and no length is changed on the way', async () => {
  const { url } = await startRedisServer();
  const leader = await openLeader({ address: url });
  let revision = 0;
  let expected: ReturnType<typeof recordOf> | undefined;
  for (const length of [0, 1, 256, 70_000, 3_000_000]) {
    const payload = Buffer.alloc(length, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    revision += 1;
    const reply = await leader.publish(payload, {
      record: recordOf(payload, { revision, encoding: 'gzip' }),
      expected,
    });
    if (reply.outcome !== 'published') throw new Error(reply.outcome);
    expected = reply.record;
    const stored = await leader.stores.data.download('rates');
    expect(stored?.equals(payload), `${length} bytes`).toBe(true);
  }
});

test('a poll reports the pod and reads all; a pod that leaves is off the list', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  await one.poll();
  const held = recordOf(rates, { revision: 4, epoch: 1 });
  const reply = await two.poll({ held: { rates: held }, seenEpoch: 1, callAgesMs: { rates: [1_000, 5_000] } });
  expect(reply).toEqual({
    now: expect.any(Number),
    generation: 'generation-1',
    generatedAt: expect.any(Number),
    records: {},
    lock: { podId: 'pod-1', epoch: 1, ttlLeftMs: expect.any(Number) },
    epoch: 1,
    size: 2,
    rank: 1,
    turn: 0,
    turns: 1,
    wanted: ['rates'],
    callAgesMs: { rates: [1_000, 5_000], terms: [] },
  });
  await one.stores.data.leave('pod-1');
  expect((await two.poll()).size).toBe(1);
  expect(await plainClient(url).hkeys('hedging:pods:reports')).toEqual(['pod-2']);
});

test('a lost version is restored by whoever holds it, and a damaged one when somebody found it so', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLink({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  const record = recordOf(rates, { revision: 3, epoch: 2, updatedAt: 17, checkedAt: 18 });
  const restore = { dataset: 'rates', record, payload: rates, freshGeneration: 'generation-1' };
  expect(await one.stores.data.restore(restore)).toEqual({ outcome: 'restored' });
  expect(await two.announcement('published')).toEqual({
    kind: 'published',
    dataset: 'rates',
    record,
    isRestored: true,
  });
  expect(await one.stores.data.restore(restore)).toEqual({ outcome: 'notWanted' });
  await plainClient(url).set('hedging:rates_backup', 'damaged');
  const version = { revision: 3, epoch: 2, podId: 'pod-1' };
  await two.stores.data.suspect({ dataset: 'rates', version });
  expect(await one.announcement('suspected')).toEqual({ kind: 'suspected', dataset: 'rates' });
  expect((await one.poll({ held: { rates: record } })).wanted).toEqual(['rates']);
  expect(await one.stores.data.restore(restore)).toEqual({ outcome: 'restored' });
  expect(await two.stores.data.download('rates')).toEqual(rates);
});

test('a permit is claimed when it is due and within the budget, and deferred after a failure', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLeader({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  await ageSchedule(url, 'hedging');
  const request = { podId: 'pod-1', epoch: 1, dataset: 'rates', intervalMs: 30_000, budget, callAgesMs: [] };
  const claim = (permitId: string, isRequested = false) =>
    one.stores.permits.claim({ ...request, permitId, isRequested });
  expect(await claim('a')).toEqual({ outcome: 'granted', callAgesMs: [0] });
  const claimed = {
    kind: 'claimed',
    dataset: 'rates',
    podId: 'pod-1',
    epoch: 1,
    at: expect.any(Number),
    agesMs: [0],
    perMs: expect.any(Number),
  };
  expect(await two.announcement('claimed')).toEqual(claimed);
  expect((await claim('a')).outcome, 'the reply was lost').toBe('granted');
  expect(await claim('b')).toEqual({ outcome: 'notDue', waitMs: expect.any(Number) });
  expect((await claim('b', true)).outcome).toBe('granted');
  expect((await claim('c', true)).outcome).toBe('granted');
  expect(await claim('d', true)).toEqual({ outcome: 'overBudget', waitMs: expect.any(Number) });
  const defer = { podId: 'pod-1', epoch: 1, dataset: 'rates', permitId: 'c', delayMs: 45_000 };
  expect(await one.stores.permits.defer(defer)).toEqual({ outcome: 'deferred' });
  expect(await claim('d', true)).toEqual({ outcome: 'notDue', waitMs: expect.any(Number) });
  expect(await two.stores.permits.defer({ ...defer, podId: 'pod-2' })).toEqual({ outcome: 'notHolder' });
  const foreign = { ...request, podId: 'pod-2', permitId: 'e', isRequested: false };
  expect(await two.stores.permits.claim(foreign)).toEqual({ outcome: 'notHolder' });
});

test('a request reaches the pod it is sent to, and says when nobody is there', async () => {
  const { url } = await startRedisServer();
  const [one, two] = [await openLink({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  const request = { kind: 'requested', dataset: 'rates', requestId: 'r1', from: 'pod-2' } as const;
  expect(await two.connection.send('pod-1', request)).toBe(true);
  expect(await one.announcement('requested')).toEqual(request);
  expect(two.told.message).toEqual([]);
  expect(await two.connection.send('pod-3', request)).toBe(false);
});

test('scripts are known again after SCRIPT FLUSH', async () => {
  const { url } = await startRedisServer();
  const leader = await openLeader({ address: url });
  await plainClient(url).script('FLUSH');
  expect(await leader.stores.lease.renew({ podId: 'pod-1', epoch: 1, ttlMs: 5_000 })).toEqual({ outcome: 'renewed' });
  expect((await leader.poll()).size).toBe(1);
});

test('two namespaces in one Redis never meet', async () => {
  const { url } = await startRedisServer();
  const mine = await openLeader({ address: url });
  const theirs = await openLeader({ address: url, namespace: 'hedging:blue' });
  await mine.publish(rates, { isInline: true });
  expect((await theirs.poll()).records).toEqual({});
  expect((await theirs.poll()).size).toBe(1);
  await theirs.publish(rates);
  const heard = theirs.told.message.map(({ announcement }) => announcement.kind);
  expect(heard.filter((kind) => kind === 'published').length).toBeLessThanOrEqual(1);
});

test('every script includes all that it uses, each part once', () => {
  for (const name of scriptNames) {
    const text = loadScript(name);
    expect(text, name).not.toMatch(/@include/);
    const definitions = [...text.matchAll(/^local function (\w+)/gm)].map(([, each]) => each);
    expect(new Set(definitions).size, name).toBe(definitions.length);
  }
});

test('a command before the connection is up is refused, and runs never', async () => {
  const { url } = await startRedisServer();
  const link = new Link({ address: url, isClosed: true });
  expect(await rejection(link.acquire())).toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/not up yet/),
  });
  link.open();
  const early = rejection(link.acquire());
  await link.next('up');
  expect(await early).toMatchObject({ kind: 'unreachable' });
  expect(await plainClient(url).dbsize()).toBe(0);
});
