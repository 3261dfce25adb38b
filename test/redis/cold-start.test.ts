/** A pod that starts while neither Redis nor the source is there, and what its backup may and may not do (promises 3, 8). */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { BellwetherError, createDataManager, type DistributedDataManager } from '../../src/index.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { quickLeases } from '../harness/quick-leases.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from './link.ts';

const Rates = z.object({ day: z.number() });
const nowhere = 'redis://127.0.0.1:1';

type Choice = Readonly<{
  redis?: string;
  folder?: string;
  day?: () => Promise<{ day: number }>;
  schema?: z.ZodType<{ day: number }>;
  maxAge?: '1ms' | '1h';
  interval?: '2s' | '1h';
}>;

const isAway = async () => {
  throw new BellwetherError('sourceFailed', 'The source is away.', { kind: 'sourceFailed' });
};

function createPod({ redis = nowhere, folder, day = isAway, schema = Rates, maxAge = '1h', interval = '1h' }: Choice) {
  const lines: string[] = [];
  const logger = pino(
    { level: 'warn' },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const manager = createDataManager({
    namespace: 'test',
    redis,
    logger,
    ...(folder !== undefined && { backup: { folder } }),
    timing: { pollInterval: '200ms', ...quickLeases },
    datasets: { rates: { schema, source: day, refreshInterval: interval, maxAge } },
  });
  onTestFinished(() => manager.stop());
  /** About backups. */
  const told = () =>
    lines.filter((line) => line.includes('backup')).map((line) => line.replace('[DistributedManager] ', ''));
  return { manager: manager as unknown as DistributedDataManager<{ rates: typeof Rates }>, told };
}

const fileIn = (folder: string) => join(folder, 'test.rates.backup');

/** As a pod leaves it that has fetched this day. */
async function backUp(day: number, folder = temporaryFolder()): Promise<string> {
  const { manager } = createPod({ redis: `memory:${folder}`, folder, day: async () => ({ day }) });
  await manager.start();
  await manager.stop();
  return folder;
}

describe('without Redis and without the source', () => {
  test('a pod serves the last good revision from its disk, marked as such', async () => {
    const { manager, told } = createPod({ folder: await backUp(7) });
    const heard: unknown[] = [];
    manager.subscribe('rates', ({ day }, { isFromBackup }) => heard.push([day, isFromBackup]));
    await manager.start();
    expect(manager.get('rates')).toEqual({ day: 7 });
    expect(Object.isFrozen(manager.get('rates'))).toBe(true);
    expect(manager.version('rates')).toMatchObject({ revision: 1, isValid: true, isFromBackup: true });
    expect([manager.role(), manager.isLeader(), heard]).toEqual(['degraded', false, [[7, true]]]);
    expect(told()).toEqual(['rates: revision 1 is served from its backup until Redis or the source has another.']);
  });

  test('it is not valid once it is older than its limit', async () => {
    const folder = await backUp(7);
    const { manager } = createPod({ folder, maxAge: '1ms' });
    await manager.start();
    await expect.poll(() => manager.version('rates').isValid).toBe(false);
    expect(manager.get('rates')).toEqual({ day: 7 });
  });

  test('whoever wants to fail without Redis fails, backup or not', async () => {
    const { manager } = createPod({ folder: await backUp(7) });
    await expect(manager.start({ whenRedisIsDown: 'fail' })).rejects.toMatchObject({ code: 'redisDown' });
  });

  test('a pod without a folder waits as ever', async () => {
    const { manager } = createPod({});
    await expect(manager.start({ timeout: '300ms' })).rejects.toMatchObject({ code: 'startTimeout' });
    expect(() => manager.get('rates')).toThrow(/no data of "rates" yet/);
  });
});

describe('what stands in the folder and is no backup', () => {
  const spoil = async (change: (bytes: Buffer) => Buffer) => {
    const folder = await backUp(7);
    writeFileSync(fileIn(folder), change(readFileSync(fileIn(folder))));
    return folder;
  };

  test.each([
    ['is cut off', (bytes: Buffer) => bytes.subarray(0, -1), 'is damaged: the checksum of the payload is wrong'],
    [
      'has another payload',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -2), Buffer.from('8}')]),
      'is damaged: the checksum',
    ],
    ['is empty', () => Buffer.alloc(0), 'is damaged: it has no first line'],
    ['is of a newer version', () => Buffer.from('{"format":9}\n'), 'has format 9, and this version reads up to 1'],
  ])('%s: one sentence, and nothing is served', async (_what, change, sentence) => {
    const { manager, told } = createPod({ folder: await spoil(change) });
    await expect(manager.start({ timeout: '300ms' })).rejects.toMatchObject({ code: 'startTimeout' });
    expect(told()).toEqual([
      expect.stringMatching(
        new RegExp(`^The backup \\S+ ${sentence}.*: it is not used, and replaced by the next revision\\.$`),
      ),
    ]);
  });

  test('is refused by the schema of today: one sentence, and nothing is served (promise 4)', async () => {
    const schema = z.object({ day: z.number().min(100) });
    const { manager, told } = createPod({ folder: await backUp(7), schema });
    await expect(manager.start({ timeout: '300ms' })).rejects.toMatchObject({ code: 'startTimeout' });
    expect(told()).toEqual([expect.stringContaining('is rejected: day: ')]);
  });

  test('is a folder, which can neither be read nor replaced: each is told once, and the pod works on', async () => {
    const folder = temporaryFolder();
    mkdirSync(fileIn(folder));
    let day = 0;
    const { manager, told } = createPod({ redis: 'memory:occupied', folder, day: async () => ({ day: ++day }) });
    await manager.start();
    await manager.stop();
    expect(manager.get('rates')).toEqual({ day: 1 });
    expect(told()).toEqual([
      expect.stringContaining('is no file: it is not used'),
      expect.stringMatching(/could not be written \(EISDIR\): see to its folder/),
    ]);
  });

  test('is replaced by the next revision', async () => {
    const folder = await spoil(() => Buffer.from('nonsense'));
    await backUp(9, folder);
    const { manager } = createPod({ folder });
    await manager.start();
    expect(manager.get('rates')).toEqual({ day: 9 });
  });
});

