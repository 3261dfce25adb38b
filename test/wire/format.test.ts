/** The wire format, byte for byte: what this code writes into a real Redis, and that it reads what was recorded. */
import { gunzipSync } from 'node:zlib';
import type { Redis } from 'ioredis';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { FORMAT } from '../../machines/index.ts';
import { Announcement } from '../../machines/protocol.ts';
import { createDataManager } from '../../src/index.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';
import { expectGolden, readGolden } from './golden.ts';
import { end, listen, live, terms } from './story.ts';

const strings = ['leader_lock', 'data_version', 'rates_backup'] as const;
const hashes = ['lease', 'schedule', 'pods:reports'] as const;

/** A field a line: `name`, a tab, `value`. */
async function hashText(client: Redis, key: string): Promise<Buffer> {
  const fields = Object.entries(await client.hgetall(key)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(fields.map(([name, value]) => `${name}\t${value}\n`).join(''));
}

const fileOf = (name: string) => name.replace(':', '.');

test(`what is written is format ${FORMAT} as it was recorded: every key, every announcement`, async () => {
  const { url } = await startRedisServer();
  const heard = await listen(url);
  await live(url);
  const client = plainClient(url);
  for (const key of ['pods', 'pods:order']) {
    expectGolden(fileOf(key), Buffer.from(`${(await client.zrange(`hedging:${key}`, '0', '-1')).sort().join('\n')}\n`));
  }
  expectGolden('keys', Buffer.from(`${(await client.keys('*')).sort().join('\n')}\n`));
  for (const key of strings) expectGolden(key, (await client.getBuffer(`hedging:${key}`)) ?? Buffer.alloc(0));
  for (const key of hashes) expectGolden(fileOf(key), await hashText(client, `hedging:${key}`));
  // How well gzip compresses is no matter.
  expect(gunzipSync((await client.getBuffer('hedging:terms_backup')) ?? '')).toEqual(gunzipSync(terms));
  await end(url);
  await expect.poll(() => heard.at(-1)?.toString()).toContain('released');
  const kinds = announcementsByKind(heard);
  expect([...kinds.keys()].sort()).toEqual(allKinds);
  for (const [kind, message] of kinds) expectGolden(`announcement.${kind}`, message);
});

/** As the schema has them: whoever adds one sends it in story.ts and has it recorded. */
const allKinds = [...Announcement.options.map(({ shape }) => shape.kind.value), 'published.restored'].sort();

/** The first of each. */
function announcementsByKind(heard: readonly Buffer[]): Map<string, Buffer> {
  const seen = new Map<string, Buffer>();
  for (const message of heard) {
    const { kind, isRestored } = JSON.parse(message.toString().split('\n')[0] ?? '');
    const name = isRestored ? 'published.restored' : kind;
    if (!seen.has(name)) seen.set(name, message);
  }
  return seen;
}

async function putRecorded({ url }: RedisServer, dataVersion = readGolden('data_version')): Promise<Redis> {
  const client = plainClient(url);
  await client.mset({ 'hedging:data_version': dataVersion, 'hedging:rates_backup': readGolden('rates_backup') });
  return client;
}

function createReader(url: string, lines: string[] = []) {
  const manager = createDataManager({
    ...{ namespace: 'hedging', redis: url, timing: { pollInterval: '100ms', misconfiguredRetry: '100ms' } },
    ...{ logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }) },
    datasets: {
      rates: {
        schema: z.object({ rates: z.object({ usd: z.number() }) }),
        source: async () => ({ rates: { usd: 2 } }),
        refreshInterval: '1h',
      },
    },
  });
  onTestFinished(() => manager.stop());
  return manager;
}

test('what was recorded is read: a pod serves it at once, and goes on from its numbers (promises 2, 3)', async () => {
  const server = await startRedisServer();
  const client = await putRecorded(server);
  await client.hset('hedging:lease', 'epoch', '1');
  const manager = createReader(server.url);
  const first = new Promise((resolve) => manager.subscribe('rates', (data, { revision }) => resolve([data, revision])));
  await manager.start();
  expect(await first).toEqual([{ rates: { usd: 1.08 } }, 1]);
  await expect.poll(() => manager.isLeader(), { timeout: 5_000 }).toBe(true);
  expect(manager.leader()?.epoch).toBe(2);
  expect(await manager.refresh('rates')).toMatchObject({ outcome: 'published' });
  expect(manager.version('rates')).toMatchObject({ revision: 2, epoch: 2 });
});

test('a pod that meets a newer format keeps what it has, changes nothing and says so once (promises 4, 8)', async () => {
  const server = await startRedisServer();
  const client = await putRecorded(server);
  const lines: string[] = [];
  const manager = createReader(server.url, lines);
  await manager.start();
  const degraded = new Promise((resolve) => manager.on('role.changed', ({ to }) => to === 'degraded' && resolve(to)));
  const newer = JSON.stringify({ ...JSON.parse(readGolden('data_version').toString()), format: FORMAT + 1 });
  await client.set('hedging:data_version', newer);
  await degraded;
  const sentence = `has format ${FORMAT + 1}, and this pod reads up to ${FORMAT}: update this pod; nothing was changed.`;
  // Long enough for several more attempts.
  const scripts = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1]);
  const before = await scripts();
  await expect.poll(scripts, { timeout: 10_000 }).toBeGreaterThan(before + 3);
  expect(lines.filter((line) => line.includes(sentence))).toHaveLength(1);
  expect(lines.filter((line) => /Connected to Redis/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => /Redis cannot be used/.test(line))).toHaveLength(1);
  expect(manager.get('rates').rates.usd).toBe(1.08);
  expect(await client.get('hedging:data_version')).toBe(newer);
  await client.set('hedging:data_version', readGolden('data_version'));
  await expect.poll(() => manager.role(), { timeout: 10_000 }).not.toBe('degraded');
});
