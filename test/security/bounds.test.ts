/** What a stranger at Redis may send, and how little of it a pod takes in. */

import { expect, onTestFinished, test } from 'vitest';
import { createActor } from 'xstate';
import { z } from 'zod';
import { podMachine } from '../../machines/index.ts';
import { createPodActors, type PodOptions } from '../../src/index.ts';
import { longestMessageBytes } from '../../src/redis/announcements.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient, recordOf } from '../redis/link.ts';

function startPod(redis: string, options: Partial<PodOptions> = {}) {
  const warnings: string[] = [];
  const pod = createPodActors({
    namespace: 'hedging',
    redis,
    timing: { pollInterval: '100ms' },
    onWarning: (sentence) => void warnings.push(sentence),
    datasets: {
      rates: {
        schema: z.looseObject({ usd: z.number() }),
        source: async () => ({ usd: 1 }),
        refreshInterval: '1h',
        maxBytes: 1_000,
      },
    },
    ...options,
  });
  const actor = createActor(podMachine.provide(pod), { input: pod.input, clock: pod.clock });
  const rejected: string[] = [];
  actor.on('revision.rejected', ({ reason }) => void rejected.push(reason));
  const served = new Promise<void>((resolve) => pod.memory.reader.events.once('served', () => resolve()));
  actor.start();
  onTestFinished(async () => {
    actor.stop();
    await pod.connection.close();
  });
  return { pod, actor, rejected, warnings, served };
}

test('a pod that is embedded by its machine alone tells the fleet what it is', async () => {
  const { url } = await startRedisServer();
  const { pod, served } = startPod(url);
  await served;
  const told = async () => {
    const { pods } = await pod.connection.stores.data.look();
    return pods.map(({ report: { podId, role, epoch } }) => ({ podId, role, epoch }));
  };
  await expect.poll(told).toEqual([{ podId: pod.input.podId, role: 'leader', epoch: 1 }]);
});

test('announcements of datasets that it doesn’t have leave nothing in its memory', async () => {
  const { url } = await startRedisServer();
  const { pod, served } = startPod(url);
  await served;
  const client = plainClient(url);
  const payload = Buffer.from(JSON.stringify('x'.repeat(30_000)));
  const heard: unknown[] = [];
  const { memory } = pod;
  const hear = memory.hear.bind(memory);
  memory.hear = (message) => {
    heard.push(message);
    hear(message);
  };
  for (let i = 0; i < 500; i += 1) {
    const record = recordOf(payload, { revision: 5 });
    const header = JSON.stringify({ kind: 'published', dataset: `d${i}`, record });
    await client.publish('hedging:announcements', Buffer.concat([Buffer.from(`${header}\n`), payload]));
    const claim = { kind: 'claimed', dataset: `d${i}`, podId: 'x', epoch: 1, at: Date.now(), agesMs: [1] };
    await client.publish('hedging:announcements', JSON.stringify(claim));
  }
  const last = { kind: 'released', podId: 'nobody', epoch: 0 };
  await client.publish('hedging:announcements', JSON.stringify(last));
  await expect.poll(() => heard.length).toBe(1);
  expect([...memory.stored.keys(), ...memory.staged.keys()].filter((name) => name !== 'rates')).toEqual([]);
});

test('an announcement longer than any of ours is dropped whole, with one warning', async () => {
  const { url } = await startRedisServer();
  const { warnings, served } = startPod(url);
  await served;
  const client = plainClient(url);
  for (let i = 0; i < 3; i += 1) await client.publish('hedging:announcements', 'x'.repeat(longestMessageBytes + 1));
  await expect
    .poll(() => warnings.filter((one) => one.includes(`longer than ${longestMessageBytes} bytes`)))
    .toHaveLength(1);
});

test('a payload whose record says that it is longer than maxBytes is refused without being downloaded (promise 4)', async () => {
  const { url } = await startRedisServer();
  const { pod, rejected, served } = startPod(url);
  await served;
  const client = plainClient(url);
  const payload = Buffer.from(JSON.stringify({ usd: 2, filling: 'x'.repeat(50_000) }));
  const stored = JSON.parse((await client.get('hedging:data_version')) ?? '');
  stored.datasets.rates = { ...stored.datasets.rates, ...recordOf(payload, { revision: 7 }) };
  await client.mset({ 'hedging:rates_backup': payload, 'hedging:data_version': JSON.stringify(stored) });
  await expect.poll(() => rejected).toEqual([`it has ${payload.length} bytes, more than maxBytes (1000)`]);
  expect(await client.info('commandstats')).not.toContain('cmdstat_getrange');
  expect(pod.memory.reader.get('rates')?.data).toEqual({ usd: 1 });
});

test('keys that could pollute a prototype get in by no way: payloads, records, announcements, reports', async () => {
  const { url } = await startRedisServer();
  const { pod, rejected, served } = startPod(url);
  await served;
  const client = plainClient(url);
  const evil = '"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}';
  await client.hset(
    'hedging:pods:reports',
    'pod-a',
    `{${evil},"podId":"pod-a","role":"follower","epoch":0,"versions":{${evil}},"rejected":{${evil}}}`,
  );
  await client.zadd('hedging:pods', Date.now(), 'pod-a');
  await client.zadd('hedging:pods:order', 1, 'pod-a');
  await client.publish('hedging:announcements', `{${evil},"kind":"released","podId":"x","epoch":0}`);
  const text = `{"usd":2,${evil}}`;
  const record = { ...recordOf(Buffer.from(text), { revision: 7 }) };
  const header = `{${evil},"kind":"published","dataset":"rates","record":{${evil},${JSON.stringify(record).slice(1)}}`;
  await client.publish('hedging:announcements', `${header}\n${text}`);
  await expect.poll(() => rejected).toEqual(['it has a key "__proto__", which no data needs']);
  const sight = await pod.connection.stores.data.look();
  expect(sight.pods.flatMap(({ report }) => Object.keys(report.versions))).not.toContain('__proto__');
  const probe: { isAdmin?: boolean } = {};
  expect([probe.isAdmin, ([] as { isAdmin?: boolean }).isAdmin, Object.hasOwn(Object.prototype, 'isAdmin')]).toEqual([
    undefined,
    undefined,
    false,
  ]);
  expect(pod.memory.reader.get('rates')?.data).toEqual({ usd: 1 });
});
