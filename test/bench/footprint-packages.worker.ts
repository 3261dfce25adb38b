/** As the bare process, with the library's packages loaded beside ioredis and unused: what they alone cost. */
import { measureFootprint } from './footprint-probe.ts';

await measureFootprint(async (url) => {
  const [{ bareRedis }] = await Promise.all([
    import('./bare-redis.ts'),
    import('xstate'),
    import('zod'),
    import('pino'),
    import('nanoid'),
  ]);
  return {
    async start() {
      const redis = bareRedis(url);
      await redis.connect();
      await redis.subscribe('footprint');
    },
  };
});
