/** `docs/quick-start.md` as its reader follows it: the packed tarball, Express and Fastify, a real Redis, a real API. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type FxApi, startFxApi } from '../../src/cli/demo/fx-api.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { install, readGuide, startProgram } from './guide.ts';

const guide = readGuide('docs/quick-start.md');

let folder: string;
let redis: RedisServer;
let api: FxApi;

beforeAll(async () => {
  folder = guide.writeFiles();
  await install(folder, 'express@5', 'fastify@5', 'zod@4');
  redis = await startRedisServer();
  api = await startFxApi();
  return () => api.close();
}, 180_000);

async function startService(file: string) {
  const program = startProgram(folder, file, { REDIS_ADDR: redis.url, RATES_URL: `${api.url}/rates`, PORT: '0' });
  const [, port] = await program.says(/listening on (\d+)/);
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const health = async () => JSON.parse((await get('/internal/health')).body);
  return { ...program, get, health };
}

test('names its files', () => {
  expect(guide.files).toEqual(['rates.js', 'express-service.js', 'fastify-service.js']);
});

test('both services are pods of one fleet: one call, one leader, and a handover when it stops', {
  timeout: 60_000,
}, async () => {
  const services = [await startService('express-service.js'), await startService('fastify-service.js')] as const;
  for (const { get } of services) {
    await expect.poll(async () => (await get('/internal/readyz')).status, { timeout: 20_000 }).toBe(200);
    expect(await get('/internal/livez')).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect(await get('/price/usd')).toEqual({ status: 200, body: expect.stringMatching(/^\{"price":\d+(\.\d+)?\}$/) });
    expect((await get('/price/gold-dust')).status).toBe(404);
    expect((await get('/internal/metrics')).body).toContain('bellwether_data_revision{dataset="rates"} 1');
  }
  expect(api.calls('rates').log).toHaveLength(1);

  const leads = await Promise.all(services.map(async ({ health }) => (await health()).isLeader));
  expect(leads.toSorted()).toEqual([false, true]);
  const [leader, follower] = leads[0] ? services : [services[1], services[0]];
  const { leader: known } = await follower.health();
  expect(known.podId.split('-').at(-2)).toBe(String(leader.pid));

  expect(await leader.end('SIGTERM')).toBe(0);
  await expect.poll(async () => (await follower.health()).isLeader).toBe(true);
  expect((await follower.get('/price/usd')).status).toBe(200);
  expect(await follower.end('SIGTERM')).toBe(0);
  expect(api.calls('rates').log).toHaveLength(1);
});

test.each(['express-service.js', 'fastify-service.js'])(
  '%s waits for Redis, not ready, and stops in order',
  async (file) => {
    await redis.stop();
    const service = await startService(file);
    expect((await service.get('/internal/livez')).status).toBe(200);
    expect((await service.get('/internal/readyz')).status).toBe(503);
    expect((await service.get('/price/usd')).status).toBe(500);
    expect(await service.end('SIGTERM')).toBe(0);
    await redis.start();
  },
);

test('its probes are routes that are mounted', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/quick-start.md', 'utf8')) ?? [];
  const { livenessProbe, readinessProbe } = parse(yaml);
  expect([livenessProbe.httpGet.path, readinessProbe.httpGet.path]).toEqual(['/internal/livez', '/internal/readyz']);
});
