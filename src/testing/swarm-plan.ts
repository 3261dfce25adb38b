/**
 * What a seed has in store: which faults are on, how often they come, when each begins and ends. "Swarm" because no
 * two seeds test the same mixture (Groce et al., "Swarm Testing", 2012): a fault that is always on hides others.
 *
 * A plan is drawn as a whole before anything runs, so a shorter prefix of it is the same history up to where it ends.
 */
import { type FaultName, faultKinds, faultNames } from './fault-kinds.ts';
import { pickerOf } from './random.ts';

export type PlannedFault = Readonly<{
  /** Its place in the plan, from 1. */
  number: number;
  /** After the beginning of its round. */
  atMs: number;
  untilMs: number;
  name: FaultName;
}>;

/** Faults for a while, then none until the fleet has converged. */
export type Round = Readonly<{
  chaosMs: number;
  faults: readonly PlannedFault[];
  /** It must converge on what was published, without a source. */
  isSourceDown: boolean;
}>;

export type SwarmPlan = Readonly<{
  /** Drawn for this seed. */
  names: readonly FaultName[];
  meanGapMs: number;
  refreshIntervalMs: number;
  leaseTtlMs: number;
  /** As many as are wanted, one after the other. */
  rounds: () => Generator<Round>;
}>;

const shareOfFaults = 0.3;
const gap = { shortestMs: 1_500, longestMs: 60_000 };
const refreshIntervals = [20_000, 60_000, 300_000] as const;
/** Short ones expire in the midst of other faults. */
const leaseTtls = [5_000, 20_000, 120_000] as const;

/** @param among which faults may be drawn; default: all */
export function planOf(seed: number, among: readonly FaultName[] = faultNames): SwarmPlan {
  const picker = pickerOf(seed, 'plan');
  const drawn = among.filter(() => picker.chance(shareOfFaults));
  const names = drawn.length > 0 ? drawn : [among[picker.int(among.length)] as FaultName];
  const meanGapMs = Math.round(gap.shortestMs * (gap.longestMs / gap.shortestMs) ** picker.next());
  const refreshIntervalMs = picker.one(refreshIntervals);
  const leaseTtlMs = picker.one(leaseTtls);
  return {
    names,
    meanGapMs,
    refreshIntervalMs,
    leaseTtlMs,
    rounds: function* () {
      const draw = pickerOf(seed, 'rounds');
      for (let number = 1; ; ) {
        const chaosMs = Math.round(draw.between(60_000, 600_000));
        const faults: PlannedFault[] = [];
        for (let atMs = 0; ; ) {
          atMs += Math.max(1, Math.round(-Math.log(1 - draw.next()) * meanGapMs));
          if (atMs >= chaosMs) break;
          const name = names[draw.int(names.length)] as FaultName;
          const [from, to] = faultKinds[name].lasts;
          // Short ones are as likely as long ones of ten times their length.
          const lastsMs = to === 0 ? 0 : Math.round((from + 1) * ((to + 1) / (from + 1)) ** draw.next());
          faults.push({ number: number++, atMs, untilMs: atMs + lastsMs, name });
        }
        yield { chaosMs, faults, isSourceDown: draw.chance(0.5) };
      }
    },
  };
}
