/** The model that runs in virtual time, run against real pods on a real Redis. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failoverModel, failoverPaths, realDriver, TransitionCoverage } from '../../src/testing/index.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';

/** One process can neither pause nor cut off a pod of its own. */
export const paths = failoverPaths({ model: failoverModel, pods: 3, without: ['leader.pause', 'leader.cut'] });

let day = 0;
export const datasets = {
  rates: {
    schema: z.object({ day: z.number() }),
    source: async () => ({ day: ++day }),
    refreshInterval: '2s',
    budget: { calls: 8, per: '2s' },
  },
};

export function testOnRealRedis(descriptions: readonly string[]): void {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.kill());
  const coverage = new TransitionCoverage();
  const chosen = paths.filter(({ description }) => descriptions.includes(description));

  describe.each(chosen)('$description', ({ run }) => {
    test('holds on a real Redis', { timeout: 90_000 }, () =>
      run(
        realDriver({
          datasets,
          coverage,
          leaseTtl: '8s',
          settle: '1s',
          redis: {
            url: server.url,
            stop: () => server.kill(),
            start: () => server.start(),
            wipe: async () => void (await plainClient(server.url).flushall()),
          },
        }),
      ),
    );
  });

  test('all of them are paths of the model, and they moved the pods', () => {
    expect(chosen).toHaveLength(descriptions.length);
    expect(coverage.notes().transitions.length).toBeGreaterThan(40);
  });
}
