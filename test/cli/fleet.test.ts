/** The commands about a running fleet, on a real Redis, with pods in this process. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createDataManager, type DistributedDataManager } from '../../src/index.ts';
import { quickLeases } from '../harness/quick-leases.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';
import { start } from './bellwether.ts';
import { runHere } from './run-here.ts';

let redis: RedisServer;
let namespaces = 0;

beforeAll(async () => {
  redis = await startRedisServer();
});

type Fleet = Readonly<{
  pods: DistributedDataManager[];
  leader: DistributedDataManager;
  place: string[];
  prefix: string;
}>;

/** Pods that share a lease and have their data. */
async function startFleet(size: number, budgetWindow: '1s' | '10m' = '10m'): Promise<Fleet> {
  const namespace = `fleet${namespaces++}`;
  let day = 0;
  const pods = Array.from({ length: size }, (_, at) =>
    createDataManager({
      namespace,
      redis: redis.url,
      podId: `pod-${at + 1}`,
      logger: false,
      timing: { pollInterval: '300ms', ...quickLeases },
      datasets: {
        rates: {
          schema: z.object({ day: z.number() }),
          source: async () => ({ day: ++day }),
          refreshInterval: '10m',
          budget: { calls: 2, per: budgetWindow },
        },
      },
    }),
  );
  onTestFinished(async () => {
    await Promise.all(pods.map((pod) => pod.stop()));
  });
  await Promise.all(pods.map((pod) => pod.start()));
  const leader = pods.find((pod) => pod.isLeader());
  if (!leader) throw new Error('nobody leads');
  return { pods, leader, place: ['--redis', redis.url, '--namespace', namespace], prefix: namespace };
}

/** Everything that Redis holds of a fleet, but for what its pods write all the time. */
async function keysOf(prefix: string): Promise<string[]> {
  return (await plainClient(redis.url).keys(`${prefix}:*`)).sort();
}

