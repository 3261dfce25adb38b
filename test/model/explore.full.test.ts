/** All bugs that the checker must find, and all that `npm run check:model` explores. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeExploration, explore } from '../../src/testing/index.ts';
import { runs } from './runs.ts';
import { testBugs } from './test-bugs.ts';

describe('a bug in the protocol is found, in as few steps as any way there', () => testBugs());

test.each(runs)('$name: no promise is broken', { timeout: 900_000 }, async ({ options }) => {
  const found = await explore(options);
  console.log(describeExploration(found));
  expect(found.counterexample).toBeUndefined();
  expect(found.isComplete).toBe(true);
});

test('without the fence a promise is broken, in the steps that the guide shows', { timeout: 300_000 }, () => {
  const command = ['--import', 'tsx', 'test/model/main.ts', '--without-fence'];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect(status).toBe(1);
  const story = stdout.slice(stdout.indexOf('VIOLATION of "fenced"')).trim();
  expect(story).toContain('publications.publish: published');
  expect(readFileSync('docs/testing-failover.md', 'utf8')).toContain(story);
});
