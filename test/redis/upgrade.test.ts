/** Pods of two versions in one fleet, the newer one with a dataset more: the rows of docs/operations.md (promises 3, 8, 9). */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from './link.ts';

const Day = z.object({ day: z.number() });
const limit = { timeout: 15_000 };

/** What the sources answer, and how often they were asked. */
function createWorld(redis: string) {
  const world = { day: 1, calls: { rates: 0, terms: 0 } };
  const dataset = (name: 'rates' | 'terms', refreshInterval: '1s' | '1h') => ({
    schema: Day,
    source: async () => {
      world.calls[name] += 1;
      return { day: world.day };
    },
    refreshInterval,
    required: name === 'rates',
  });
  const common = { namespace: 'test', redis, logger: false as const, timing: { pollInterval: '200ms' as const } };
  const oldPod = () => createDataManager({ ...common, podId: 'old', datasets: { rates: dataset('rates', '1s') } });
  const newPod = (podId = 'new') =>
    createDataManager({
      ...common,
      podId,
      datasets: { rates: dataset('rates', '1s'), terms: dataset('terms', '1h') },
    });
  return { world, oldPod, newPod };
}

async function started<Pod extends ReturnType<ReturnType<typeof createWorld>['oldPod' | 'newPod']>>(
  pod: Pod,
): Promise<Pod> {
  onTestFinished(() => pod.stop());
  await pod.start();
  return pod;
}

test('a dataset more: fetched once a newer pod leads, kept and given back while an older one does', async () => {
  const { url } = await startRedisServer();
  const { world, oldPod, newPod } = createWorld(url);
  const older = await started(oldPod());
  const newer = await started(newPod());
  expect([older.isLeader(), newer.version('terms').revision, world.calls.terms]).toEqual([true, 0, 0]);

  expect(await newer.stepDown()).toEqual({ outcome: 'steppedDown' });
  await expect.poll(() => newer.isLeader(), limit).toBe(true);
  await expect.poll(() => newer.version('terms').revision, limit).toBe(1);

  expect(await older.stepDown()).toEqual({ outcome: 'steppedDown' });
  await expect.poll(() => older.isLeader(), limit).toBe(true);
  const { revision } = older.version('rates');
  world.day = 2;
  await expect.poll(() => newer.get('rates').day, limit).toBe(2);
  expect(newer.version('rates').revision).toBeGreaterThan(revision);

  // The older leader has published since: what it doesn't know is still there for whoever comes.
  const next = await started(newPod('next'));
  await expect.poll(() => next.version('terms'), limit).toMatchObject({ revision: 1, podId: 'new' });

  // And comes back after a loss of Redis' data, from a pod that has it, though the leader has not.
  const client = plainClient(url);
  await client.flushall();
  await expect.poll(() => client.exists('test:terms_backup'), limit).toBe(1);
  await expect.poll(() => [older, newer, next].filter((pod) => pod.isLeader()).length, limit).toBe(1);
  for (const pod of [newer, next]) expect(pod.get('terms').day).toBe(1);
  expect(world.calls.terms).toBe(1);
});

test('a dataset less: nobody fetches it while a newer pod leads, and the older pods serve what they have', async () => {
  const { url } = await startRedisServer();
  const { world, oldPod, newPod } = createWorld(url);
  const withTerms = await started(newPod('before'));
  await expect.poll(() => withTerms.version('terms').revision, limit).toBe(1);
  const without = await started(oldPod());
  expect(await without.stepDown()).toEqual({ outcome: 'steppedDown' });
  await expect.poll(() => without.isLeader(), limit).toBe(true);
  world.day = 2;
  await expect.poll(() => withTerms.get('rates').day, limit).toBe(2);
  expect([withTerms.get('terms').day, world.calls.terms]).toEqual([1, 1]);
  expect(await withTerms.refresh('terms', { timeout: '500ms' })).toMatchObject({ outcome: 'noLeader' });
});