describe('bellwether status', () => {
  test('shows each pod with its role, epoch, revisions and lag, and writes nothing', async () => {
    const { leader, place, prefix } = await startFleet(2);
    await expect
      .poll(async () =>
        (await runHere('status', ...place)).stdout.match(/^pod-\d .*$/gm)?.filter((row) => / 1 +\S+ ago +0$/.test(row)),
      )
      .toHaveLength(2);
    const { code, stdout, stderr } = await runHere('status', ...place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${prefix} at ${redis.url}: 2 pods`);
    expect(stdout).toMatch(new RegExp(`^${leader.podId} leads, epoch 1, .*(m|s) of its lease left$`, 'm'));
    expect(stdout).toMatch(/^rates: revision 1, published \S+ ago by pod-\d, confirmed \S+ ago$/m);
    expect(stdout).toMatch(/^POD +ROLE +EPOCH +RATES +SEEN +LAG$/m);
    expect(stdout).not.toContain('\x1b');
  });

  test('as JSON, for scripts', async () => {
    const { leader, place } = await startFleet(1);
    const { stdout } = await runHere('status', '--json', ...place);
    const { leader: holder, pods, datasets } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(holder).toMatchObject({ podId: leader.podId, epoch: 1 });
    expect(pods).toHaveLength(1);
    expect(datasets).toMatchObject({ rates: { revision: 1, epoch: 1 } });
  });

  test('of a namespace that nobody uses is empty, and stays so: not even a generation is written', async () => {
    const place = ['--redis', redis.url, '--namespace', 'nobody'];
    const { code, stdout } = await runHere('status', ...place);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nobody leads: the lease is free.')]);
    await runHere('doctor', ...place);
    await runHere('inspect', 'lease', ...place);
    await runHere('refresh', 'rates', ...place);
    await runHere('step-down', ...place);
    expect(await keysOf('nobody')).toEqual([]);
  });

  test('a pod whose name is made to harm a terminal harms none', async () => {
    const { place, prefix } = await startFleet(1);
    const podId = 'evil\x1b[2Jpod';
    const client = plainClient(redis.url);
    const report = { podId, role: 'follower', epoch: 0, versions: {}, rejected: {} };
    await client.zadd(`${prefix}:pods`, Date.now(), podId);
    await client.zadd(`${prefix}:pods:order`, 0, podId);
    await client.hset(`${prefix}:pods:reports`, podId, JSON.stringify(report));
    const { stdout } = await runHere('status', ...place);
    expect(stdout).toContain('evil\uFFFD[2Jpod');
    expect(stdout).not.toContain('\x1b');
  });

  test('says that some pods are left out, when somebody has written reports that no pod writes', async () => {
    const { url } = await startRedisServer();
    const client = plainClient(url);
    const report = { podId: 'pod-1', role: 'follower', epoch: 0, versions: {}, rejected: {} };
    const reports = { 'pod-1': JSON.stringify(report), long: 'x'.repeat(8 * 1024 * 1024), none: 'no report' };
    for (const podId of Object.keys(reports)) {
      await client.zadd('hedging:pods', Date.now(), podId);
      await client.zadd('hedging:pods:order', 1, podId);
    }
    await client.hset('hedging:pods:reports', reports);
    const { stdout } = await runHere('status', '--redis', url);
    expect(stdout).toContain(': 1 of 3 pods\n');
    expect(stdout.length).toBeLessThan(1_000);
  });

  test('--watch shows it again and again, also when Redis was away, and ends with Ctrl-C', async () => {
    const server = await startRedisServer();
    const watching = start(['status', '--watch', '--json', '--redis', server.url]);
    await watching.says(/"leader":null/);
    await server.kill();
    await watching.says(/"failure":"/);
    await server.start();
    await watching.says(/"failure":"[^\n]*\n\{"leader":null/);
    watching.child.kill('SIGINT');
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('bellwether leader', () => {
  test('names the holder, and ends with 1 when there is none', async () => {
    const { leader, place } = await startFleet(1);
    expect(await runHere('leader', ...place)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`^${leader.podId} leads, epoch 1, `)),
    });
    await leader.stop();
    expect(await runHere('leader', ...place)).toEqual({
      code: 1,
      stdout: 'Nobody leads: the lease is free.\n',
      stderr: '',
    });
    expect(await runHere('leader', '--json', ...place)).toEqual({ code: 1, stdout: 'null\n', stderr: '' });
  });
});

describe('bellwether refresh', () => {
  test('is made by the leader', async () => {
    const { leader, pods, place } = await startFleet(2, '1s');
    // Not while the schedule is younger than the window of the budget.
    await expect
      .poll(() => runHere('refresh', 'rates', ...place), { timeout: 15_000 })
      .toEqual({
        code: 0,
        stdout: `${leader.podId} has refreshed rates: a new revision is published.\n`,
        stderr: '',
      });
    await expect.poll(() => pods.map((pod) => pod.version('rates').revision)).toEqual([2, 2]);
  });

  test('is refused beyond the budget, with the time when to ask again', async () => {
    const { place } = await startFleet(1);
    const { code, stdout } = await runHere('refresh', 'rates', ...place);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^rates was not refreshed: the fleet's budget of source calls is spent. Ask again in \S+\.\n$/,
    );
    expect(JSON.parse((await runHere('refresh', 'rates', '--json', ...place)).stdout)).toMatchObject({
      outcome: 'overBudget',
    });
  });

  test('of a dataset that the fleet has not: one sentence', async () => {
    const { place } = await startFleet(1);
    expect(await runHere('refresh', 'prices', ...place)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'bellwether: This fleet has no dataset "prices": it has published rates.\n',
    });
  });
});

describe('bellwether step-down', () => {
  test('has another pod lead, with no source call more', async () => {
    const { leader, pods, place } = await startFleet(2);
    const [other] = pods.filter((pod) => pod !== leader);
    expect(await runHere('step-down', ...place)).toEqual({
      code: 0,
      stdout: `${leader.podId} has given its lease away: ${other?.podId} leads, epoch 2.\n`,
      stderr: '',
    });
    expect([leader.role(), leader.isLeader()]).toEqual(['follower', false]);
    await expect.poll(() => other?.isLeader()).toBe(true);
    expect(pods.map((pod) => pod.version('rates').revision)).toEqual([1, 1]);
  });

  test('changes nothing when nobody else is there', async () => {
    const { leader, place } = await startFleet(1, '1s');
    expect(await runHere('step-down', ...place)).toEqual({
      code: 1,
      stdout: `${leader.podId} stays the leader: no other pod is there to take its lease.\n`,
      stderr: '',
    });
    expect(leader.isLeader()).toBe(true);
    await expect.poll(() => leader.refresh('rates'), { timeout: 15_000 }).toEqual({ outcome: 'published' });
  });
});

describe.each([['refresh', 'rates'], ['step-down']])('bellwether %s', (...args) => {
  test('when nobody leads: one sentence', async () => {
    const { code, stderr } = await runHere(...args, '--redis', redis.url, '--namespace', 'nobody');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^bellwether: Nobody leads: [^\n]*\n$/)]);
  });

  test('when the holder is not connected: one sentence', async () => {
    await plainClient(redis.url).set('dead:leader_lock', 'pod-9#4', 'PX', 60_000);
    const { code, stderr } = await runHere(...args, '--redis', redis.url, '--namespace', 'dead');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^bellwether: pod-9 holds the lease but is not connected: [^\n]*\n$/),
    ]);
  });

  test('when the leader does not answer in time: one sentence', async () => {
    await plainClient(redis.url).set('deaf:leader_lock', 'pod-9#4', 'PX', 60_000);
    await plainClient(redis.url).subscribe('deaf:pod:pod-9');
    const { code, stderr } = await runHere(...args, '--timeout', '50ms', '--redis', redis.url, '--namespace', 'deaf');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^bellwether: The leader pod-9 did not answer within 50ms: [^\n]*\n$/),
    ]);
  });
});

const secret = 'geheim/123';
const commandsOfFleet = [['status'], ['leader'], ['refresh', 'rates'], ['step-down'], ['doctor'], ['inspect', 'lease']];

describe.each(commandsOfFleet)('bellwether %s with a Redis that it cannot use', (...args) => {
  const endsWith = async (place: string[], sentence: RegExp) => {
    const { code, stdout, stderr } = await runHere(...args, ...place);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/geheim|reconnecting goes on|tried again/);
  };

  test('that is down', () =>
    endsWith(['--redis', 'redis://127.0.0.1:1'], /^bellwether: Nothing listens at redis:\/\/127.0.0.1:1: /));

  test('with a wrong password', async () => {
    const guarded = await startRedisServer({ password: 'another' });
    await endsWith(
      ['--redis', `redis://:${encodeURIComponent(secret)}@127.0.0.1:${guarded.port}`],
      /refused the user name or password/,
    );
  });

  test('without the password that it asks for', async () => {
    const guarded = await startRedisServer({ password: 'another' });
    await endsWith(['--redis', `redis://127.0.0.1:${guarded.port}`], /asks for a password/);
  });

  test('that says nothing', async () => {
    const silent = await startRedisServer();
    silent.pause();
    await endsWith(['--redis', silent.url], /went silent|did not answer/);
    silent.resume();
  });

  test('whose address is none: exit code 2, and it is not repeated', async () => {
    const { code, stderr } = await runHere(...args, '--redis', `http://:${secret}@x`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^bellwether: --redis: expected one of redis:.*\n$/);
    expect(stderr).not.toContain('geheim');
  });
});
