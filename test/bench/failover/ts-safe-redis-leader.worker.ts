/** Members of ts-safe-redis-leader. It renews every half TTL; its waiters ask again every `waitMs`. */
import { Redis } from 'ioredis';
import { SafeRedisLeader } from 'ts-safe-redis-leader';
import { tsSafeWaitMs } from './contestants.ts';
import { serveMembers } from './members.ts';

serveMembers(async ({ url, election, ttlMs }, onConfirmed) => {
  const redis = new Redis(url);
  const elector = new SafeRedisLeader(redis as never, ttlMs, tsSafeWaitMs, election);
  // What the library tells of failures changes nothing about when it leads.
  redis.on('error', () => undefined);
  elector.on('error', () => undefined);
  elector.on('elected', onConfirmed);
  elector.on('renew', onConfirmed);
  // It doesn't notice that its connection was reset: it counts as back when it is connected again.
  redis.on('ready', () => elector.wasLeading && onConfirmed());
  await elector.elect();
  return {
    lockKey: String(elector.key),
    async leave() {
      await elector.shutdown();
      redis.disconnect();
    },
  };
});
