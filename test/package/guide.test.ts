/** `docs/testing-failover.md` followed word by word, in an empty project that installed the packed tarball. */
import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../harness/leftovers.ts';
import { pack, quietly, run } from './packed.ts';

const guide = readFileSync('docs/testing-failover.md', 'utf8');
const blocks = [...guide.matchAll(/```(sh|js)\n(.*?)```/gs)].map(([, kind, text = '']) => ({ kind, text }));
/** A file's block follows its name. */
const files = [...guide.matchAll(/`([\w-]+\.test\.js)`:\n\n```js\n(.*?)```/gs)];
const block = (part: string) => {
  const found = blocks.find(({ text }) => text.includes(part));
  if (!found) throw new Error(`The guide has no block with "${part}".`);
  return found.text;
};

let folder: string;

/** As a person would type it; the registry's package is the tarball. */
function shell(commands: string): string {
  const lines = commands.trim().split('\n');
  const typed = lines.map((line) => line.replace(/^npm install (.*)$/, `npm install ${quietly.join(' ')} $1`));
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete (env as NodeJS.ProcessEnv)[name];
  return execSync(typed.join(' && '), { cwd: folder, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(async () => {
  const { tarball } = await pack();
  folder = temporaryFolder();
  shell(block('npm init -y').replace('install bellwether', `install ${tarball}`));
  for (const [, name = '', text = ''] of files) writeFileSync(join(folder, name), text);
}, 180_000);

test('names a file for each of its test commands', () => {
  expect(files.map(([, name]) => name)).toEqual(['failover.test.js', 'failover-node.test.js', 'deployment.test.js']);
});

test('with vitest: sixty generated tests pass', { timeout: 120_000 }, () => {
  expect(shell(block('npx vitest run failover.test.js'))).toMatch(/Tests {2}60 passed \(60\)/);
});

test('with node:test: the same', { timeout: 120_000 }, () => {
  expect(shell(block('node --test failover-node.test.js'))).toMatch(/# pass (60|61)\n/);
});

test("with a model of one's own", { timeout: 120_000 }, () => {
  expect(shell(block('npx vitest run deployment.test.js'))).toMatch(/Tests {2}4 passed \(4\)/);
});

test.each([
  ['by hand', 'pods: 70, seed: 42', /^\d+ source calls by 70 pods\n$/],
  ['with the fixture', 'createFixtureManager({', /^$/],
])('%s', (_what, part, output) => {
  writeFileSync(join(folder, 'script.js'), block(part));
  expect(run(folder, process.execPath, 'script.js')).toMatch(output);
});
