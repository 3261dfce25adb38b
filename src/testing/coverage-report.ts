/** How much of the pods' charts a test run has covered: to be read, or to be a gate. */
import type { AnyStateMachine } from 'xstate';
import { z } from 'zod';
import { leaseMachine, podMachine, refreshMachine, syncMachine } from '../../machines/index.ts';
import { parseOptions } from '../options.ts';
import type { TransitionCoverage } from './transition-coverage.ts';
import { nodesOf, transitionsOf } from './transitions.ts';

export type MachineCoverage = Readonly<{
  machine: string;
  states: number;
  transitions: number;
  /** By id. */
  statesNeverEntered: readonly string[];
  /** `lease.believed.held:after.renewInterval:0 -> lease.believed.renewing`: ids as in docs/statecharts.md. */
  transitionsNeverTaken: readonly string[];
}>;

/** All that a pod runs. */
export const machines: readonly AnyStateMachine[] = [podMachine, leaseMachine, refreshMachine, syncMachine];

/** One entry for each machine of a pod. */
export function coverageReport(coverage: TransitionCoverage): MachineCoverage[] {
  return machines.map((machine) => {
    const nodes = nodesOf(machine.root);
    return {
      machine: machine.id,
      states: nodes.length,
      transitions: nodes.flatMap(transitionsOf).length,
      statesNeverEntered: coverage.statesNeverEntered(machine),
      transitionsNeverTaken: coverage.transitionsNeverTaken(machine),
    };
  });
}

const share = z.number().min(0).max(1).default(0);
const Shares = z.strictObject({ states: share, transitions: share });

/**
 * A gate: at least such shares of all states and of all transitions, each from 0 to 1.
 *
 * @throws Error that names what is missing; BellwetherError `configuration` for shares that are none
 */
export function expectCoverage(coverage: TransitionCoverage, shares: z.input<typeof Shares>): void {
  const wanted = parseOptions('expectCoverage()', Shares, shares);
  const report = coverageReport(coverage);
  const all = { states: 0, transitions: 0 };
  for (const machine of report) {
    all.states += machine.states;
    all.transitions += machine.transitions;
  }
  const missing = {
    states: report.flatMap(({ statesNeverEntered }) => statesNeverEntered),
    transitions: report.flatMap(({ transitionsNeverTaken }) => transitionsNeverTaken),
  };
  const faults = (['states', 'transitions'] as const).flatMap((kind) => {
    const share = 1 - missing[kind].length / all[kind];
    if (share >= wanted[kind]) return [];
    const listed = missing[kind].map((name) => `\n  ${name}`).join('');
    return [`${percent(share)} of the ${kind} are covered, ${percent(wanted[kind])} are wanted. Never seen:${listed}`];
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
