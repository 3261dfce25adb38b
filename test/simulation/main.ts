/** `npm run simulate`: many seeds of the swarm, and what came of them. */
import { coverOtherwise } from './cover-otherwise.ts';
import { judgeCoverage } from './coverage-gate.ts';
import { parseSimulateOptions, UsageError } from './options.ts';
import { runSeeds } from './run-seeds.ts';
import { failureLines, Summary } from './summary.ts';

async function main(): Promise<void> {
  const options = parseSimulateOptions(process.argv.slice(2));
  const summary = new Summary();
  const startedAt = performance.now();
  await runSeeds(options, (told) => {
    summary.add(told);
    for (const line of told.trace ?? []) console.log(line);
    for (const line of failureLines(told, options)) console.log(line);
  });
  for (const line of summary.lines(performance.now() - startedAt, options)) console.log(line);
  if (options.isGate) await coverOtherwise(summary.coverage);
  if (options.traceFile !== undefined) console.log(`to look at it: npx bellwether replay ${options.traceFile}`);
  const uncovered = summary.uncovered();
  if (options.seeds.length > 1 && uncovered.length > 0) console.log(`not covered:\n  ${uncovered.join('\n  ')}`);
  if (options.isGate) {
    const { lines, isOpen } = judgeCoverage(summary.coverage);
    for (const line of lines) console.log(line);
    if (!isOpen) process.exitCode = 1;
  }
  if (summary.failed.length > 0) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 2;
}
