/**
 * The invariants over a run in which Redis may have lost its data.
 *
 * What loosens after a loss (epochs and permits may repeat once) is loosened for the run as a whole only: what
 * happened between two losses is judged strictly.
 */
import { type Expectations, type FleetTrace, judge, type Violation } from '../../../machines/index.ts';
import type { Wipe } from './journal.ts';

export function judgeTrace(
  trace: FleetTrace,
  wipes: readonly Wipe[],
  expectations: Omit<Expectations, 'lostData'>,
): Violation[] {
  const whole = judge(trace, { ...expectations, lostData: wipes.length > 0 });
  const parts = partsBetween(wipes).flatMap(({ from, to }) =>
    judge(
      trace.filter(({ at }) => at >= from && at < to),
      { ...expectations, lostData: false },
    ),
  );
  const distinct = new Map([...whole, ...parts].map((violation) => [JSON.stringify(violation), violation]));
  return [...distinct.values()].toSorted((a, b) => a.at - b.at);
}

function partsBetween(wipes: readonly Wipe[]): { from: number; to: number }[] {
  if (wipes.length === 0) return [];
  const begins = [0, ...wipes.map(({ startedAt }) => startedAt)];
  const ends = [...wipes.map(({ stoppedAt }) => stoppedAt), Number.POSITIVE_INFINITY];
  return begins.map((from, index) => ({ from, to: ends[index] ?? Number.POSITIVE_INFINITY }));
}
