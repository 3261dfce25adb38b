/** The demo, whole: what a newcomer sees, what it counts, and that nothing of it stays behind. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startFxApi } from '../../src/cli/demo/fx-api.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { childrenOf, isAlive } from '../harness/processes.ts';
import { bellwether, start } from './bellwether.ts';

const promises = [
  'fenced',
  'epochs',
  'versions',
  'verified',
  'budget',
  'oneLeader',
  'convergence',
  'serving',
  'nothingLost',
];

function expectAllKept(output: string): void {
  for (const promise of promises) expect(output).toMatch(new RegExp(`^ {2}kept +${promise} `, 'm'));
  expect(output).not.toContain('BROKEN');
}

/** The folder that a run says its logs are in. */
const folderOf = (output: string) => /^ {2}Logs +(\S+)$/m.exec(output)?.[1] ?? '';

const numbers = (output: string, pattern: RegExp) =>
  (pattern.exec(output) ?? []).slice(1).map((text) => Number(text.replaceAll(',', '')));

describe('bellwether demo', () => {
  test('six pods on a real Redis: elects, publishes, survives a kill and the loss of Redis, and ends well', async () => {
    const { code, stdout, stderr } = await bellwether(['demo', '--pods', '6', '--interval', '2s']);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    for (const step of [
      /Redis +127\.0\.0\.1:\d+, redis-server \d/,
      /pod \d leads: it acquired the lease, epoch 1 /,
      /6 of 6 pods serve rates and terms/,
      /redis-cli -p \d+ get hedging:leader_lock\n +\S+#1\n/,
      /redis-cli -p \d+ get hedging:data_version\n +\{.*"rates"/,
      /redis-cli -p \d+ get hedging:rates_backup\n +\{"date":"20\d\d-/,
      /rates revision \d \(20\d\d-\d\d-\d\d\) is on all 6 connected pods, \S+ after it was published/,
      /SIGKILL to pod \d, the leader/,
      /pod \d leads: it took the lease over, epoch 2 /,
      /the next leader was there \S+ after the leader was killed/,
      /pod 7 was started in its place/,
      /6 of 6 pods are degraded/,
      /6 of 6 pods still serve rates and terms without Redis/,
      /gave rates back to Redis from its memory: no source call was needed/,
      /6 of 6 pods are back/,
      /at the end all 6 pods were on rates \d+ and terms \d+/,
      /Redis lost its data; back were rates \d+ after \S+ and 0 source calls, terms \d+ after \S+ and 0 source calls/,
    ]) {
      expect(stdout).toMatch(step);
    }
    expectAllKept(stdout);
    // That Redis is stopped is told by whoever stops it.
    expect(stdout).not.toContain('cannot use Redis');
    expect(stdout).toContain('12 calls an hour each, 24 for two, against 6 x 12 x 2 = 144.');
    expect(existsSync(folderOf(stdout))).toBe(false);
  }, 120_000);

  test('the API counts one call an interval and dataset, where six pods alone make six', async () => {
    const { code, stdout } = await bellwether([
      'demo',
      '--pods',
      '6',
      '--interval',
      '1s',
      '--for',
      '4s',
      '--no-faults',
    ]);
    expect(code, stdout).toBe(0);
    expectAllKept(stdout);
    expect(stdout).not.toMatch(/SIGKILL|Redis is stopped/);
    const [intervals, alone] = numbers(stdout, /6 pods x (\d+) intervals? alone: ([\d,]+) \(rates\)/) as [
      number,
      number,
    ];
    const [rates, terms] = numbers(stdout, /as the API counted: +(\d+) \(rates\) \+ (\d+) \(terms\)/) as [
      number,
      number,
    ];
    expect(alone).toBe(6 * intervals);
    expect(intervals).toBeGreaterThanOrEqual(5);
    for (const calls of [rates, terms]) {
      expect(calls).toBeLessThanOrEqual(intervals);
      // A call comes when it is due, and a moment for it to be made and answered: over many that adds up.
      expect(calls).toBeGreaterThanOrEqual(intervals - 2);
    }
  }, 120_000);

  test('without any redis-server it says how to get one, and runs in one process on the memory store', async () => {
    const { code, stdout } = await bellwether(['demo', '--pods', '5', '--interval', '1s'], { PATH: temporaryFolder() });
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/There is no redis-server on PATH: install it \(apt-get install redis-server/);
    expect(stdout).toMatch(/the next leader was there \S+ after it was asked to/);
    expect(stdout).not.toContain('SIGKILL');
    expectAllKept(stdout);
  }, 60_000);

  test('ends in order on Ctrl-C, and with --keep that is how it ends well', async () => {
    const kept = start(['demo', '--pods', '3', '--interval', '1s', '--no-faults', '--keep']);
    await kept.says(/running on until Ctrl-C/);
    kept.child.kill('SIGINT');
    const { code, stdout } = await kept.ended;
    expect(code, stdout).toBe(0);
    expectAllKept(stdout);

    const cut = start(['demo', '--pods', '3', '--interval', '1s']);
    await cut.says(/leads: it acquired the lease/);
    cut.child.kill('SIGINT');
    const ended = await cut.ended;
    expect(ended.code, ended.stdout).toBe(130);
    expect(existsSync(folderOf(ended.stdout))).toBe(false);
  }, 120_000);

  test('a pod that dies by itself breaks a promise: exit code 1, and the logs are kept', async () => {
    const running = start(['demo', '--pods', '3', '--interval', '1s', '--no-faults']);
    await running.says(/3 of 3 pods serve/);
    const pods = childrenOf(running.child.pid, /demo\/pod\.ts/);
    expect(pods).toHaveLength(3);
    process.kill(pods[0] as number, 'SIGKILL');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/^ {2}BROKEN +serving +1 time:\n +pod \d ended with SIGKILL$/m);
    const folder = folderOf(stdout);
    expect(stdout).toContain(`The logs of the pods and of Redis are in ${folder}`);
    expect(readdirSync(folder).toSorted()).toEqual(['pod-01.log', 'pod-02.log', 'pod-03.log', 'redis.log']);
    rmSync(folder, { recursive: true });
  }, 60_000);

  test('leaves no process and no folder behind when it is killed itself', async () => {
    const running = start(['demo', '--pods', '3', '--interval', '1s']);
    await running.says(/3 of 3 pods serve/);
    const children = childrenOf(running.child.pid);
    // Three pods, their Redis and the janitor.
    expect(children).toHaveLength(5);
    running.child.kill('SIGKILL');
    await running.ended;
    await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    expect(existsSync(folderOf(running.output()))).toBe(false);
  }, 60_000);
});

describe('pods on their own (ENABLE_DISTRIBUTED_MANAGER=false)', () => {
  test('four pods make four calls an interval and dataset', async () => {
    const [pods, intervals, intervalMs] = [4, 3, 2_000];
    const api = await startFxApi();
    const services = Array.from({ length: pods }, () =>
      start(['service'], {
        ENABLE_DISTRIBUTED_MANAGER: 'false',
        REDIS_ADDR: 'tcp://127.0.0.1:1',
        RATES_URL: `${api.url}/rates`,
        TERMS_URL: `${api.url}/terms`,
        RATES_REFRESH_INTERVAL: `${intervalMs}ms`,
        TERMS_REFRESH_INTERVAL: `${intervalMs}ms`,
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: '0',
      }),
    );
    // Each pod's intervals begin with its own first call, whenever that is.
    const endings = services.map(async ({ says, child, ended }) => {
      await says(/Terms held in memory cache/);
      await sleep((intervals - 0.5) * intervalMs);
      child.kill('SIGTERM');
      return ended;
    });
    for (const { code } of await Promise.all(endings)) expect(code).toBe(0);
    expect({ rates: api.calls('rates').total, terms: api.calls('terms').total }).toEqual({
      rates: pods * intervals,
      terms: pods * intervals,
    });
    await api.close();
  }, 60_000);
});
