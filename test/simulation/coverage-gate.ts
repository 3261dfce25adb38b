/**
 * Every state of every machine, and every failover transition (one that has a description), is covered by the swarm, by
 * generated paths or by the few histories beside them, but for those that are listed with their reason.
 */
import type { AnyTransitionDefinition } from 'xstate';
import { machines } from '../../src/testing/coverage-report.ts';
import type { TransitionCoverage } from '../../src/testing/index.ts';
import { nameOf, nodesOf, transitionsOf } from '../../src/testing/transitions.ts';
import { notCovered } from './not-covered.ts';

const isFailover = ({ description }: AnyTransitionDefinition & { description?: string }) => description !== undefined;

/** By name: what must be covered. */
export function mustBeCovered(): { states: string[]; transitions: string[] } {
  const nodes = machines.flatMap((machine) => nodesOf(machine.root));
  return {
    states: nodes.map(({ id }) => id),
    transitions: nodes.flatMap(transitionsOf).filter(isFailover).map(nameOf),
  };
}

/** @param reasons by name: why something can't be covered; default: not-covered.ts */
export function judgeCoverage(
  coverage: TransitionCoverage,
  reasons: Readonly<Record<string, string>> = notCovered,
): { lines: string[]; isOpen: boolean } {
  const { states, transitions } = mustBeCovered();
  const all = [...states, ...transitions];
  const never = new Set(
    machines.flatMap((machine) => [
      ...coverage.statesNeverEntered(machine),
      ...coverage.transitionsNeverTaken(machine),
    ]),
  );
  const missing = all.filter((name) => never.has(name));
  const explained = missing.filter((name) => name in reasons);
  const unexplained = missing.filter((name) => !(name in reasons));
  const unknown = Object.keys(reasons).filter((name) => !all.includes(name));
  const struck = Object.keys(reasons).filter((name) => all.includes(name) && !never.has(name));
  const covered = `${all.length - missing.length} of ${all.length} states and failover transitions are covered`;
  return {
    lines: [
      ...explained.map((name) => `not covered, because ${reasons[name]}: ${name}`),
      ...struck.map((name) => `COVERED  ${name}: strike it off test/simulation/not-covered.ts`),
      ...unknown.map((name) => `UNKNOWN  ${name}: no machine has it, strike it off test/simulation/not-covered.ts`),
      ...unexplained.map((name) => `NOT COVERED  ${name}`),
      unexplained.length === 0
        ? `${covered}, each other one has a reason`
        : `${covered}; ${unexplained.length} are not and have no reason in test/simulation/not-covered.ts`,
    ],
    isOpen: unexplained.length + struck.length + unknown.length === 0,
  };
}
