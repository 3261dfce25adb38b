/** The shortest prefix of a plan that still breaks the same promise. */
import type { SwarmOptions, SwarmReport } from './swarm.ts';

/**
 * Bisects over the number of faults: what is returned fails, and half of its faults were tried in vain at every step.
 * Whether a shorter one fails that isn't on the way isn't known.
 *
 * @param failed the report of a run with violations
 * @param run what makes such reports: `runSwarm`
 */
export async function shrinkSwarm<Report extends Pick<SwarmReport, 'violations' | 'faults'>>(
  options: SwarmOptions,
  failed: Report,
  run: (options: SwarmOptions) => Promise<Report>,
): Promise<Report> {
  const promise = failed.violations[0]?.promise;
  let shortest = failed;
  let [tooFew, enough] = [-1, failed.faults];
  while (enough - tooFew > 1) {
    const faults = Math.floor((tooFew + enough) / 2);
    const report = await run({ ...options, faults });
    const isBroken = report.violations.some((violation) => violation.promise === promise);
    if (isBroken) [enough, shortest] = [faults, report];
    else tooFew = faults;
  }
  return shortest;
}
