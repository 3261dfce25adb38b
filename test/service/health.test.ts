/** Alive, ready, and how it is: what probes hang on, through an outage, old data, and the end of the machine. */
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDataManager, type DistributedDataManager } from '../../src/index.ts';
import { createPodHttp } from '../../src/service/index.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { startTestService, untilReady } from './service-process.ts';

let count = 0;
const managers: Pick<DistributedDataManager, 'stop'>[] = [];
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.stop();
});

type Settings = Readonly<{ maxAge?: string; isFailing?: () => boolean; redis?: string; required?: boolean }>;

function podWith({ maxAge, isFailing = () => false, redis, required = true }: Settings = {}) {
  const manager = createDataManager({
    namespace: 'test',
    redis: redis ?? `memory:${count++}`,
    logger: false,
    datasets: {
      rates: {
        schema: z.object({ usd: z.number() }),
        source: async () => {
          if (isFailing()) throw new Error('the source is away');
          return { usd: 1 };
        },
        refreshInterval: '1h',
        required,
        ...(maxAge && { maxAge }),
      },
    },
  });
  managers.push(manager);
  const http = createPodHttp(manager, { registry: false });
  const ask = async (path: string) => {
    const response = await http.fetch(new Request(`http://pod${path}`));
    return [response.status, await response.json()];
  };
  return { manager, http, ask };
}

const ok = [200, { status: 'ok' }];

describe('a pod', () => {
  test('is alive at once, and ready when its data is there', async () => {
    const { manager, ask } = podWith();
    expect(await ask('/livez')).toEqual(ok);
    expect(await ask('/readyz')).toEqual([503, { status: 'failed', reasons: ['There is no data of rates yet.'] }]);
    await manager.start();
    expect(await ask('/readyz')).toEqual(ok);
  });

  test('does not wait for data that is not required', async () => {
    const { ask } = podWith({ required: false });
    expect(await ask('/readyz')).toEqual(ok);
  });

  test('is not ready while its data is older than its limit, and stays alive', async () => {
    const { manager, ask } = podWith({ maxAge: '50ms' });
    await manager.start();
    await expect
      .poll(() => ask('/readyz'))
      .toEqual([
        503,
        {
          status: 'failed',
          reasons: [expect.stringMatching(/^The data of rates is .+ old, and its limit is 50ms\.$/)],
        },
      ]);
    expect(await ask('/livez')).toEqual(ok);
    expect(await ask('/health')).toEqual([200, expect.objectContaining({ isAlive: true, isReady: false })]);
  });

  test('that is degraded is alive, and ready while its data is valid', async () => {
    const redis = await startRedisServer();
    const { manager, ask } = podWith({ redis: redis.url });
    await manager.start();
    await redis.kill();
    await expect.poll(() => manager.role()).toBe('degraded');
    expect(await ask('/livez')).toEqual(ok);
    expect(await ask('/readyz')).toEqual(ok);
    expect(await ask('/health')).toEqual([
      200,
      expect.objectContaining({
        status: 'degraded',
        isLeader: false,
        redis: { isUsable: false, failure: expect.objectContaining({ kind: 'unreachable' }) },
      }),
    ]);
  });

  test('that is to stop is not ready from that moment, alive until its machine has ended, and then neither', async () => {
    const { manager, ask } = podWith();
    await manager.start();
    const stopped = manager.stop();
    expect(await ask('/readyz')).toEqual([503, { status: 'failed', reasons: ['This pod is stopping.'] }]);
    await stopped;
    const dead = { status: 'failed', reasons: [expect.stringMatching(/^The pod machine has stopped .+ restart/)] };
    expect(await ask('/livez')).toEqual([503, dead]);
    expect(await ask('/health')).toEqual([503, expect.objectContaining({ status: 'dead', role: 'stopped' })]);
  });

  test('can be drained by hand: readiness fails first, reads go on', async () => {
    const { manager, http, ask } = podWith();
    await manager.start();
    http.drain();
    expect((await ask('/readyz'))[0]).toBe(503);
    expect(await ask('/livez')).toEqual(ok);
    expect(manager.get('rates')).toEqual({ usd: 1 });
  });

  test.each(['stop', 'fail'] as const)('whose machine ends without being asked (%s) is not alive', async (how) => {
    const { manager, ask } = podWith();
    await manager.start();
    if (how === 'stop') manager.actor.stop();
    // As a bug would: an event that one of its actions throws at.
    else manager.actor.send({ type: 'sync.applied', records: null as never });
    const [status, answer] = await ask('/livez');
    expect([status, answer]).toEqual([
      503,
      { status: 'failed', reasons: [expect.stringMatching(/restart this process/)] },
    ]);
    expect((await ask('/readyz'))[0]).toBe(503);
  });

  test('tells what came of its last source call', async () => {
    let isFailing = false;
    const { manager, ask } = podWith({ isFailing: () => isFailing });
    await manager.start();
    const rates = async () => ((await ask('/health'))[1] as { datasets: { rates: unknown } }).datasets.rates;
    expect(await rates()).toMatchObject({
      ...{ revision: 1, isValid: true, isRequired: true, maxAgeMs: 10_800_000, rejected: null, sourceFailure: null },
      budget: { calls: 4, perMs: 3_600_000, left: 3 },
      lastSourceResult: { outcome: 'published' },
    });
    isFailing = true;
    await manager.refresh('rates');
    expect(await rates()).toMatchObject({
      sourceFailure: { kind: 'sourceFailed' },
      lastSourceResult: { outcome: 'failed', failure: { message: expect.stringContaining('the source is away') } },
    });
  });
});

describe('the service that is told to stop', () => {
  test('is not ready at once, and answers reads while its last source call ends, and until it has ended', async () => {
    const service = await startTestService();
    await untilReady(service);
    expect(await service.json('/readyz')).toEqual(ok);
    service.api.hang({ dataset: 'rates' });
    const calls = () => service.api.calls('rates').log.length;
    const before = calls();
    void service.running.service.manager.refresh('rates');
    await expect.poll(calls).toBe(before + 1);
    const stopped = service.running.stop();
    expect(await service.json('/readyz')).toEqual([503, { status: 'failed', reasons: ['This pod is stopping.'] }]);
    expect(await service.json('/livez')).toEqual(ok);
    expect((await service.get('/rates')).status).toBe(200);
    // Asked twice, it waits for no call.
    await service.running.stop();
    await stopped;
    await expect(service.get('/livez')).rejects.toThrow();
    await service.stop();
  });
});
