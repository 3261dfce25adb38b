/**
 * `npm run chaos -- --minutes N --seed S`: real pods, a real Redis, random faults of all kinds, then healing.
 *
 * Ctrl-C ends it in order, with the summary so far; a second one at once. The exit code tells of a violation.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceText } from '../../machines/index.ts';
import { listenForInterruption } from '../../src/cli/demo/interruption.ts';
import { endLeftovers, leaveSignalsToCaller } from '../harness/leftovers.ts';
import { runCampaign } from './campaign.ts';
import { parseChaosOptions } from './options.ts';
import { linesOf, reportOf } from './report.ts';

async function main(): Promise<number> {
  const { minutes, seed, pods, json, trace } = parseChaosOptions(process.argv.slice(2));
  leaveSignalsToCaller();
  const interruption = listenForInterruption(() => {
    endLeftovers();
    process.exit(130);
  });
  const startedAt = performance.now();
  const tell = (line: string) =>
    console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)}  ${line}`);
  tell(`${pods} pods, seed ${seed}, ${minutes} minutes`);
  const outcome = await runCampaign({ seed, pods, forMs: minutes * 60_000, signal: interruption.signal, tell });
  interruption.end();
  const report = reportOf(outcome);
  for (const line of linesOf(report)) console.log(line);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  const file = trace ?? (report.violations > 0 ? join(tmpdir(), `bellwether-chaos-${seed}.jsonl`) : undefined);
  if (file !== undefined) {
    writeFileSync(file, traceText(outcome.journal.traceLines()));
    console.log(`To look at it: npx bellwether replay ${file}`);
  }
  endLeftovers();
  return report.violations > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  endLeftovers();
  process.exitCode = 2;
}
