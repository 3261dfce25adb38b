/**
 * `npm run simulate`: `bellwether simulate` from the sources, and what was never covered.
 *
 * With `--gate`, generated paths and a few histories are added, and it fails when a state or failover transition was
 * covered by none of these and has no reason.
 */
import { runSimulation } from '../../src/cli/simulate/command.ts';
import { parseSimulateOptions } from '../../src/cli/simulate/options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { coverOtherwise } from './cover-otherwise.ts';
import { judgeCoverage } from './coverage-gate.ts';

async function main(args: readonly string[]): Promise<number> {
  const isGate = args.includes('--gate');
  const options = parseSimulateOptions(args.filter((arg) => arg !== '--gate'));
  const summary = await runSimulation(options);
  if (isGate) await coverOtherwise(summary.coverage);
  const uncovered = summary.uncovered();
  if (options.seeds.length > 1 && uncovered.length > 0) console.log(`not covered:\n  ${uncovered.join('\n  ')}`);
  const gate = isGate ? judgeCoverage(summary.coverage) : { lines: [], isOpen: true };
  for (const line of gate.lines) console.log(line);
  return gate.isOpen && summary.failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 2;
}
