/** A process that does nothing but connect with ioredis, and subscribe. */
import { measureFootprint } from './footprint-probe.ts';

await measureFootprint(async (url) => {
  const { bareRedis } = await import('./bare-redis.ts');
  return {
    async start() {
      const redis = bareRedis(url);
      await redis.connect();
      await redis.subscribe('footprint');
    },
  };
});
