/** `bellwether simulate`: what a run of a few seeds prints and leaves, and what it says when it is asked for wrongly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTrace } from '../../machines/index.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { childrenOf, isAlive } from '../harness/processes.ts';
import { bellwether, start } from './bellwether.ts';

test('says how much it simulated, how fast, with which faults, what was covered and what was broken', async () => {
  const { code, stdout, stderr } = await bellwether(['simulate', '--seeds', '2', '--hours', '0.05', '--pods', '3']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^2 seeds, 3 pods each: \d+\.\d simulated hours in \d+ s with 2 processes, \d+ virtual seconds/,
  );
  expect(stdout).toMatch(/\nfaults: .*pod\.crash \d+/);
  expect(stdout).toMatch(/\ncovered of pod: \d+ of \d+ states, \d+ of \d+ transitions\n/);
  expect(stdout).toMatch(/\nviolations: none\n$/);
});

test('one seed leaves a trace that a replay reads', async () => {
  const file = join(temporaryFolder(), 'seed.jsonl');
  const args = ['--seed', '7', '--hours', '0.05', '--only', 'pod.crash', '--trace-file', file];
  const { code, stdout } = await bellwether(['simulate', ...args]);
  expect(code).toBe(0);
  expect(stdout).toContain(`to look at it: npx bellwether replay ${file}`);
  const { lines, refused } = readTrace(readFileSync(file, 'utf8'));
  expect(refused).toEqual([]);
  expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['lease.granted', 'fault.injected']));
});

test('a broken promise: exit code 1, the shortest story, and a command that repeats it and leaves a trace', async () => {
  const bug = new URL('./believes-for-ever.ts', import.meta.url);
  const broken = { NODE_OPTIONS: `--import tsx --import ${bug}` };
  const args = ['--from', '2', '--seeds', '3', '--hours', '0.2', '--pods', '3', '--only', 'pod.pause,pod.crash'];
  const { code, stdout } = await bellwether(['simulate', ...args], broken);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\n {2}\S+ {2}oneLeader: .* both answer isLeader\(\) with true\n/);
  expect(stdout).toMatch(/\nviolations: \d seeds\n$/);
  const [, again = '', faults] = / Again: npx bellwether (simulate .* --faults (\d+)) --trace\n/.exec(stdout) ?? [];
  expect(again).toContain('--pods 3 --hours 0.2 --only pod.pause,pod.crash');

  const file = join(temporaryFolder(), 'failed.jsonl');
  const repeated = await bellwether([...again.split(' '), '--trace-file', file], broken);
  expect([repeated.code, repeated.stdout]).toEqual([1, expect.stringContaining(`fails has ${faults} faults`)]);
  const { lines } = readTrace(readFileSync(file, 'utf8'));
  const remarks = lines.flatMap((line) => (line.type === 'remark' ? [line.sentence] : []));
  expect(remarks).toContainEqual(expect.stringMatching(/^VIOLATION of "oneLeader": /));
  expect((await bellwether(again.split(' '))).code).toBe(0);
}, 120_000);

test.each([
  [['--seeds', 'many'], 'bellwether: --seeds: expected a whole number from 1, got "many".\n'],
  [
    ['--seed', '1', '--trace-file', '/nowhere/f'],
    /^bellwether: --trace-file: \/nowhere\/f could not be written: ENOENT/,
  ],
  [['more'], 'bellwether: Unexpected argument "more": try "bellwether simulate --help".\n'],
])('%j: one sentence and exit code 2', async (args, sentence) => {
  const { code, stdout, stderr } = await bellwether(['simulate', ...args]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(sentence);
});

test('its processes end with it, also when it is killed', async () => {
  const { child, ended } = start(['simulate', '--seeds', '1000', '--hours', '10']);
  const workers = () => childrenOf(child.pid, /simulate\/worker/);
  await expect.poll(() => workers().length, { timeout: 20_000 }).toBe(2);
  const pids = workers();
  child.kill('SIGKILL');
  await ended;
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});

test('one of its processes is lost: all end, with the seed in one sentence', async () => {
  const { child, ended } = start(['simulate', '--seeds', '1000', '--hours', '10']);
  const workers = () => childrenOf(child.pid, /simulate\/worker/);
  await expect.poll(() => workers().length, { timeout: 20_000 }).toBe(2);
  const pids = workers();
  process.kill(pids[0] as number, 'SIGKILL');
  expect(await ended).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^bellwether: The process that ran seed [12] ended early \(SIGKILL\)\.\n$/),
  });
  await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
});
