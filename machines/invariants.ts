/**
 * The promises as pure predicates over what a fleet did. Model checker, simulation, chaos runs and the demo all judge
 * by these, and by nothing else; each of them stands in `judges.ts`.
 *
 * A trace is one list of entries of all pods, in the order of `at`. Entries of one machine's clock compare exactly;
 * across machines they compare as well as their clocks do.
 */
import type { FleetTrace } from './fleet-trace.ts';
import { type Expectations, hear, noPast, type PromiseName, promiseNames, settle, type Violation } from './judges.ts';

/** All violations of all promises that a trace can show, in the order in which they happened. */
export function judge(trace: FleetTrace, expectations: Expectations): Violation[] {
  const violations: Violation[] = [];
  let past = noPast;
  // Stable: within one millisecond a pod's own entries stay in its own order.
  for (const entry of trace.toSorted((a, b) => a.at - b.at)) {
    const judged = hear(past, entry, expectations);
    past = judged.past;
    violations.push(...judged.violations);
  }
  violations.push(...settle(past, Number.POSITIVE_INFINITY, expectations).violations);
  return violations.toSorted((a, b) => a.at - b.at);
}

type Predicate = (trace: FleetTrace, expectations: Expectations) => Violation[];

/** Each promise by its name. */
export const invariants = Object.fromEntries(
  promiseNames.map((name): [PromiseName, Predicate] => [
    name,
    (trace, expectations) => judge(trace, expectations).filter(({ promise }) => promise === name),
  ]),
) as Readonly<Record<PromiseName, Predicate>>;
