/**
 * One seed of the swarm: a fleet lives through rounds of faults, and after each must converge within the stated bound;
 * all promises are judged over all of it.
 */
import type { InspectionEvent } from 'xstate';
import { z } from 'zod';
import type { Violation } from '../../machines/index.ts';
import { parseOptions } from '../options.ts';
import { type FaultName, faultKinds, faultNames } from './fault-kinds.ts';
import { mostPods } from './fleet-options.ts';
import { heal } from './heal.ts';
import { converged } from './predicates.ts';
import { pickerOf } from './random.ts';
import { type SimulatedFleet, simulateFleet } from './simulated-fleet.ts';
import { type PlannedFault, planOf } from './swarm-plan.ts';

const Options = z.strictObject({
  seed: z.number().int(),
  pods: z.number().int().min(1).max(mostPods),
  /** Of virtual time, in ms. */
  durationMs: z.number().positive(),
  /** Only the first so many faults; default: all that fit in. */
  faults: z.number().int().min(0).optional(),
  /** Which may be drawn; default: all. */
  among: z.array(z.enum(faultNames)).min(1).readonly().optional(),
  inspect: z.custom<(event: InspectionEvent) => void>((value) => typeof value === 'function').optional(),
});
export type SwarmOptions = Readonly<z.input<typeof Options>>;

export type SwarmReport = Readonly<{
  seed: number;
  violations: readonly Violation[];
  /** Which the seed drew. */
  names: readonly FaultName[];
  /** How many of the plan were begun, those that couldn't be included. */
  faults: number;
  faultsByName: Readonly<Record<string, number>>;
  messages: Readonly<Record<string, number>>;
  virtualMs: number;
  /** The longest that any round took to converge, and how long it may. */
  slowestMs: number;
  boundMs: number;
  /** How often a round waited for a source call to bring back what nobody held any more; not counted in `slowestMs`. */
  waits: number;
  publications: number;
  asked: number;
  fleet: SimulatedFleet;
}>;

/** What is under way, and how to end it. */
type Active = { fault: PlannedFault; end: (() => void) | undefined };

/** @throws BellwetherError `configuration`, naming every faulty option */
export async function runSwarm(options: SwarmOptions): Promise<SwarmReport> {
  const {
    seed,
    pods,
    durationMs,
    faults: mostFaults = Number.POSITIVE_INFINITY,
    among = faultNames,
    inspect,
  } = parseOptions('runSwarm()', Options, options);
  const plan = planOf(seed, among);
  const refreshInterval = plan.refreshIntervalMs;
  const fleet = await simulateFleet({
    pods,
    seed,
    datasets: { rates: { refreshInterval }, terms: { refreshInterval } },
    leaseTtl: plan.leaseTtlMs,
    startApart: pickerOf(seed, 'start').one([0, 700]),
    ...(inspect && { inspect }),
  });
  const picker = pickerOf(seed, 'faults');
  let begun = 0;
  let slowestMs = 0;
  let waits = 0;
  for (const { chaosMs, faults, isSourceDown } of plan.rounds()) {
    const isLast = begun + faults.length >= mostFaults;
    const allowed = faults.filter(({ number }) => number <= mostFaults);
    begun += allowed.length;
    await chaos(fleet, picker, isLast ? Math.min(chaosMs, (allowed.at(-1)?.atMs ?? 0) + 1) : chaosMs, allowed);
    const sinceMs = fleet.elapsedMs;
    if (isSourceDown) fleet.source.fail();
    const alone = isSourceDown ? await convergence(fleet, refreshInterval) : 'converged';
    fleet.source.heal();
    const came = alone === 'stuck' ? alone : await convergence(fleet, refreshInterval);
    if (came === 'waited') waits += 1;
    else slowestMs = Math.max(slowestMs, fleet.elapsedMs - sinceMs);
    if (came === 'stuck' || fleet.watch.violations.length > 0 || isLast || fleet.elapsedMs >= durationMs) break;
  }
  return {
    seed,
    violations: fleet.expect.violations(),
    names: plan.names,
    faults: begun,
    faultsByName: fleet.faultCounts(),
    messages: fleet.network.counts,
    virtualMs: fleet.elapsedMs,
    slowestMs,
    waits,
    boundMs: fleet.expect.convergenceBoundMs,
    publications: fleet.trace.filter(({ type }) => type === 'revision.published').length,
    asked: fleet.watch.asked.times,
    fleet,
  };
}

/** Begins and ends faults at their times; ends what is still under way when the time is over. */
async function chaos(
  fleet: SimulatedFleet,
  picker: ReturnType<typeof pickerOf>,
  lastsMs: number,
  faults: readonly PlannedFault[],
) {
  const startMs = fleet.elapsedMs;
  const untilAt = (atMs: number) => fleet.advanceTo(startMs + Math.min(atMs, lastsMs));
  let active: Active[] = [];
  const endDue = async (byMs: number) => {
    for (const { fault, end } of active.filter(({ fault }) => fault.untilMs <= byMs).sort(byEnd)) {
      await untilAt(fault.untilMs);
      end?.();
    }
    active = active.filter(({ fault }) => fault.untilMs > byMs);
  };
  for (const fault of faults) {
    await endDue(fault.atMs);
    await untilAt(fault.atMs);
    const end = faultKinds[fault.name].begin(fleet as never, picker);
    if (typeof end === 'function') active.push({ fault, end });
  }
  await endDue(lastsMs);
  await untilAt(lastsMs);
  for (const { end } of active) end?.();
  heal(fleet);
}

const byEnd = (a: Active, b: Active) => a.fault.untilMs - b.fault.untilMs || a.fault.number - b.fault.number;

/**
 * Within the stated bound. What nobody holds any more is excused from it until the source call is due that brings it
 * back: where those of the budget are spent, the next one may come no sooner than one interval later.
 */
async function convergence(
  fleet: SimulatedFleet,
  refreshIntervalMs: number,
): Promise<'converged' | 'waited' | 'stuck'> {
  const within = fleet.expect.convergenceBoundMs;
  // A pod that was still stopping when all was healed is started when it has ended.
  const isBack = () => {
    for (const pod of fleet.pods) if (pod.state === 'stopped') pod.start();
    return converged(fleet);
  };
  try {
    await fleet.until(isBack, { within });
    return 'converged';
  } catch (error) {
    if (await comes(fleet, isBack, refreshIntervalMs)) return 'waited';
    fleet.watch.report(
      'convergence',
      `${fleet.expect.missing().join('; ')} ${Math.round(within)} ms after the last fault. ${(error as Error).message}`,
    );
    return 'stuck';
  }
}

/** While nothing but what is excused is missing. */
async function comes(fleet: SimulatedFleet, isThere: () => boolean, withinMs: number): Promise<boolean> {
  const endMs = fleet.elapsedMs + withinMs;
  while (!isThere() && fleet.elapsedMs < endMs && fleet.expect.missingBesidesLost().length === 0) {
    await fleet.advance('1s');
  }
  return isThere();
}
