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
