/** The routes in a server of the user's own: Express and Fastify, at the root and under a prefix. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { createPodHttp, type PodHttp } from '../../src/service/index.ts';

const manager = createDataManager({
  namespace: 'test',
  redis: 'memory:',
  logger: false,
  datasets: {
    rates: {
      schema: z.object({ usd: z.number() }),
      source: async () => ({ usd: 1 }),
      refreshInterval: '1h',
      budget: { calls: 9, per: '1h' },
    },
  },
});
const adminToken = 'correct-horse-battery-staple';
const registry = new Registry();
const http = createPodHttp(manager, { registry, adminToken, service: { name: 'shop', version: '7.1.0' } });

beforeAll(() => manager.start());
afterAll(async () => {
  await manager.stop();
  http.close();
});

type Served = Readonly<{ url: string; close(): Promise<unknown> }>;

async function inExpress(prefix: string, { middleware }: PodHttp): Promise<Served> {
  const app = express();
  app.use(express.json());
  app.use(prefix, middleware);
  app.get('/', (_request, response) => void response.send('the shop'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise((resolve) => server.close(resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function inFastify(prefix: string, pod: PodHttp): Promise<Served> {
  const app = fastify();
  // biome-ignore lint/nursery/noMisusedPromises: a plugin of Fastify's is either asynchronous or calls back.
  await app.register(pod.fastify, { prefix });
  app.get('/', async () => 'the shop');
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
}

describe.each([
  ['Express', inExpress],
  ['Fastify', inFastify],
])('%s', (_name, serve) => {
  test.each(['/', '/pod'])('has the routes under %s, and keeps its own', async (prefix) => {
    const { url, close } = await serve(prefix, http);
    const base = prefix === '/' ? url : url + prefix;
    const get = async (path: string) => {
      const response = await fetch(path);
      return [response.status, await response.text()];
    };
    expect(await get(`${base}/livez`)).toEqual([200, '{"status":"ok"}']);
    expect(await get(`${base}/readyz?verbose`)).toEqual([200, '{"status":"ok"}']);
    expect(JSON.parse((await get(`${base}/version`))[1] as string).service).toEqual({ name: 'shop', version: '7.1.0' });
    expect((await get(`${base}/metrics`))[1]).toContain('bellwether_is_leader 1');
    expect(await get(`${url}/`)).toEqual([200, 'the shop']);
    expect((await get(`${base}/nothing`))[0]).toBe(404);
    const head = await fetch(`${base}/health`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const refresh = (token: string) =>
      fetch(`${base}/admin/refresh/rates`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    expect((await refresh('wrong')).status).toBe(401);
    expect(await (await refresh(adminToken)).json()).toEqual({ outcome: 'unchanged' });
    await close();
  });
});

test('a registry holds the metrics of one manager, until that one is closed', async () => {
  const own = new Registry();
  const theirs = new Gauge({ name: 'shop_open', help: 'Whether the shop is open.', registers: [own] });
  createPodHttp(manager, { registry: own }).close();
  const again = createPodHttp(manager, { registry: own });
  expect(await own.metrics()).toContain('bellwether_epoch 1');
  again.close();
  expect(own.getMetricsAsArray()).toEqual([theirs]);
  expect(() => createPodHttp(manager, { registry })).toThrow(
    /^This registry has the metrics of another manager already/,
  );
});

test('a registry may write OpenMetrics', async () => {
  const own = new Registry<OpenMetricsContentType>();
  own.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const pod = createPodHttp(manager, { registry: own });
  const response = await pod.fetch(new Request('http://pod/metrics'));
  expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text/);
  expect(await response.text()).toMatch(/\nbellwether_is_leader 1\n.*# EOF\n$/s);
  pod.close();
});
