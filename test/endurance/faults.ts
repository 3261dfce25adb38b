/** The faults of an endurance run, taken by turns, each of which is over when its promise resolves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { FxApi } from '../../src/cli/demo/fx-api.ts';
import type { RedisServer } from '../harness/redis-server.ts';
import type { EndurancePod } from './pod.ts';

export type World = Readonly<{
  redis: RedisServer;
  operator: Redis;
  api: FxApi;
  /** The one that is replaced, again and again; the others' processes live as long as the run. */
  replaced: EndurancePod;
}>;

export const faults: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'Redis killed and started again': async ({ redis }) => {
    await redis.kill();
    await sleep(2_000);
    await redis.start();
  },
  'a pod replaced': async ({ replaced }) => {
    await replaced.stop();
    await replaced.start();
  },
  'Redis stopped for 4 s': async ({ redis }) => {
    redis.pause();
    await sleep(4_000);
    redis.resume();
  },
  'all data of Redis deleted': async ({ operator }) => {
    await operator.flushall();
  },
  'the API down for 6 s': async ({ api }) => {
    api.fail(503);
    await sleep(6_000);
    api.heal();
  },
};
