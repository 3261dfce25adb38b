/** `bellwether inspect KEY`: what stands under each key of a fleet, on a real Redis. */
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { openLeader, plainClient, recordOf } from '../redis/link.ts';
import { runHere } from './run-here.ts';

let redis: RedisServer;
const payload = Buffer.from(JSON.stringify({ usd: 1.1 }));

beforeAll(async () => {
  redis = await startRedisServer();
});

/** A fleet of one that has published. */
async function publish(namespace: string, bytes = payload, encoding: 'json' | 'gzip' = 'json') {
  const link = await openLeader({ address: redis.url, namespace });
  await link.poll();
  await link.publish(bytes, { record: recordOf(bytes, { encoding }) });
  return link;
}

const inspect = (namespace: string, key: string, ...options: string[]) =>
  runHere('inspect', key, '--redis', redis.url, '--namespace', namespace, ...options);

async function decoded(namespace: string, key: string): Promise<unknown> {
  const { code, stdout, stderr } = await inspect(namespace, key, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('bellwether inspect', () => {
  test('decodes every key of a fleet, as data', async () => {
    await publish('all');
    expect(await decoded('all', 'leader_lock')).toEqual({ podId: 'pod-1', epoch: 1, ttlLeftMs: expect.any(Number) });
    expect(await decoded('all', 'all:lease')).toEqual({
      epoch: 1,
      holder: 'pod-1',
      ttlMs: 10_000,
      beliefWindowMs: 15,
      since: expect.any(Number),
    });
    expect(await decoded('all', 'data_version')).toMatchObject({
      format: 1,
      generation: 'generation-1',
      datasets: { rates: { revision: 1, podId: 'pod-1' } },
    });
    expect(await decoded('all', 'rates_backup')).toMatchObject({
      dataset: 'rates',
      encoding: 'json',
      isPublished: true,
      data: { usd: 1.1 },
    });
    expect(await decoded('all', 'pods')).toEqual({ count: 1, pods: [{ podId: 'pod-1', at: expect.any(Number) }] });
    expect(await decoded('all', 'pods:order')).toEqual({
      count: 1,
      pods: [{ podId: 'pod-1', at: expect.any(Number) }],
    });
    expect(await decoded('all', 'pods:reports')).toMatchObject({
      count: 1,
      reports: [{ podId: 'pod-1', report: { role: 'follower' } }],
    });
  });

  test('decodes every key of a fleet, for a person', async () => {
    await publish('text');
    expect((await inspect('text', 'leader_lock')).stdout).toMatch(/^holder +pod-1\nepoch +1\nlease +\S+ left\n$/);
    expect((await inspect('text', 'lease')).stdout).toMatch(
      /^epoch +1\ngranted to pod-1\nsince +20.*Z\nTTL +10s, belief window 15ms\n$/,
    );
    expect((await inspect('text', 'data_version')).stdout).toContain('rates: revision 1, epoch 1, by pod-1\n');
    const { stdout } = await inspect('text', 'rates_backup');
    expect(stdout).toContain('It is revision 1, as it was published.');
    expect(stdout).toContain('"usd": 1.1');
    expect((await inspect('text', 'pods')).stdout).toMatch(/^pod-1 {2}\S+ ago\n$/);
    expect((await inspect('text', 'pods:reports')).stdout).toBe('pod-1  follower, epoch 0, no data yet\n');
  });

  test('tells the times of the schedule', async () => {
    const at = Date.UTC(2026, 0, 2);
    await plainClient(redis.url).hset(
      'plan:schedule',
      'rates:calls',
      `${at},${at - 1_000}`,
      'rates:last',
      at,
      'rates:permit',
      'p',
      'rates:delayMs',
      1_500,
    );
    expect(await decoded('plan', 'schedule')).toEqual({
      'rates:calls': [at, at - 1_000],
      'rates:last': at,
      'rates:permit': 'p',
      'rates:delayMs': 1_500,
    });
    const { stdout } = await inspect('plan', 'schedule');
    expect(stdout).toMatch(/^rates:calls +2026-01-02T00:00:00.000Z, 2026-01-01T23:59:59.000Z$/m);
    expect(stdout).toMatch(/^rates:delayMs +1.5s$/m);
  });

  test('unpacks a payload that is gzipped, and shows a bounded part of it', async () => {
    const data = Array.from({ length: 5_000 }, (_, at) => ({ at, text: 'x'.repeat(500) }));
    await publish('large', gzipSync(JSON.stringify(data)), 'gzip');
    const { code, stdout } = await inspect('large', 'rates_backup');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ bytes of gzip, sha256 [0-9a-f]{64}\nIt is revision 1, as it was published\.$/m);
    expect(stdout).toMatch(/… and \d+ more lines\n$/);
    expect(stdout.length).toBeLessThan(20_000);
    expect(await decoded('large', 'rates_backup')).toMatchObject({ isTooLong: true });
  });

  test('says when a payload is not the one that was published', async () => {
    await publish('damaged');
    await plainClient(redis.url).set('damaged:rates_backup', '{"usd":');
    const { code, stdout } = await inspect('damaged', 'rates_backup');
    expect(code).toBe(1);
    expect(stdout).toContain('The checksum is not that of revision 1');
    expect(stdout).toContain('It is not JSON.');
  });

  test('brings no report that is longer than any of ours, and no more of them than it shows', async () => {
    const client = plainClient(redis.url);
    const report = JSON.stringify({ podId: 'p', role: 'follower', epoch: 0, versions: {}, rejected: {} });
    const reports = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, report]));
    await client.hset('crowd:pods:reports', reports(150));
    const { stdout } = await inspect('crowd', 'pods:reports');
    expect(stdout.split('\n').slice(-3)).toEqual([expect.stringMatching(/^p\d+ {2}follower/), '… and 50 more', '']);

    await client.hset('huge:pods:reports', { ...reports(3), huge: 'x'.repeat(8 * 1024 * 1024) });
    const sent = async () => Number(/total_net_output_bytes:(\d+)/.exec(await client.info('stats'))?.[1]);
    const before = await sent();
    const ended = await inspect('huge', 'pods:reports');
    expect((await sent()) - before).toBeLessThan(200_000);
    expect(ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/^huge {2}its report cannot be read$/m) });
  });

  test('unpacks no bomb', async () => {
    await plainClient(redis.url).set('bomb:rates_backup', gzipSync(Buffer.alloc(80 * 1024 * 1024)));
    expect(await inspect('bomb', 'rates_backup')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('It is not JSON.'),
    });
  });

  test.each([
    ['leader_lock', 'some\x1b[2Jone', /^"some\uFFFD\[2Jone" names no pod and no epoch: .*does not expire/],
    ['data_version', '{"format":7}', /^It cannot be read \(.*\):\n\{"format":7\}\n$/],
  ])('shows what somebody else wrote under %s, harmless', async (key, text, shown) => {
    await plainClient(redis.url).set(`foreign:${key}`, text);
    const { code, stdout } = await inspect('foreign', key);
    expect(code).toBe(1);
    expect(stdout).toMatch(shown);
  });

  test.each([
    ['lease', 'bellwether: There is no key empty:lease in Redis at ', 1],
    ['empty:pods', 'bellwether: There is no key empty:pods in Redis at ', 1],
    ['other:lease', 'bellwether: "other:lease" is no key of namespace empty: there are leader_lock, ', 2],
    ['constructor', 'bellwether: "constructor" is no key of namespace empty: there are leader_lock, ', 2],
    ['wrong', 'bellwether: "wrong" is no key of namespace empty', 2],
  ])('%s: one sentence', async (key, sentence, code) => {
    const ended = await inspect('empty', key);
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(sentence) });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a key of a wrong type: one sentence', async () => {
    await plainClient(redis.url).set('typed:lease', 'x');
    expect((await inspect('typed', 'lease')).stderr).toMatch(
      /^bellwether: typed:lease is a string and should be a hash: [^\n]*\n$/,
    );
  });
});
