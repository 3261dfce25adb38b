/** Random histories on both: a broken store in memory beside scripts that are whole, or the other way round. */
import { expect, test, vi } from 'vitest';
import { run } from '../../contract/differential/run.ts';
import { stepsOf } from '../../contract/differential/steps.ts';
import { openMemoryWorld } from '../../contract/memory-world.ts';
import { redisWorlds } from '../../contract/redis-world.ts';
import { eachMutant } from './each-mutant.ts';

vi.mock('../../../src/redis/scripts.ts', async (importOriginal) =>
  (await import('./scripts.ts')).broken(await importOriginal()),
);

const worlds = [openMemoryWorld, redisWorlds()] as const;
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

eachMutant(() => {
  test.each(seeds)('memory and Redis give the same results with seed %i', { timeout: 30_000 }, async (seed) => {
    const difference = await run(seed, stepsOf(seed, 300), worlds);
    expect(difference && `${difference.what}: ${difference.answers.join(' / ')}`).toBeUndefined();
  });
});
