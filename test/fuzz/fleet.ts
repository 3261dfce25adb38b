/** Two real managers on a real Redis, and what must hold of them whatever is written there. */
import type { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';

/** Nothing that is generated has this mark, so no forged data can pass for good. */
const mark = 'genuine-9f2c';
const schema = z.object({ mark: z.literal(mark), day: z.number() });

export type Fleet = Readonly<{
  redis: RedisServer;
  client: Redis;
  podIds: readonly string[];
  /** Throws when a pod serves anything but good data, or an older revision than before. */
  check(): void;
  /** Resolves when there is one leader again, and a new revision has reached every pod. */
  recover(): Promise<void>;
}>;

export async function startFleet(): Promise<Fleet> {
  const redis = await startRedisServer();
  let day = 1;
  const pods = ['pod-a', 'pod-b'].map((podId) =>
    createDataManager({
      namespace: 'hedging',
      redis: redis.url,
      podId,
      logger: false,
      leaseTtl: '3s',
      timing: {
        renewInterval: '50ms',
        beliefWindow: '300ms',
        grace: '400ms',
        leaseCommandLimit: '200ms',
        pollInterval: '100ms',
        checkSlot: '100ms',
        misconfiguredRetry: '100ms',
      },
      datasets: {
        rates: { schema, source: async () => ({ mark, day }), refreshInterval: '1s', budget: { calls: 64, per: '1s' } },
      },
    }),
  );
  onTestFinished(async () => {
    await Promise.all(pods.map((pod) => pod.stop()));
    await redis.stop();
  });
  await Promise.all(pods.map((pod) => pod.start()));
  const revisions = pods.map(() => 0);
  return {
    redis,
    client: plainClient(redis.url),
    podIds: pods.map(({ podId }) => podId),
    check: () => {
      for (const [index, pod] of pods.entries()) {
        expect(pod.get('rates').mark).toBe(mark);
        const { revision } = pod.version('rates');
        expect(revision).toBeGreaterThanOrEqual(revisions[index] as number);
        revisions[index] = revision;
      }
    },
    recover: async (timeout = 25_000) => {
      day += 1;
      const limit = { timeout, interval: 20 };
      await expect.poll(() => pods.filter((pod) => pod.isLeader()).length, limit).toBe(1);
      await expect.poll(() => pods.map((pod) => pod.get('rates').day), limit).toEqual(pods.map(() => day));
    },
  };
}
