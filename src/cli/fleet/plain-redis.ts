/**
 * A plain connection that reads, for commands that look at Redis itself and not through the eyes of a pod: it works
 * where a pod would refuse to (a replica, a server that is too old, a user with few rights).
 *
 * Guarantee: whatever is wrong with the connection ends it with one sentence, within a few seconds.
 */
import type { Redis } from 'ioredis';
import { createClient } from '../../redis/client.ts';
import { redisError } from '../../redis/failure.ts';
import { type Keys, redisKeys } from '../../redis/keys.ts';
import type { Place } from '../../redis/place.ts';
import { FailedRun } from '../failed-run.ts';
import { UsageError } from '../usage-error.ts';
import { onceOnly } from './once-only.ts';
import type { FleetPlace } from './place.ts';

const connectLimitMs = 8_000;

export type PlainRedis = Readonly<{ redis: Redis; keys: Keys; place: Place }>;

/** Connects, does it, and leaves nothing open. @throws FailedRun */
export async function withRedis<T>(
  { target, namespace }: FleetPlace,
  task: (plain: PlainRedis) => Promise<T>,
): Promise<T> {
  const isCluster = target.cluster !== undefined;
  const keys = redisKeys(namespace, { isCluster });
  const place: Place = { address: target.redacted, namespace, isCluster, secrets: target.secrets };
  const redis = createClient(target, keys.leaderLock, Math.random, {
    connectionName: 'bellwether',
    retryDelayMs: () => connectLimitMs,
    needsReconnect: () => false,
  });
  const failed = new Promise<never>((_, reject) => {
    redis.on('error', reject);
    redis.on('end', () => reject(new Error('Connection is closed')));
    redis.on('close', () => reject(new Error('Connection is closed')));
  });
  failed.catch(() => undefined);
  const timer = setTimeout(() => redis.emit('error', new Error('ETIMEDOUT')), connectLimitMs);
  try {
    await Promise.race([redis.connect(), failed]);
    clearTimeout(timer);
    return await Promise.race([task({ redis, keys, place }), failed]);
  } catch (error) {
    if (error instanceof FailedRun || error instanceof UsageError) throw error;
    throw new FailedRun(onceOnly(redisError(error, place).message));
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}
