/**
 * `npm run endurance -- --minutes 10`: the service as the manifests run it, under reads and faults (Linux).
 *
 * The exit code tells of a read that failed and of a pod that had to be started again.
 */
import { parseArgs } from 'node:util';
import { endLeftovers } from '../harness/leftovers.ts';
import { linesOf, violationsOf } from './report.ts';
import { runEndurance } from './run.ts';

const usage = 'npm run endurance -- [--minutes 10]';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.5 && minutes <= 24 * 60)) {
    throw new Error(`--minutes: expected a number from 0.5 to 1440, got "${values.minutes}". Usage: ${usage}`);
  }
  const startedAt = performance.now();
  const tell = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)}  ${line}`);
  const report = await runEndurance({ minutes, tell });
  for (const line of linesOf(report)) console.log(line);
  return violationsOf(report).length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
} finally {
  endLeftovers();
}
