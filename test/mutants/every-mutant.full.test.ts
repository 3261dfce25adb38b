/** Every mutant is caught by some layer: what `npm run mutants` prints. */
import { expect, test } from 'vitest';
import { hasFakeTime } from '../harness/faketime.ts';
import { everything, runCampaign } from './campaign.ts';
import { summaryOf, survivors } from './report.ts';

// The clock of the contract's Redis is moved by faketime.
test.runIf(hasFakeTime)('every mutant is caught', { timeout: 1_800_000 }, async () => {
  const startedAt = performance.now();
  const fates = await runCampaign(everything());
  console.log(summaryOf(fates, (performance.now() - startedAt) / 1000).join('\n'));
  expect(survivors(fates).map(({ mutant }) => mutant)).toEqual([]);
});