describe('with a Redis', () => {
  test('a backup gives way to what is verified there, though it be of a lower number', async () => {
    const redis = await startRedisServer();
    const first = createPod({ redis: redis.url, day: async () => ({ day: 1 }) });
    await first.manager.start();
    const folder = temporaryFolder();
    let day = 40;
    const other = createPod({ redis: `memory:${folder}`, folder, interval: '2s', day: async () => ({ day: ++day }) });
    await other.manager.start();
    await expect.poll(() => other.manager.version('rates').revision, { timeout: 10_000 }).toBe(2);
    await other.manager.stop();
    const { manager } = createPod({ redis: redis.url, folder });
    await manager.start();
    expect([manager.get('rates'), manager.version('rates')]).toMatchObject([{ day: 1 }, { revision: 1 }]);
    expect(manager.version('rates')).not.toHaveProperty('isFromBackup');
  });

  test('it is never offered, reported or built on: an empty Redis begins with revision 1 (promise 3)', async () => {
    const folder = temporaryFolder();
    let old = 40;
    const before = createPod({ redis: `memory:${folder}`, folder, interval: '2s', day: async () => ({ day: ++old }) });
    await before.manager.start();
    await expect.poll(() => before.manager.version('rates').revision, { timeout: 10_000 }).toBe(2);
    await before.manager.stop();
    const redis = await startRedisServer();
    let isThere = false;
    const { manager } = createPod({
      redis: redis.url,
      folder,
      interval: '2s',
      day: () => (isThere ? Promise.resolve({ day: 99 }) : isAway()),
    });
    await manager.start();
    expect(manager.version('rates')).toMatchObject({ revision: 2, isFromBackup: true });
    const client = plainClient(redis.url);
    // It has led and polled, and still nothing of the backup is there.
    await expect.poll(() => manager.role()).toBe('leader');
    await expect.poll(() => client.hvals('test:pods:reports').then(([report]) => report)).toContain('"role":"leader"');
    expect(JSON.parse((await client.hvals('test:pods:reports'))[0] ?? '')).toMatchObject({ versions: {} });
    expect(await client.exists('test:rates_backup')).toBe(0);
    isThere = true;
    await expect.poll(() => manager.version('rates').isFromBackup, { timeout: 10_000 }).toBeUndefined();
    expect([manager.get('rates'), manager.version('rates').revision]).toEqual([{ day: 99 }, 1]);
    await manager.stop();
    expect(readFileSync(fileIn(folder), 'utf8')).toContain('{"day":99}');
  });

  test('a pod that comes back while Redis is away serves what it had, and syncs when Redis is back', async () => {
    const redis = await startRedisServer({ appendOnly: true });
    const folder = temporaryFolder();
    let day = 0;
    const source = async () => ({ day: ++day });
    const before = createPod({ redis: redis.url, folder, day: source });
    await before.manager.start();
    await before.manager.stop();
    await redis.stop();
    const { manager } = createPod({ redis: redis.url, folder });
    await manager.start();
    expect(manager.version('rates')).toMatchObject({ revision: 1, isFromBackup: true });
    const served = new Promise<void>((resolve) => {
      manager.subscribe('rates', () => resolve());
    });
    await redis.start();
    await served;
    expect(manager.version('rates')).toMatchObject({ revision: 1 });
    expect(manager.version('rates')).not.toHaveProperty('isFromBackup');
  });
});

test('a folder that is not there is made, for this user alone, with one file a dataset', async () => {
  const folder = join(temporaryFolder(), 'deep', 'down');
  await backUp(1, folder);
  await backUp(2, folder);
  expect(readdirSync(folder)).toEqual(['test.rates.backup']);
  rmSync(folder, { recursive: true });
});

test.each([
  [{ folder: '' }, 'backup.folder: expected the path of a folder'],
  [{ folder: 7 }, 'backup.folder: Invalid input'],
  [{ folder: 'x', keep: 3 }, 'backup.keep: there is no such option'],
  ['x', 'backup: Invalid input'],
])('the option %j is refused with a sentence', (backup, sentence) => {
  const create = () =>
    createDataManager({
      namespace: 'test',
      logger: false,
      backup: backup as never,
      datasets: { rates: { schema: Rates, source: isAway, refreshInterval: '1h' } },
    });
  expect(create).toThrow(sentence);
});
