/** A few seeds of the swarm: judged by the promises alone. */
import { expect, test } from 'vitest';
import { runSwarm } from '../../../src/testing/swarm.ts';
import { eachMutant } from './each-mutant.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

eachMutant(() => {
  test.each(seeds)('seed %i', { timeout: 60_000 }, async (seed) => {
    const { violations } = await runSwarm({ seed, pods: 5, durationMs: 6 * 60_000 });
    expect(violations.map(({ promise, sentence }) => `${promise}: ${sentence}`)).toEqual([]);
  });
});
