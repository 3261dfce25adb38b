/** What is waited for most: `await fleet.until(converged)`. */
import type { FleetExpectations } from './fleet-expectations.ts';

/** One pod answers `isLeader()` with true. */
export function leaderElected(fleet: { leaders: readonly unknown[] }): boolean {
  return fleet.leaders.length === 1;
}

/** One pod leads, every pod is on the newest version of every dataset, and Redis holds it. */
export function converged(fleet: { expect: FleetExpectations }): boolean {
  return fleet.expect.missing().length === 0;
}

/** @throws Error for what is no predicate, and for an answer that comes later: a promise would count as true at once */
export function answerOf<Fleet>(predicate: (fleet: Fleet) => boolean, fleet: Fleet): boolean {
  const sentence = 'until() takes a predicate that answers at once, such as leaderElected';
  if (typeof predicate !== 'function') throw new Error(`${sentence}.`);
  const answer: unknown = predicate(fleet);
  if (!isPromise(answer)) return Boolean(answer);
  answer.then(undefined, () => {});
  throw new Error(`${sentence}: this one returned a promise.`);
}

/** Of whichever realm: test runners have their own. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
