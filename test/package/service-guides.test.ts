/** `docs/quick-start.md` and `docs/migration.md` as their readers follow them: the packed tarball, a real Redis and API. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FxApi, startFxApi } from '../../src/cli/demo/fx-api.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { install, type Program, readGuide, startProgram } from './guide.ts';

const quickStart = readGuide('docs/quick-start.md');
const migration = readGuide('docs/migration.md');

let folder: string;
let redis: RedisServer;
let api: FxApi;

beforeAll(async () => {
  folder = temporaryFolder();
  quickStart.writeFiles(join(folder, 'quick-start'));
  migration.writeFiles(join(folder, 'migration'));
  const { redlock } = JSON.parse(readFileSync('package.json', 'utf8')).devDependencies;
  // Nothing that the guides install asks for a newer Node than this one.
  writeFileSync(join(folder, '.npmrc'), 'engine-strict=true\n');
  const settings = JSON.parse(quickStart.block('"overrides"'));
  await install(folder, settings, 'express@5', 'fastify@5', 'zod@4', 'ioredis@6', `redlock@${redlock}`);
}, 180_000);

let running: Program[] = [];

/** What another test has left in Redis is none of this one's business, nor how often it called the API. */
beforeEach(async () => {
  redis = await startRedisServer();
  api = await startFxApi();
  return async () => {
    await Promise.all(running.map(({ end }) => end('SIGKILL')));
    running = [];
    await redis.stop();
    await api.close();
  };
});

function start(file: string, variables: Record<string, string> = {}, project = folder): Program {
  const program = startProgram(project, file, { REDIS_ADDR: redis.url, RATES_URL: `${api.url}/rates`, ...variables });
  running.push(program);
  return program;
}

const calls = () => api.calls('rates').log.length;

test('name their files', () => {
  expect(quickStart.files).toEqual(['rates.js', 'express-service.js', 'fastify-service.js']);
  expect(migration.files).toEqual(['rates.js', 'polling.js', 'lock.js', 'bridge.js', 'redlock-rates.js']);
});

describe('the quick start', () => {
  async function startService(file: string, project = folder) {
    const program = start(`quick-start/${file}`, { PORT: '0' }, project);
    const [, port] = await program.says(/listening on (\d+)/);
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, body: await response.text() };
    };
    const health = async () => JSON.parse((await get('/internal/health')).body);
    return { ...program, get, health };
  }

  test('makes both services pods of one fleet: one call, one leader, and a handover when it stops', async () => {
    const services = [await startService('express-service.js'), await startService('fastify-service.js')] as const;
    for (const { get } of services) {
      await expect.poll(async () => (await get('/internal/readyz')).status, { timeout: 20_000 }).toBe(200);
      expect(await get('/internal/livez')).toEqual({ status: 200, body: '{"status":"ok"}' });
      expect(await get('/price/usd')).toEqual({
        status: 200,
        body: expect.stringMatching(/^\{"price":\d+(\.\d+)?\}$/),
      });
      expect((await get('/price/gold-dust')).status).toBe(404);
      expect((await get('/internal/metrics')).body).toContain('bellwether_data_revision{dataset="rates"} 1');
    }
    expect(calls()).toBe(1);

    const leads = await Promise.all(services.map(async ({ health }) => (await health()).isLeader));
    expect(leads.toSorted()).toEqual([false, true]);
    const [leader, follower] = leads[0] ? services : [services[1], services[0]];
    const { leader: known } = await follower.health();
    expect(known.podId.split('-').at(-2)).toBe(String(leader.pid));

    expect(await leader.end('SIGTERM')).toBe(0);
    await expect.poll(async () => (await follower.health()).isLeader, { timeout: 20_000 }).toBe(true);
    expect((await follower.get('/price/usd')).status).toBe(200);
    expect(await follower.end('SIGTERM')).toBe(0);
    expect(calls()).toBe(1);
  }, 60_000);

  test.each(['express-service.js', 'fastify-service.js'])(
    '%s waits for Redis, not ready, and stops in order',
    async (file) => {
      await redis.stop();
      const service = await startService(file);
      expect((await service.get('/internal/livez')).status).toBe(200);
      expect((await service.get('/internal/readyz')).status).toBe(503);
      expect((await service.get('/price/usd')).status).toBe(500);
      expect(await service.end('SIGTERM')).toBe(0);
    },
  );

  test('runs with Fastify as npm installs it by itself, whatever it warns of', async () => {
    const project = temporaryFolder();
    quickStart.writeFiles(join(project, 'quick-start'));
    await install(project, {}, 'fastify@5', 'zod@4');
    const service = await startService('fastify-service.js', project);
    await expect.poll(async () => (await service.get('/internal/readyz')).status, { timeout: 20_000 }).toBe(200);
    expect((await service.get('/price/usd')).status).toBe(200);
    expect(await service.end('SIGTERM')).toBe(0);
  }, 120_000);

  test('has probes that are mounted', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/quick-start.md', 'utf8')) ?? [];
    const { livenessProbe, readinessProbe } = parse(yaml);
    expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/internal/livez', '/internal/readyz']);
  });
});

describe('the migration', () => {
  async function pod(file: string, variables: Record<string, string> = {}) {
    const program = start(`migration/${file}`, variables);
    const [said] = await program.says(/^rates of .+$/m);
    return { ...program, said };
  }

  test('from polling: alone first, without any Redis, then on some pods, and back', async () => {
    const old = await pod('polling.js');
    await pod('polling.js');
    expect(calls()).toBe(2);
    const alone = { ENABLE_DISTRIBUTED_MANAGER: 'false', REDIS_ADDR: 'redis://127.0.0.1:1' };
    const standalone = [await pod('rates.js', alone), await pod('rates.js', alone)];
    expect(calls()).toBe(4);
    const fleet = [await pod('rates.js'), await pod('rates.js'), await pod('rates.js')];
    expect(calls()).toBe(5);
    // Each call of the API has another day: the fleet has one of them, and of the others each its own.
    for (const { said } of [old, ...standalone, ...fleet]) expect(said).toMatch(/^rates of \d{4}-\d{2}-\d{2}$/);
    expect(new Set(fleet.map(({ said }) => said)).size).toBe(1);
    for (const { end } of [...standalone, ...fleet]) expect(await end('SIGTERM')).toBe(0);
    await pod('rates.js', alone);
    expect(calls()).toBe(6);
  }, 90_000);

  const lockers = ['lock.js', 'redlock-rates.js'];

  test.each(lockers)(
    'from %s: over the bridge no call is added, and the way back is open',
    async (file) => {
      const old = await pod(file);
      await pod(file);
      expect(calls()).toBe(1);
      const bridges = [await pod('bridge.js'), await pod('bridge.js')];
      const fleet = [await pod('rates.js'), await pod('rates.js')];
      for (const { said } of [...bridges, ...fleet]) expect(said).toBe(old.said);
      for (const { end } of [...bridges, ...fleet]) expect(await end('SIGTERM')).toBe(0);
      expect((await pod(file)).said).toBe(old.said);
      expect(calls()).toBe(1);
    },
    90_000,
  );

  test.each(lockers)(
    'from %s, without a bridge: each side calls once',
    async (file) => {
      for (const each of [file, 'rates.js', file, 'rates.js']) await pod(each);
      expect(calls()).toBe(2);
    },
    90_000,
  );
});
