/** A few of the mutants, in seconds, and that none is forgotten: all of them run with `npm run test:full`. */
import { expect, test } from 'vitest';
import { hasFakeTime } from '../harness/faketime.ts';
import { runCampaign } from './campaign.ts';
import { conditionMutants } from './condition-mutants.ts';
import { survivors } from './report.ts';
import { quickBugs } from './seeded-bugs.ts';

/** The fence, in scripts and store; one guard of each machine; what the belief says; an actor's answer that comes late. */
const chosen = [
  'holder.lua:3 ',
  'lock.ts:62 ',
  'lease.machine.ts leaseIsLost -> false',
  'pod.machine.ts grantIsNewerThanOurs -> false',
  'refresh.machine.ts permitIsGranted -> true',
  'sync.machine.ts redisLacksOurs -> false',
  'belief.ts:54 ',
  'lease.ts:102 signal.aborted -> false',
];

// The clock of the contract's Redis is moved by faketime.
test.runIf(hasFakeTime)('some of the mutants are caught', { timeout: 120_000 }, async () => {
  const mutants = conditionMutants().filter(({ id }) => chosen.some((name) => id.startsWith(name)));
  expect(mutants.length).toBeGreaterThanOrEqual(chosen.length);
  const fates = await runCampaign({ bugs: quickBugs, mutants });
  expect(survivors(fates).map(({ mutant }) => mutant)).toEqual([]);
});
