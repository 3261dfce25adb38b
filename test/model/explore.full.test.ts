/** All bugs that the checker must find, and all that `npm run check:model` explores. */
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
