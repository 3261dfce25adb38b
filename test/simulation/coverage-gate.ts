/**
 * Every state of every machine, and every failover transition (one that has a description), is covered by the swarm, by
 * generated paths or by the few histories beside them, but for those that are named here with their reason.
 */
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { leaseMachine, podMachine, refreshMachine, syncMachine } from '../../machines/index.ts';
import type { TransitionCoverage } from '../../src/testing/index.ts';
import { nameOf, nodesOf, transitionsOf } from '../../src/testing/transitions.ts';
import { notCovered } from './not-covered.ts';

const machines: readonly AnyStateMachine[] = [podMachine, leaseMachine, refreshMachine, syncMachine];

const isFailover = ({ description }: AnyTransitionDefinition & { description?: string }) => description !== undefined;

export function judgeCoverage(coverage: TransitionCoverage): { lines: string[]; isOpen: boolean } {
  const missing = machines.flatMap((machine) => {
    const never = new Set(coverage.transitionsNeverTaken(machine));
    const described = nodesOf(machine.root).flatMap(transitionsOf).filter(isFailover).map(nameOf);
    return [...coverage.statesNeverEntered(machine), ...described.filter((name) => never.has(name))];
  });
  const unexplained = missing.filter((name) => !(name in notCovered));
  const explained = missing.filter((name) => name in notCovered);
  return {
    lines: [
      ...explained.map((name) => `not covered, because ${notCovered[name]}: ${name}`),
      ...unexplained.map((name) => `NOT COVERED  ${name}`),
      unexplained.length === 0
        ? `every other state and failover transition is covered`
        : `${unexplained.length} states or failover transitions are not covered and have no reason in test/simulation/not-covered.ts`,
    ],
    isOpen: unexplained.length === 0,
  };
}
