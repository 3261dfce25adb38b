/** Which fleet a command is about: the options that all of these commands have. */
import { parseRedisAddress, type RedisTarget } from '../../redis/address.ts';
import { Namespace } from '../../redis/keys.ts';
import { UsageError } from '../usage-error.ts';

export const placeOptions = { redis: { type: 'string' }, namespace: { type: 'string' } } as const;

export type FleetPlace = Readonly<{ target: RedisTarget; namespace: string }>;

/** @throws UsageError that repeats nothing of the address */
export function placeOf({ redis, namespace = 'hedging' }: { redis?: string; namespace?: string }): FleetPlace {
  const [name, address] = redis === undefined ? ['REDIS_ADDR', process.env.REDIS_ADDR] : ['--redis', redis];
  const checked = Namespace.safeParse(namespace);
  if (!checked.success) throw new UsageError(`--namespace: ${checked.error.issues[0]?.message}, got "${namespace}".`);
  try {
    return { target: parseRedisAddress(address || 'tcp://redis-service:6379'), namespace };
  } catch (error) {
    throw new UsageError(`${name}: ${(error as Error).message}.`);
  }
}
