/** The ioredis client of one pod: where the target says, safe, with the scripts defined. Not connected yet. */
import { Redis } from 'ioredis';
import type { Random } from '../ports.ts';
import type { RedisTarget } from './address.ts';
import { type Reconnecting, safeOptions } from './options.ts';
import { defineScripts } from './scripts.ts';
import { QuietSentinelConnector } from './sentinel-connector.ts';
import { slotOwnerConnector } from './slot-owner-connector.ts';
import { surviveLaterErrors } from './stream-errors.ts';

/** @param key any of the namespace's: decides the slot on a Cluster */
export function createClient(
  { options, cluster }: RedisTarget,
  key: string,
  random: Random,
  reconnecting: Reconnecting,
): Redis {
  const redis = new Redis({
    ...options,
    ...safeOptions(reconnecting),
    ...(options.sentinels && { Connector: QuietSentinelConnector }),
    ...(cluster && { Connector: slotOwnerConnector({ ...cluster, key, random }) }),
  });
  defineScripts(redis);
  return surviveLaterErrors(redis);
}
