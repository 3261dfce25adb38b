/** What a hostile operator does: each fault is one clear sentence, shows in the state, and loses nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { TraceEntry, TraceEvent } from '../../machines/index.ts';
import { createDataManager, type DistributedDataManager, httpSource, type PodOptions } from '../../src/index.ts';
import { type CountingSource, startCountingSource } from '../harness/counting-source.ts';
import { freePort } from '../harness/free-port.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

const Rates = z.looseObject({ day: z.string() });
const schemas = { rates: Rates };

let redis: RedisServer;
let operator: Redis;
let source: CountingSource;
let managers: DistributedDataManager<typeof schemas>[];

beforeEach(async () => {
  [redis, source] = await Promise.all([startRedisServer(), startCountingSource()]);
  operator = new Redis(redis.url);
  managers = [];
});

afterEach(async () => {
  await Promise.all(managers.map((manager) => manager.stop()));
  operator.disconnect();
  await Promise.all([redis.kill(), source.close()]);
});

function create(options: Partial<PodOptions> = {}): DistributedDataManager<typeof schemas> {
  const manager = createDataManager({
    namespace: 'bad',
    redis: redis.url,
    logger: false,
    timing: { pollInterval: '300ms', misconfiguredRetry: '500ms' },
    ...options,
    datasets: {
      rates: {
        schema: Rates,
        source: httpSource({ url: source.url, timeLimit: '300ms', sizeLimit: 1_000_000 }),
        refreshInterval: '500ms',
        budget: { calls: 20, per: '1s' },
      },
    },
  });
  managers.push(manager);
  return manager;
}

function next<Type extends TraceEvent['type']>(
  manager: DistributedDataManager<typeof schemas>,
  type: Type,
  isIt: (entry: Extract<TraceEntry, { type: Type }>) => boolean = () => true,
): Promise<Extract<TraceEntry, { type: Type }>> {
  return new Promise((resolve) => {
    const off = manager.on(type, ((entry: Extract<TraceEntry, { type: Type }>) => {
      if (!isIt(entry)) return;
      off();
      resolve(entry);
    }) as never);
  });
}

describe('Redis', () => {
  test('nothing listens at the address: start fails with the address and what to do, if asked to', async () => {
    const port = await freePort();
    const started = create({ redis: `redis://127.0.0.1:${port}` }).start({ whenRedisIsDown: 'fail' });
    await expect(started).rejects.toMatchObject({
      code: 'redisDown',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  test('nothing listens: a pod that waits is degraded, and begins as soon as Redis is there', async () => {
    await redis.stop();
    const manager = create();
    const started = manager.start();
    await next(manager, 'role.changed', ({ to }) => to === 'degraded');
    expect(manager.actor.getSnapshot().context.failure).toMatchObject({ kind: 'unreachable' });
    await redis.start();
    await started;
    expect(manager.get('rates').day).toBe('day-1');
  });

  test('a wrong password: misconfigured, told without the password, and healed when it is right', async () => {
    await operator.config('SET', 'requirepass', 'right');
    const manager = create({ redis: redis.url.replace('redis://', 'redis://:wrong@') });
    const started = manager.start();
    const { failure } = await next(manager, 'redis.down');
    expect(failure.kind).toBe('misconfigured');
    expect(failure.message).toMatch(/password/i);
    expect(failure.message).not.toContain('wrong@');
    expect(manager.role()).toBe('degraded');
    await operator.config('SET', 'requirepass', 'wrong');
    await started;
  });

  test.each(['leader_lock', 'lease', 'data_version', 'schedule', 'pods', 'pods:order', 'pods:reports'])(
    'another type under %s: one sentence, slow retries, last data kept',
    async (key) => {
      const manager = create();
      await manager.start();
      await operator.multi().del(`bad:${key}`).rpush(`bad:${key}`, 'somebody else').exec();
      const { failure } = await next(manager, 'redis.down');
      expect(failure).toMatchObject({ kind: 'misconfigured', message: expect.stringContaining('redis-cli') });
      expect(manager.role()).toBe('degraded');
      expect(manager.get('rates').day).toMatch(/^day-/);
      await operator.del(`bad:${key}`);
      await next(manager, 'role.changed', ({ to }) => to === 'leader');
    },
  );

  test('another type under a payload: a pod that comes says what to do, and serves when it is gone', async () => {
    const holder = create();
    await holder.start();
    source.behave('broken');
    await operator.multi().del('bad:rates_backup').rpush('bad:rates_backup', 'somebody else').exec();
    const newcomer = create();
    const started = newcomer.start();
    const { failure } = await next(newcomer, 'redis.down');
    expect(failure).toMatchObject({ kind: 'misconfigured', message: expect.stringContaining('redis-cli') });
    expect(holder.get('rates').day).toMatch(/^day-/);
    await operator.del('bad:rates_backup');
    await started;
    expect(newcomer.get('rates')).toEqual(holder.get('rates'));
  });

  test.each(['garbage', '{"format":0}', '[]', '{"format":1,"generation":7,"datasets":null}'])(
    'data_version holds %s: replaced, and restored from memory (promise 9)',
    async (garbage) => {
      const manager = create();
      await manager.start();
      const before = manager.version('rates').revision;
      const restored = next(manager, 'revision.restored');
      source.behave('broken');
      await operator.set('bad:data_version', garbage);
      await restored;
      const stored = JSON.parse((await operator.get('bad:data_version')) ?? '') as {
        format: number;
        datasets: { rates: { revision: number } };
      };
      expect(stored.format).toBe(1);
      expect(stored.datasets.rates.revision).toBeGreaterThanOrEqual(before);
    },
  );

  test('garbage in data_version is told as often as it comes', async () => {
    const told: string[] = [];
    const manager = create({ onWarning: (sentence) => void told.push(sentence) });
    await manager.start();
    for (let times = 1; times <= 2; times++) {
      const restored = next(manager, 'revision.restored');
      await operator.set('bad:data_version', 'garbage');
      await restored;
      expect(told.filter((sentence) => sentence.includes('bad:data_version'))).toHaveLength(times);
    }
  });

  test('a newer format: this pod keeps what it has, overwrites nothing and says what to do', async () => {
    const manager = create();
    await manager.start();
    const newer = JSON.stringify({ format: 2, whatever: true });
    await operator.set('bad:data_version', newer);
    const { failure } = await next(manager, 'redis.down');
    expect(failure).toMatchObject({ kind: 'misconfigured', message: expect.stringMatching(/format 2|newer/i) });
    expect(manager.get('rates').day).toMatch(/^day-/);
    expect(await operator.get('bad:data_version')).toBe(newer);
  });

  test('a damaged payload: a pod that comes keeps nothing of it, and a pod that holds it restores it (promise 4)', async () => {
    const holder = create();
    await holder.start();
    source.behave('broken');
    await operator.set('bad:rates_backup', '{"day":"forged"}');
    const restored = next(holder, 'revision.restored');
    const newcomer = create();
    const damaged = next(newcomer, 'revision.damaged');
    await newcomer.start();
    await Promise.all([damaged, restored]);
    expect(newcomer.get('rates').day).toMatch(/^day-/);
  });

  test('FLUSHALL: data, schedule and presence come back, without an extra call', async () => {
    const manager = create();
    await manager.start();
    source.behave('unchanged');
    await operator.flushall();
    await next(manager, 'generation.changed');
    await next(manager, 'role.changed', ({ to }) => to === 'leader');
    expect(await operator.exists('bad:data_version', 'bad:rates_backup', 'bad:pods')).toBe(3);
    const elapsedMs = (source.calls.at(-1)?.at ?? 0) - (source.calls[0]?.at ?? 0);
    // Calls may bunch by one belief window, so some can have come already; without memory of them there would be more.
    expect(source.calls.length).toBeLessThanOrEqual(Math.floor(elapsedMs / 500) + 2);
  });
});

describe('the source', () => {
  const behaviours = [
    ['html', /content-type|JSON/i],
    ['broken', /500/],
    ['garbage', /schema|day/],
    ['rateLimited', /429/],
    ['hanging', /300ms|time/i],
  ] as const;

  test.each(behaviours)(
    'answers %s: one sentence, the last good revision stays, calls back off',
    async (behaviour, sentence) => {
      const manager = create();
      await manager.start();
      source.behave(behaviour);
      const { failure } = await next(manager, 'source.failed');
      expect(failure.kind).toBe('sourceFailed');
      expect(failure.message).toMatch(sentence);
      const { context, children } = manager.actor.getSnapshot();
      expect(context.failing.rates).toEqual(failure);
      expect(children['refresh:rates']?.getSnapshot()).toMatchObject({ status: 'active' });
      expect(manager.role()).toBe('leader');
      expect(manager.get('rates').day).toMatch(/^day-/);
      const attempts = [
        (await next(manager, 'source.failed')).attempt,
        behaviour === 'rateLimited' ? 0 : (await next(manager, 'source.failed')).attempt,
      ];
      expect(attempts).toEqual(behaviour === 'rateLimited' ? [2, 0] : [2, 3]);
      source.behave('fine');
      await next(manager, 'revision.published');
      expect(manager.actor.getSnapshot().context.failing).toEqual({});
    },
  );

  test('answers for ever (500 MB): cut off at the size limit', async () => {
    const endless = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(65_536, ' ');
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const manager = createDataManager({
      namespace: 'endless',
      redis: redis.url,
      logger: false,
      datasets: {
        rates: {
          schema: Rates,
          source: httpSource({
            url: `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`,
            sizeLimit: 1_000_000,
          }),
          refreshInterval: '1s',
        },
      },
    });
    managers.push(manager);
    const started = manager.start();
    started.catch(() => {});
    const { failure } = await next(manager, 'source.failed');
    expect(failure.message).toMatch(/limit|large|bytes|MB/i);
    endless.closeAllConnections();
    endless.close();
  });

  test('throws something that is no error, or returns what JSON cannot hold: told as the failure of the source', async () => {
    const values = [async () => Promise.reject(null), async () => ({ day: 1n }), async () => undefined];
    let calls = 0;
    const manager = createDataManager({
      namespace: 'thrower',
      redis: 'memory:thrower',
      logger: false,
      datasets: {
        rates: {
          schema: Rates,
          source: () => (values[calls++ % 3] as () => Promise<unknown>)(),
          refreshInterval: '200ms',
        },
      },
    });
    managers.push(manager);
    manager.start().catch(() => {});
    const messages = [];
    for (let i = 0; i < 3; i++) messages.push((await next(manager, 'source.failed')).failure.message);
    expect(messages[0]).toContain('null');
    expect(messages[1]).toContain('JSON');
    expect(messages[2]).toContain('JSON');
  });
});
