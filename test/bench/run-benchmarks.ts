/** Runs benchmarks one after the other, prints each, and writes all results and raw samples as JSON when asked to. */
import { writeFileSync } from 'node:fs';
import { ensureTool } from '../harness/tool.ts';
import { describeMachine, probeNoise } from './machine.ts';
import { formatResult, type Result } from './report.ts';

export async function runBenchmarks(benchmarks: readonly (() => Promise<Result>)[], jsonFile?: string): Promise<void> {
  const machine = describeMachine(ensureTool('redis-server'));
  console.log(
    `${Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')}\n`,
  );
  const results = [];
  for (const measure of benchmarks) {
    const before = probeNoise();
    const result = await measure();
    const after = probeNoise();
    results.push({ ...result, noise: { before, after } });
    console.log(formatResult(result));
    console.log(`noise before ${JSON.stringify(before)}, after ${JSON.stringify(after)}\n`);
  }
  if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
