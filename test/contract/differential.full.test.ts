/** As `differential.test.ts`, with other seeds and many more of them. */
import { describe, expect, test } from 'vitest';
import { hasFakeTime } from '../harness/faketime.ts';
import { checkHistories } from './differential/check-histories.ts';

describe.runIf(hasFakeTime)('differential, at length', () => {
  test('memory and Redis give the same results', { timeout: 3_600_000 }, async () => {
    const { report, notMet } = await checkHistories([1_001, 2_000]);
    console.log(report);
    expect(notMet).toEqual([]);
  });
});
