/** Somebody who can write to Redis, and a fleet whose pods have a key: nothing slips in, and the fleet goes on. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { TraceEvent, VersionRecord } from '../../machines/index.ts';
import { createDataManager, type DistributedDataManager, type PodOptions } from '../../src/index.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

const [key, nextKey] = ['k'.repeat(32), 'n'.repeat(32)];
type Manager = DistributedDataManager<{ rates: z.ZodObject<{ usd: z.ZodNumber }> }>;

let redis: RedisServer;
let attacker: Redis;
let managers: Manager[];
let usd: number;

beforeEach(async () => {
  redis = await startRedisServer();
  await ageSchedule(redis.url, 'safe');
  attacker = new Redis(redis.url);
  managers = [];
  usd = 1;
});

afterEach(async () => {
  await Promise.all(managers.map((manager) => manager.stop()));
  attacker.disconnect();
  await redis.kill();
});

function create(integrity: PodOptions['integrity']): Manager {
  const manager: Manager = createDataManager({
    namespace: 'safe',
    redis: redis.url,
    logger: false,
    timing: { pollInterval: '300ms', retryBase: '20ms' },
    ...(integrity && { integrity }),
    datasets: {
      rates: { schema: z.object({ usd: z.number() }), source: async () => ({ usd }), refreshInterval: '5m' },
    },
  });
  managers.push(manager);
  return manager;
}

async function start(integrity: PodOptions['integrity'], count = 1): Promise<Manager[]> {
  const started = Array.from({ length: count }, () => create(integrity));
  await Promise.all(started.map((manager) => manager.start({ timeout: '10s' })));
  return started;
}

function next(manager: Manager, type: TraceEvent['type'], revision: number): Promise<unknown> {
  return new Promise((resolve) => {
    const off = manager.on(type, (entry) => {
      if ('record' in entry && entry.record.revision === revision) {
        off();
        resolve(entry);
      }
    });
  });
}

async function stored(): Promise<VersionRecord> {
  return JSON.parse((await attacker.get('safe:data_version')) ?? '').datasets.rates;
}

/** All that a pod would write, in the pods' own ways, with right checksums: everything but the key. */
async function slipIn(text: string, changes: Partial<VersionRecord>, isAnnounced = true): Promise<void> {
  const dataVersion = JSON.parse((await attacker.get('safe:data_version')) ?? '');
  const payload = Buffer.from(text);
  const sha256 = createHash('sha256').update(payload).digest('hex');
  const record = { ...dataVersion.datasets.rates, sha256, bytes: payload.length, encoding: 'json', ...changes };
  dataVersion.datasets.rates = record;
  await attacker.multi().set('safe:rates_backup', payload).set('safe:data_version', JSON.stringify(dataVersion)).exec();
  const header = JSON.stringify({ kind: 'published', dataset: 'rates', record });
  if (isAnnounced) await attacker.publish('safe:announcements', `${header}\n${text}`);
}

test.each([
  ['unsigned', { signature: undefined }, true, /it is not signed/],
  ['under the signature of another version', {}, true, /by none of the keys/],
  ['found by polling alone', {}, false, /by none of the keys/],
])(
  'a version %s is refused and reported once, and published over (promise 4)',
  async (_how, changes, isTold, reason) => {
    const pods = await start({ keys: [key] }, 3);
    const leader = pods.find((pod) => pod.isLeader()) as Manager;
    expect(await stored()).toMatchObject({ revision: 1, signature: expect.stringMatching(/^[\w-]{43}$/) });
    const refused: unknown[] = [];
    for (const pod of pods) pod.on('revision.rejected', (entry) => refused.push(entry));
    const told = Promise.all(pods.map((pod) => next(pod, 'revision.rejected', 9)));
    await slipIn('{"usd":666}', { revision: 9, ...changes }, isTold);
    await told;
    const reports = async () =>
      (await attacker.hvals('safe:pods:reports')).map((report) => JSON.parse(report).rejected.rates?.reason ?? '');
    await expect.poll(reports).toEqual([reason, reason, reason].map((one) => expect.stringMatching(one)));
    expect(pods.map((pod) => [pod.get('rates').usd, pod.version('rates').revision])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const caughtUp = Promise.all(pods.map((pod) => next(pod, 'revision.applied', 10)));
    usd = 2;
    await leader.refresh('rates');
    await caughtUp;
    expect(pods.map((pod) => pod.get('rates').usd)).toEqual([2, 2, 2]);
    expect(refused).toHaveLength(3);
  },
);

test('a pod that starts beside forged data serves nothing of it, and the right data as soon as it is published', async () => {
  const [leader] = await start({ keys: [key] });
  await slipIn('{"usd":666}', { revision: 5 });
  const late = create({ keys: [key] });
  const started = late.start({ timeout: '20s' });
  await next(late, 'revision.rejected', 5);
  expect(() => late.get('rates')).toThrow(/no data of "rates" yet/);
  await leader?.refresh('rates');
  await started;
  expect(late.get('rates').usd).toBe(1);
});

test('an old version that was signed goes nowhere where a newer one is held, and is replaced (promises 3, 9)', async () => {
  const pods = await start({ keys: [key] }, 2);
  const [old, bytes] = [await stored(), (await attacker.get('safe:rates_backup')) ?? ''];
  usd = 2;
  await pods[0]?.refresh('rates');
  await slipIn(bytes, old);
  await expect.poll(async () => (await stored()).revision).toBe(2);
  expect(pods.map((pod) => pod.get('rates').usd)).toEqual([2, 2]);
});

test('a new key takes over while the fleet runs: what the source left unchanged is signed anew', async () => {
  const [before] = await start({ keys: [key] });
  await before?.stop();
  const [between] = await start({ keys: [nextKey, key] });
  expect(between?.get('rates').usd).toBe(1);
  expect(await between?.refresh('rates')).toMatchObject({ outcome: 'published' });
  expect(await between?.refresh('rates')).toMatchObject({ outcome: 'unchanged' });
  const [after] = await start({ keys: [nextKey] });
  expect(after?.version('rates').revision).toBe(2);
});

test('a fleet gets its first key in two steps: pods that accept both work with pods that have none', async () => {
  const [bare] = await start(undefined);
  const [lenient] = await start({ keys: [key], required: false });
  expect(lenient?.get('rates').usd).toBe(1);
  await bare?.stop();
  await expect.poll(() => lenient?.isLeader()).toBe(true);
  expect(await lenient?.refresh('rates')).toMatchObject({ outcome: 'published' });
  const [[strict], [later]] = await Promise.all([start({ keys: [key] }), start(undefined)]);
  expect([strict?.version('rates').revision, later?.version('rates').revision]).toEqual([2, 2]);
});
