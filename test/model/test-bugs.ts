import { expect, test } from 'vitest';
import { describeExploration, explore } from '../../src/testing/index.ts';
import { brokenOptions, bugs } from './bugs.ts';

/** Those of these names; default: all. */
export function testBugs(names: readonly string[] = bugs.map(({ what }) => what)): void {
  const chosen = bugs.filter(({ what }) => names.includes(what));
  if (chosen.length !== names.length) throw new Error(`There are no such bugs: ${names.join(', ')}.`);
  test.each(chosen)('$what', { timeout: 120_000 }, async (bug) => {
    const { breaks, steps = 16 } = bug;
    const found = await explore(brokenOptions(bug));
    expect(found.counterexample?.violations.map(({ promise }) => promise)).toContain(breaks);
    expect(found.counterexample?.steps.length).toBeLessThanOrEqual(steps);
    expect(describeExploration(found)).toContain(`VIOLATION of "${breaks}"`);
  });
}
