/**
 * Who publishes. For the library: the holder of the lease, through the library's own stores, so that the moment of
 * sending is known; for the bare pods: one script. The payload is encoded and summed before either clock starts.
 */
import type { Redis } from 'ioredis';
import { Timing, type Version, versionOf } from '../../machines/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { Connection } from '../../src/ports.ts';
import { redisConnect } from '../../src/redis/connection.ts';
import { bareKeys, barePublishScript, bareRedis } from './bare-redis.ts';
import type { Published } from './payloads.ts';

export type Publisher = {
  /** Resolves, when Redis has answered, to the moment of sending in ns. */
  publish(published: Published): Promise<bigint>;
  close(): Promise<void>;
};

/** As the library: larger payloads are fetched after the announcement. */
const inlineLimitBytes = 32 * 1024;

const isInline = ({ payload }: Published) => payload.length <= inlineLimitBytes;

export async function libraryPublisher(url: string, namespace: string): Promise<Publisher> {
  const timing = Timing.parse({});
  const podId = `publisher-${process.pid}`;
  const connection = redisConnect({ address: url, namespace, timing })(podId, systemClock);
  await new Promise<void>((resolve, reject) => {
    connection.open({
      onUp: resolve,
      onDown: ({ message }) => reject(new Error(message)),
      onMessage: () => {},
      onWarning: console.warn,
    });
  });
  const epoch = await acquire(connection, podId, timing);
  const holder = { podId, epoch };
  const renewal = setInterval(() => {
    connection.stores.lease.renew({ ...holder, ttlMs: timing.leaseTtlMs }).catch(console.error);
  }, timing.renewIntervalMs);
  let last: Version | undefined;
  return {
    async publish(published) {
      const { payload, sha256 } = published;
      const revision = (last?.revision ?? 0) + 1;
      const record = {
        ...holder,
        revision,
        updatedAt: 0,
        checkedAt: 0,
        sha256,
        bytes: payload.length,
        encoding: 'json' as const,
      };
      const sentAt = process.hrtime.bigint();
      const reply = await connection.stores.publications.publish({
        ...{ ...holder, dataset: 'rates', record, payload, expected: last, freshGeneration: 'bench' },
        ...{ isInline: isInline(published), permitId: undefined },
      });
      if (reply.outcome !== 'published') throw new Error(`the library did not publish: ${reply.outcome}`);
      last = versionOf(reply.record);
      return sentAt;
    },
    async close() {
      clearInterval(renewal);
      await connection.close();
    },
  };
}

async function acquire(connection: Connection, podId: string, timing: Timing): Promise<number> {
  const { leaseTtlMs: ttlMs, beliefWindowMs, graceMs } = timing;
  const request = { podId, seenEpoch: 0, ownEpoch: 0, ttlMs, beliefWindowMs, graceMs, freshGeneration: 'bench' };
  for (;;) {
    const reply = await connection.stores.lease.acquire(request);
    if (reply.outcome === 'granted') return reply.epoch;
    if (reply.outcome === 'held') throw new Error(`${reply.lock.podId} holds the lease`);
    await new Promise((resolve) => setTimeout(resolve, reply.waitMs));
  }
}

export async function barePublisher(url: string): Promise<Publisher> {
  const redis = bareRedis(url) as Redis & { barePublish(...args: (string | Buffer)[]): Promise<string> };
  redis.defineCommand('barePublish', { lua: barePublishScript, numberOfKeys: 2 });
  await redis.connect();
  // The library's publisher hears its own announcements as well.
  await redis.subscribe(bareKeys.channel);
  let revision = 0;
  return {
    async publish(published) {
      const { payload, sha256 } = published;
      revision += 1;
      const record = JSON.stringify({ revision, sha256, bytes: payload.length, encoding: 'json' });
      const { payload: key, dataVersion, channel } = bareKeys;
      const sentAt = process.hrtime.bigint();
      await redis.barePublish(key, dataVersion, record, payload, isInline(published) ? '1' : '', channel);
      return sentAt;
    },
    async close() {
      redis.disconnect();
    },
  };
}
