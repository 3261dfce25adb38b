/**
 * Memory and Redis give the same results: long random histories of several pods, with time that advances to, just
 * before and just after every boundary, wipes, evictions, garbage, commands sent twice, stale holders, pods that come
 * and go. Every reply, every announcement and all keys are compared.
 *
 * BELLWETHER_SEED=n runs one seed; `differential.full.test.ts` runs many more.
 */
import { describe, expect, test } from 'vitest';
import { hasFakeTime } from '../harness/faketime.ts';
import { checkHistories } from './differential/check-histories.ts';

const chosen = process.env.BELLWETHER_SEED;

describe.runIf(hasFakeTime)('differential', () => {
  test.runIf(chosen === undefined)('memory and Redis give the same results', { timeout: 300_000 }, async () => {
    const { report, notMet } = await checkHistories([1, 50]);
    console.log(report);
    expect(notMet).toEqual([]);
  });

  test.runIf(chosen !== undefined)(`memory and Redis give the same results with seed ${chosen}`, async () => {
    console.log((await checkHistories([Number(chosen), Number(chosen)])).report);
  });
});
