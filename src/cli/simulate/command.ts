/** `bellwether simulate`: many seeds of the swarm, and what came of them. */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { parseSimulateOptions, type SimulateOptions } from './options.ts';
import { runSeeds } from './run-seeds.ts';
import { failureLines, Summary } from './summary.ts';

export async function simulate(args: readonly string[]): Promise<number> {
  const { failed } = await runSimulation(parseSimulateOptions(args));
  return failed.length > 0 ? 1 : 0;
}

/** Prints as it goes. */
export async function runSimulation(options: SimulateOptions): Promise<Summary> {
  const { traceFile } = options;
  if (traceFile !== undefined) claim(traceFile);
  const summary = new Summary();
  const startedAt = performance.now();
  await runSeeds(options, (told) => {
    summary.add(told);
    for (const line of [...(told.trace ?? []), ...failureLines(told, options)]) console.log(line);
  });
  for (const line of summary.lines(performance.now() - startedAt, options)) console.log(line);
  if (traceFile !== undefined) console.log(`to look at it: npx bellwether replay ${traceFile}`);
  return summary;
}

/** Before the work, not after it. */
function claim(file: string): void {
  try {
    writeFileSync(file, '');
  } catch (error) {
    throw new UsageError(`--trace-file: ${file} could not be written: ${(error as Error).message}.`);
  }
}
