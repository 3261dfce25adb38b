/** The model checker: it finds what it must find, and finds nothing where nothing is. */
import { describe, expect, test } from 'vitest';
import { describeExploration, explore, faultKinds } from '../../src/testing/index.ts';
import { testBugs } from './test-bugs.ts';

describe('a bug in the protocol is found, in as few steps as any way there', () => {
  testBugs(['publish without a fence', 'a source call without a permit']);
});

test('one pod, without a fault: every reachable state is good, and from each the fleet converges', async () => {
  const found = await explore({ pods: 1, faults: [], bounds: { faults: 0 } });
  expect(describeExploration(found)).toContain('no violation');
  expect([found.isComplete, found.counterexample]).toEqual([true, undefined]);
  expect(found.converged).toBeGreaterThan(0);
});

test('a search that reaches its bound of states says so', async () => {
  const found = await explore({ bounds: { states: 100 } });
  expect(found.isComplete).toBe(false);
  expect(describeExploration(found)).toContain('NOT exhausted');
});

describe('bad input is refused with one sentence', () => {
  test.each([
    ['no pods', { pods: 0 }, 'pods: expected a whole number of at least 1'],
    ['half a pod', { pods: 1.5 }, 'pods: expected a whole number'],
    ['an unknown fault', { faults: ['meteor'] }, `faults.0: expected one of ${Object.keys(faultKinds).join(', ')}`],
    ['a bound of nothing', { bounds: { epochs: 0 } }, 'bounds.epochs: expected a whole number of at least 1'],
    ['an unknown bound', { bounds: { moons: 2 } }, 'bounds.moons: there is no such option'],
    ['a bound that is no number', { bounds: { contents: 'two' } }, 'bounds.contents: expected a number'],
  ])('%s', async (_what, options, sentence) => {
    await expect(explore(options as never)).rejects.toThrow(sentence);
  });
});
