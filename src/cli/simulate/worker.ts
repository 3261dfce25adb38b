/** Runs seeds, one after the other, in a process of its own; tells the parent of each. */
import { writeFileSync } from 'node:fs';
import { type TraceLine, traceText, type Violation } from '../../../machines/index.ts';
import { runSwarm, type SwarmOptions, type SwarmReport } from '../../testing/swarm.ts';
import { shrinkSwarm } from '../../testing/swarm-shrink.ts';
import { entryText } from '../../testing/trace-text.ts';
import { type CoverageNotes, TransitionCoverage } from '../../testing/transition-coverage.ts';

export type Order = Omit<SwarmOptions, 'inspect'> & { isTraced: boolean; traceFile: string | undefined };

/** A report without the fleet, and what failed made small. */
export type Told = Omit<SwarmReport, 'fleet'> & {
  coverage: CoverageNotes;
  trace: string[] | undefined;
  failure: Failure | undefined;
};

/** `story`: what was done to the fleet, in the shortest run that still fails. */
export type Failure = { violations: readonly Violation[]; faults: number; story: string[] };

const longestStory = 40;

// A seed makes tens of thousands of errors (refused, timed out, unreachable), and nobody reads where each was made.
Error.stackTraceLimit = 3;

async function runSeed({ isTraced, traceFile, ...order }: Order): Promise<Told> {
  const coverage = new TransitionCoverage();
  const options = { ...order, inspect: coverage.note };
  const report = await runSwarm(options);
  const { fleet, ...plain } = report;
  if (traceFile !== undefined) writeFileSync(traceFile, traceText([...fleet.trace, ...remarksOn(report)]));
  const failure = report.violations.length > 0 ? await failureOf(options, report) : undefined;
  const trace = isTraced ? fleet.trace.map(entryText) : undefined;
  return { ...plain, coverage: coverage.notes(), trace, failure };
}

function remarksOn({ violations }: SwarmReport): TraceLine[] {
  return violations.map(({ promise, at, sentence }) => {
    return { type: 'remark', at, sentence: `VIOLATION of "${promise}": ${sentence}` };
  });
}

async function failureOf(options: SwarmOptions, report: SwarmReport): Promise<Failure> {
  const { violations, faults, fleet } = await shrinkSwarm(options, report, runSwarm);
  const firstAt = violations[0]?.at ?? Number.POSITIVE_INFINITY;
  const injected = fleet.trace.filter(({ type, at }) => type === 'fault.injected' && at <= firstAt).map(entryText);
  const left = injected.length - longestStory;
  const story = left > 0 ? [`… ${left} before that`, ...injected.slice(-longestStory)] : injected;
  return { violations, faults, story };
}

// Whoever asks is gone: also by a signal that only it received.
process.once('disconnect', () => process.exit(1));

process.on('message', (order: Order) => {
  runSeed(order).then(
    (told) => process.send?.(told),
    (error: Error) => {
      throw new Error(`seed ${order.seed}: ${error.stack ?? error.message}`);
    },
  );
});
