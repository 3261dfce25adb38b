/** Random histories on memory and Redis, seed by seed; the first that differs is shrunk and told. */
import { openMemoryWorld } from '../memory-world.ts';
import { redisWorlds } from '../redis-world.ts';
import { type Difference, run } from './run.ts';
import { shrink } from './shrink.ts';
import { stepsOf } from './steps.ts';

const stepsPerSeed = 300;

/** What enough histories must have met, or they prove nothing. */
const outcomes = {
  acquire: ['granted', 'held', 'onHold', 'misconfigured'],
  takeOver: ['granted', 'free', 'changed', 'present', 'tooYoung'],
  renew: ['renewed', 'lost'],
  release: ['released', 'lost'],
  yield: ['yielded', 'alone', 'tooSoon', 'notHolder'],
  restore: ['restored', 'notWanted'],
  publish: ['published', 'mismatch', 'outdated', 'notHolder'],
  confirm: ['confirmed', 'mismatch', 'notHolder'],
  claim: ['granted', 'notDue', 'overBudget', 'notHolder'],
  defer: ['deferred', 'notHolder'],
};

export type Checked = Readonly<{ report: string; notMet: readonly string[] }>;

/**
 * @param seeds from the first to the last, both included
 * @throws {Error} that tells seed, shortest history and both answers, when memory and Redis differ
 */
export async function checkHistories([first, last]: readonly [number, number]): Promise<Checked> {
  const worlds = [openMemoryWorld, redisWorlds()] as const;
  const seen = new Map<string, number>();
  for (let seed = first; seed <= last; seed += 1) {
    const steps = stepsOf(seed, stepsPerSeed);
    const found = await run(seed, steps, worlds, seen);
    if (!found) continue;
    const { difference } = await shrink(steps, found, (fewer) => run(seed, fewer, worlds));
    throw new Error(told(seed, found, difference));
  }
  const counts = [...seen].sort().map(([what, count]) => `${what} ${count}`);
  const expected = Object.entries(outcomes).flatMap(([name, list]) => list.map((outcome) => `${name}: ${outcome}`));
  return {
    report: `${last - first + 1} histories of ${stepsPerSeed} steps, all equal: ${counts.join(', ')}`,
    notMet: expected.filter((what) => !seen.has(what)),
  };
}

function told(seed: number, found: Difference, { history, what, answers }: Difference): string {
  return [
    `Memory and Redis differ in their ${what} with seed ${seed} after ${found.history.length} steps.`,
    `The shortest history that still differs (${history.length} steps):`,
    ...history.map((step) => `  ${step}`),
    `memory: ${answers[0]}`,
    `Redis:  ${answers[1]}`,
    `Again: BELLWETHER_SEED=${seed} npx vitest run test/contract/differential.test.ts`,
  ].join('\n');
}
