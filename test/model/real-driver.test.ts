import { expect, test } from 'vitest';
import { realDriver } from '../../src/testing/index.ts';
import { datasets, paths, testOnRealRedis } from './real-paths.ts';

testOnRealRedis(['leader.crash', 'leader.stop, redis.wipe', 'redis.stop, redis.start']);

test('a fleet that cannot converge says what is missing', async () => {
  const [start] = paths;
  const nowhere = realDriver({ datasets, redis: { url: 'redis://127.0.0.1:1' }, convergesWithin: '1s' });
  await expect(start?.run(nowhere)).rejects.toThrow(
    'The fleet did not start: not within 1000 ms: 0 pods lead; 3 pods are not on the newest version of rates',
  );
});
