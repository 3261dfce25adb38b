/** `docs/testing-failover.md` followed word by word, in an empty project that installed the packed tarball. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { ensureTool } from '../harness/tool.ts';
import { readGuide, shell } from './guide.ts';
import { pack, run } from './packed.ts';

const guide = readGuide('docs/testing-failover.md');

let folder: string;

beforeAll(async () => {
  const { tarball } = await pack();
  folder = temporaryFolder();
  guide.writeFiles(folder);
  shell(folder, guide.block('npm init -y').replace('install bellwether', `install ${tarball}`));
}, 180_000);

test('names a file for each of its test commands', () => {
  expect(guide.files).toEqual([
    'failover.test.js',
    'failover-node.test.js',
    'deployment.test.js',
    'real-redis.test.js',
    'coverage.test.js',
  ]);
});

test('with vitest: sixty generated tests pass', { timeout: 120_000 }, () => {
  expect(shell(folder, guide.block('npx vitest run failover.test.js'))).toMatch(/Tests {2}60 passed \(60\)/);
});

test('with node:test: the same', { timeout: 120_000 }, () => {
  expect(shell(folder, guide.block('node --test failover-node.test.js'))).toMatch(/# pass (60|61)\n/);
});

test("with a model of one's own", { timeout: 120_000 }, () => {
  expect(shell(folder, guide.block('npx vitest run deployment.test.js'))).toMatch(/Tests {2}4 passed \(4\)/);
});

test('on a real Redis: one of its paths', { timeout: 180_000 }, async () => {
  await ensureTool('redis-server');
  const only = `real-redis.test.js -t "leader.crash, redis.wipe"`;
  const commands = guide.block('npx vitest run real-redis.test.js').replace('real-redis.test.js', only);
  const typed = commands.replace('npx', `REDIS_PORT=${await freePort()} npx`);
  expect(shell(folder, typed)).toMatch(/Tests {2}1 passed \| \d+ skipped/);
});

test('with the share of the charts that it says its paths cover', { timeout: 120_000 }, () => {
  expect(shell(folder, guide.block('npx vitest run coverage.test.js'))).toMatch(/Tests {2}60 passed \(60\)/);
});

test.each([
  ['by hand', 'pods: 70, seed: 42', /^\d+ source calls by 70 pods\n$/],
  ['with the fixture', 'createFixtureManager({', /^$/],
])('%s', (_what, part, output) => {
  writeFileSync(join(folder, 'script.js'), guide.block(part));
  expect(run(folder, process.execPath, 'script.js')).toMatch(output);
});
