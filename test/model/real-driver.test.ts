import { describe, expect, test } from 'vitest';
import { realDriver } from '../../src/testing/index.ts';
import { datasets, paths, testOnRealRedis } from './real-paths.ts';

testOnRealRedis(['leader.crash', 'leader.stop, redis.wipe', 'redis.stop, redis.start']);

describe('says in a sentence', () => {
  const [start] = paths;
  const wrongKey = () => Promise.reject(new Error('API key is wrong'));

  test('which failure a fleet that cannot start has seen: no Redis is there', async () => {
    const nowhere = realDriver({ datasets, redis: { url: 'redis://127.0.0.1:1' }, convergesWithin: '1s' });
    await expect(start?.run(nowhere)).rejects.toThrow(
      [
        'The fleet did not start: not within 1000 ms: 0 pods lead; 3 pods are not on the newest version of rates.',
        "The pods' last failures:\n  Nothing listens at redis://127.0.0.1:1: start Redis there",
      ].join(' '),
    );
  });

  test('the same of a source that always throws', async () => {
    const sources = { rates: { ...datasets.rates, source: wrongKey } };
    const redis = { url: 'memory:real-driver' };
    const failing = realDriver({ datasets: sources, redis, convergesWithin: '4s' });
    await expect(start?.run(failing)).rejects.toThrow('\n  The source of "rates" threw: API key is wrong');
  });

  test('everything that is wrong with the options, before any pod is made', () => {
    expect(() => realDriver({ convergesWithin: 'soon', on: { meteor: 1 }, port: 1 } as never)).toThrow(
      [
        'The options of Bellwether are wrong:',
        '  on.meteor: expected a function',
        '  redis: Invalid input: expected object, received undefined',
        "  convergesWithin: expected a duration such as '5m', '30s' or a number of milliseconds",
        '  port: there is no such option',
        '  datasets: Invalid input: expected record, received undefined',
      ].join('\n'),
    );
    expect(() => realDriver(undefined as never)).toThrow('The options of Bellwether are wrong');
    expect(() => realDriver({ datasets, redis: { url: 'http://redis' } })).toThrow('redis: ');
  });
});
