/** An exploration for people: what was searched, within which bounds, and what came of it. */
import type { Exploration } from '../explore.ts';
import { faultKinds } from './story.ts';

export function describeExploration(found: Exploration): string {
  const { pods, faults, bounds, counterexample } = found;
  const speed = Math.round(found.states / found.seconds);
  const lines = [
    `${pods} ${pods === 1 ? 'pod' : 'pods'}, at most ${bounds.faults} ${bounds.faults === 1 ? 'fault' : 'faults'} a run (${bounds.faultsOfAKind} of a kind) of: ${faults.join(', ') || 'none'}`,
    `bounds: ${bounds.epochs} epochs, ${bounds.contents} contents of the source, ${bounds.messages} messages waiting on a connection, ${bounds.replies} of them replies`,
    `time in ticks: belief window ${bounds.beliefWindow}, grace ${bounds.grace}, TTL ${bounds.leaseTtl}, refresh interval ${bounds.interval}; all other timers fire at any moment`,
    `${found.states} states (${found.fleetStates} of the fleet alone, with ${found.edges} edges; ${found.cut} times cut at the bound of epochs, ${found.cutAtMessages} at that of messages), depth ${found.depth}, ${found.seconds.toFixed(1)} s, ${speed} states a second`,
    `${found.isComplete ? 'exhausted' : 'NOT exhausted'}; ${found.converged} converged states`,
  ];
  for (const fault of faults)
    lines.push(`  ${String(found.faultCounts.get(fault) ?? 0).padStart(8)} × ${fault}: ${faultKinds[fault]}`);
  lines.push(`${found.transitionCounts.size} transitions of the machines taken, ${found.neverTaken.length} never`);
  if (!counterexample) return [...lines, found.isComplete ? 'no violation' : 'no violation so far'].join('\n');
  const { violations, steps } = counterexample;
  return [
    ...lines,
    ...violations.map(({ promise, sentence }) => `VIOLATION of "${promise}": ${sentence}`),
    ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}`),
  ].join('\n');
}

/** The transitions by how often they were taken, and those that never were. */
export function describeTransitions({ transitionCounts, neverTaken }: Exploration): string {
  const taken = [...transitionCounts].sort(([, a], [, b]) => b - a);
  return [
    ...taken.map(([name, count]) => `${String(count).padStart(9)} × ${name}`),
    ...neverTaken.map((name) => `    never × ${name}`),
  ].join('\n');
}
