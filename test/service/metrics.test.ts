/** The metrics of a pod: what they say after what happened to it, by Prometheus' own rules, and as they are documented. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { collectMetrics, type Metrics } from '../../src/service/index.ts';
import { ageSchedule } from '../harness/aged-schedule.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { ensureTool } from '../harness/tool.ts';

let redis: RedisServer;
let isFailing = false;
let usd = 1;

function podOf(podId: string) {
  const manager = createDataManager({
    namespace: 'test',
    redis: redis.url,
    podId,
    logger: false,
    timing: { pollInterval: '500ms' },
    datasets: {
      rates: {
        schema: z.object({ usd: z.number() }),
        source: async () => {
          if (isFailing) throw new Error('the source is away');
          return { usd };
        },
        refreshInterval: '1h',
        budget: { calls: 6, per: '1h' },
      },
    },
  });
  return { manager, metrics: collectMetrics(manager) };
}

type Pod = ReturnType<typeof podOf>;
let leader: Pod;
let follower: Pod;

beforeAll(async () => {
  redis = await startRedisServer();
  await ageSchedule(redis.url, 'test');
  leader = podOf('pod-a');
  await leader.manager.start();
  follower = podOf('pod-b');
  await follower.manager.start();
});
afterAll(async () => {
  await follower.manager.stop();
  await leader.manager.stop();
  for (const { metrics } of [leader, follower]) metrics.stop();
});

/** The value of one series, as `name{label="value"}`; undefined when there is none. */
async function valueIn({ metrics }: { metrics: Metrics }, series: string): Promise<number | undefined> {
  const line = (await metrics.registry.metrics()).split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const rates = '{dataset="rates"}';

describe('the metrics of a pod', () => {
  test('say who leads, under which epoch, how it came to that, and for how long', async () => {
    expect(await valueIn(leader, 'bellwether_is_leader')).toBe(1);
    expect(await valueIn(follower, 'bellwether_is_leader')).toBe(0);
    expect(await valueIn(leader, 'bellwether_role{role="leader"}')).toBe(1);
    expect(await valueIn(leader, 'bellwether_role{role="follower"}')).toBe(0);
    expect(await valueIn(leader, 'bellwether_elections_total{cause="acquired"}')).toBe(1);
    expect(await valueIn(leader, 'bellwether_elections_total{cause="tookOver"}')).toBe(0);
    for (const pod of [leader, follower]) expect(await valueIn(pod, 'bellwether_epoch')).toBe(1);
    expect(await valueIn(leader, 'bellwether_belief_remaining_seconds')).toBeGreaterThan(0);
    expect(await valueIn(leader, 'bellwether_belief_remaining_seconds')).toBeLessThanOrEqual(1.25);
    expect(await valueIn(leader, 'bellwether_lease_remaining_seconds')).toBeGreaterThan(110);
    expect(await valueIn(follower, 'bellwether_lease_remaining_seconds')).toBe(0);
    expect(await valueIn(leader, 'bellwether_role_changes_total{from="candidate",to="leader"}')).toBe(1);
    await expect.poll(() => valueIn(leader, 'bellwether_fleet_pods')).toBe(2);
  });

  test('say what is served and how old it is; a revision that comes is counted with its bytes and its way', async () => {
    expect(await valueIn(follower, `bellwether_data_revision${rates}`)).toBe(1);
    expect(await valueIn(follower, `bellwether_data_valid${rates}`)).toBe(1);
    expect(await valueIn(follower, `bellwether_data_age_seconds${rates}`)).toBeLessThan(60);
    expect(await valueIn(follower, `bellwether_data_max_age_seconds${rates}`)).toBe(3 * 3_600);
    expect(await valueIn(follower, `bellwether_data_bytes${rates}`)).toBe('{"usd":1}'.length);
    usd = 22;
    await leader.manager.refresh('rates');
    await expect.poll(() => valueIn(follower, `bellwether_data_revision${rates}`)).toBe(2);
    expect(await valueIn(follower, `bellwether_revisions_behind${rates}`)).toBe(0);
    expect(await valueIn(follower, `bellwether_revisions_applied_total${rates}`)).toBe(2);
    expect(await valueIn(follower, `bellwether_applied_bytes_total${rates}`)).toBe('{"usd":1}{"usd":22}'.length);
    expect(await valueIn(follower, `bellwether_propagation_seconds_count${rates}`)).toBe(1);
  });

  test('count source calls by result, and what is left of the budget, on every pod', async () => {
    const calls = (result: string) =>
      valueIn(leader, `bellwether_source_calls_total{dataset="rates",result="${result}"}`);
    expect([await calls('published'), await calls('unchanged'), await calls('failed')]).toEqual([2, 0, 0]);
    await leader.manager.refresh('rates');
    isFailing = true;
    await leader.manager.refresh('rates');
    isFailing = false;
    expect([await calls('published'), await calls('unchanged'), await calls('failed')]).toEqual([2, 1, 1]);
    expect(await valueIn(leader, `bellwether_source_failing${rates}`)).toBe(1);
    for (const pod of [leader, follower]) {
      expect(await valueIn(pod, `bellwether_source_budget_calls${rates}`)).toBe(6);
      await expect.poll(() => valueIn(pod, `bellwether_source_budget_left_calls${rates}`)).toBe(2);
    }
  });

  test('count syncs and how long they take', async () => {
    await expect.poll(() => valueIn(follower, 'bellwether_syncs_total{result="succeeded"}')).toBeGreaterThan(2);
    expect(await valueIn(follower, 'bellwether_syncs_total{result="failed"}')).toBe(0);
    expect(await valueIn(follower, 'bellwether_sync_duration_seconds_count')).toBe(
      await valueIn(follower, 'bellwether_syncs_total{result="succeeded"}'),
    );
    expect(await valueIn(follower, 'bellwether_sync_duration_seconds_sum')).toBeGreaterThan(0);
  });

  test('count a payload that somebody wrote over as damaged, the sync that found it as failed, and who gives it back', async () => {
    const client = new Redis(redis.url);
    // The checksum is another one: only who downloads it notices.
    await client.set('test:rates_backup', '{"usd":99}');
    await client.quit();
    const newcomer = podOf('pod-c');
    await newcomer.manager.start();
    expect(await valueIn(newcomer, `bellwether_revisions_damaged_total${rates}`)).toBe(1);
    expect(await valueIn(newcomer, 'bellwether_syncs_total{result="failed"}')).toBe(1);
    const restored = async () => {
      const counts = [leader, follower].map((pod) => valueIn(pod, `bellwether_revisions_restored_total${rates}`));
      return (await Promise.all(counts)).reduce((sum = 0, count = 0) => sum + count, 0);
    };
    await expect.poll(restored).toBeGreaterThan(0);
    await newcomer.manager.stop();
    newcomer.metrics.stop();
  });

  test('count the time of an outage that came and went between two scrapes', async () => {
    const degraded = () => valueIn(follower, 'bellwether_degraded_seconds_total');
    const before = (await degraded()) as number;
    await redis.kill();
    await expect.poll(() => follower.manager.role()).toBe('degraded');
    await redis.start();
    await expect.poll(() => follower.manager.role(), { timeout: 15_000 }).not.toBe('degraded');
    expect(await degraded()).toBeGreaterThan(before);
  });

  test('count the time without Redis and without a leader while it lasts, and the failures by kind', async () => {
    expect(await valueIn(follower, 'bellwether_redis_usable')).toBe(1);
    const degraded = () => valueIn(follower, 'bellwether_degraded_seconds_total');
    const atFirst = (await degraded()) as number;
    await redis.kill();
    await expect.poll(degraded).toBeGreaterThan(atFirst);
    const before = (await degraded()) as number;
    await expect.poll(degraded).toBeGreaterThan(before);
    expect(await valueIn(follower, 'bellwether_redis_usable')).toBe(0);
    expect(await valueIn(follower, 'bellwether_ready')).toBe(1);
    expect(await valueIn(follower, 'bellwether_redis_failures_total{kind="unreachable"}')).toBeGreaterThan(0);
    await redis.start();
    await expect.poll(() => valueIn(follower, 'bellwether_redis_usable'), { timeout: 10_000 }).toBe(1);
    expect(await valueIn(follower, 'bellwether_without_leader_seconds_total')).toBeGreaterThanOrEqual(before);
  });

  test('keep to Prometheus’ conventions, and name no pod, address or failure', async () => {
    const text = await leader.metrics.registry.metrics();
    const { status, stdout, stderr } = spawnSync(ensureTool('promtool'), ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(text).not.toMatch(/pod-a|127\.0\.0\.1|the source is away/);
  });

  test('are those of docs/metrics.md', async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const standard = new Set(registry.getMetricsAsArray().map(({ name }) => name));
    const rows = leader.metrics.registry
      .getMetricsAsArray()
      .filter(({ name }) => !standard.has(name))
      .map((metric) => {
        const { name, help, type, labelNames } = metric as unknown as Record<'name' | 'help' | 'type', string> & {
          labelNames: string[];
        };
        return [`\`${name}\``, type, labelNames.map((label) => `\`${label}\``).join(', '), help];
      });
    const documented = readFileSync('docs/metrics.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `bellwether_'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(documented.toSorted(), 'write the rows of docs/metrics.md as they are expected here').toEqual(
      rows.toSorted(),
    );
  });
});

test('a standalone pod has no word on leadership, and counts no time without a leader', async () => {
  const manager = createDataManager({
    namespace: 'test',
    mode: 'standalone',
    logger: false,
    datasets: { rates: { schema: z.object({}), source: async () => ({}), refreshInterval: '1h' } },
  });
  const metrics = collectMetrics(manager);
  await manager.start();
  expect(await valueIn({ metrics }, 'bellwether_is_leader')).toBeUndefined();
  expect(await valueIn({ metrics }, 'bellwether_without_leader_seconds_total')).toBe(0);
  expect(await valueIn({ metrics }, 'bellwether_source_calls_total{dataset="rates",result="published"}')).toBe(1);
  await manager.stop();
  metrics.stop();
});

test('a call that the budget refuses is counted', async () => {
  const manager = createDataManager({
    namespace: 'test',
    redis: 'memory:budget',
    logger: false,
    datasets: {
      rates: {
        schema: z.object({}),
        source: async () => ({}),
        refreshInterval: '1h',
        budget: { calls: 1, per: '1h' },
      },
    },
  });
  const metrics = collectMetrics(manager);
  await manager.start();
  expect(await manager.refresh('rates')).toMatchObject({ outcome: 'overBudget' });
  await expect.poll(() => valueIn({ metrics }, `bellwether_permits_refused_total${rates}`)).toBe(1);
  expect(await valueIn({ metrics }, `bellwether_source_budget_left_calls${rates}`)).toBe(0);
  await manager.stop();
  metrics.stop();
});

test('data that is not there has no age, and is not valid', async () => {
  const manager = createDataManager({
    namespace: 'test',
    redis: 'memory:nothing',
    logger: false,
    datasets: { rates: { schema: z.object({}), source: async () => ({}), refreshInterval: '1h' } },
  });
  const metrics = collectMetrics(manager);
  expect(await valueIn({ metrics }, `bellwether_data_age_seconds${rates}`)).toBeUndefined();
  expect(await valueIn({ metrics }, `bellwether_data_valid${rates}`)).toBe(0);
  await manager.stop();
  metrics.stop();
});
