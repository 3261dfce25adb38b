/** A few seeds of the swarm, and that it would have found something. Promises 1 to 9. */
import { describe, expect, test } from 'vitest';
import { faultNames } from '../../src/testing/fault-kinds.ts';
import { pickerOf } from '../../src/testing/random.ts';
import { runSwarm } from '../../src/testing/swarm.ts';
import { planOf } from '../../src/testing/swarm-plan.ts';
import { shrinkSwarm } from '../../src/testing/swarm-shrink.ts';

const minutes = (count: number) => count * 60_000;

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'seed %i keeps the promises through its faults',
  { timeout: 120_000 },
  async (seed) => {
    const report = await runSwarm({ seed, pods: 5, durationMs: minutes(6) });
    expect(report.violations).toEqual([]);
    expect(report.slowestMs).toBeLessThan(report.boundMs);
    expect([report.faults, report.publications, report.asked].every((count) => count > 0)).toBe(true);
  },
);

describe('a swarm', () => {
  test('that failed is told with the shortest prefix that still fails', async () => {
    const tried: (number | undefined)[] = [];
    const run = async ({ faults = 40 }: { faults?: number | undefined }) => {
      tried.push(faults);
      return { faults, violations: faults >= 13 ? [{ promise: 'fenced', at: 0, sentence: 'broken' }] : [] };
    };
    const failed = await run({});
    expect((await shrinkSwarm({ seed: 1, pods: 3, durationMs: 1 }, failed, run)).faults).toBe(13);
    expect(tried.length).toBeLessThan(10);
  });

  test('draws each fault for some seeds and not for others', () => {
    const drawn = Array.from({ length: 60 }, (_, seed) => planOf(seed).names);
    for (const name of faultNames) {
      const seeds = drawn.filter((names) => names.includes(name)).length;
      expect([name, seeds > 5 && seeds < 55]).toEqual([name, true]);
    }
  });

  test('has plans whose prefixes are equal', () => {
    const [first, again] = [planOf(7).rounds().next().value, planOf(7).rounds().next().value];
    expect(again).toEqual(first);
    expect(pickerOf(7, 'a').next()).not.toBe(pickerOf(7, 'b').next());
  });
});
