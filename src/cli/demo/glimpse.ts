/** A look at the keys with a client of its own: what `redis-cli get` would print. */
import { Redis } from 'ioredis';
import { parseRedisAddress } from '../../redis/address.ts';
import { redisError } from '../../redis/failure.ts';
import { redisKeys } from '../../redis/keys.ts';
import { surviveLaterErrors } from '../../redis/stream-errors.ts';
import { FailedRun } from '../failed-run.ts';
import { onceOnly } from '../fleet/once-only.ts';

const namespace = 'hedging';
const keys = redisKeys(namespace, { isCluster: false });

export type Glimpse = Readonly<{ command: string; value: string | null }>;

export type Place = Readonly<{
  /** Without a password. */
  address: string;
  /** How to reach it by hand. */
  redisCli: string;
  /** A Redis Cluster has other keys, and a client of its own: no look at it. */
  canBeLookedAt: boolean;
}>;

/** @throws {Error} with a sentence that says what is wrong with the address */
export function placeOf(address: string): Place {
  const { redacted, options, cluster } = parseRedisAddress(address);
  const { host, port, path, db } = options;
  const way = path ? ['-s', path] : host ? ['-h', host, '-p', String(port)] : [];
  const redisCli = ['redis-cli', ...way, ...(db ? ['-n', String(db)] : [])].join(' ').replace('-h 127.0.0.1 ', '');
  return { address: redacted, redisCli, canBeLookedAt: cluster === undefined };
}

/** The three keys that tell a person most. @throws {FailedRun} with a sentence that says what to do */
export async function glimpse(address: string): Promise<Glimpse[]> {
  const { redisCli } = placeOf(address);
  return read(address, async (redis) => {
    const glimpses: Glimpse[] = [];
    for (const key of [keys.leaderLock, keys.dataVersion, keys.backup('rates')]) {
      glimpses.push({ command: `${redisCli} get ${key}`, value: await redis.get(key) });
    }
    return glimpses;
  });
}

/** Who leads a fleet there, if one does. @throws {FailedRun} with a sentence that says what to do */
export function leaderAt(address: string): Promise<string | null> {
  return read(address, (redis) => redis.get(keys.leaderLock));
}

async function read<T>(address: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const { options, redacted, secrets } = parseRedisAddress(address);
  const redis = new Redis({
    ...options,
    lazyConnect: true,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
    maxRetriesPerRequest: 0,
    replyMapping: 'legacy',
    retryStrategy: () => null,
  });
  let cause: Error | undefined;
  surviveLaterErrors(redis).on('error', (error: Error) => {
    cause = error;
  });
  try {
    await redis.connect();
    return await ask(redis);
  } catch (error) {
    const failure = redisError(cause ?? error, { address: redacted, namespace, isCluster: false, secrets });
    throw new FailedRun(onceOnly(failure.message));
  } finally {
    redis.disconnect();
  }
}
