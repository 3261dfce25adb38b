/** Many seeds of the swarm on all cores, and what they and the generated paths cover. Promises 1 to 9. */
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { parseSimulateOptions } from '../../src/cli/simulate/options.ts';
import { runSeeds } from '../../src/cli/simulate/run-seeds.ts';
import { failureLines, Summary } from '../../src/cli/simulate/summary.ts';
import { coverOtherwise } from './cover-otherwise.ts';
import { judgeCoverage } from './coverage-gate.ts';

test('100 seeds of an hour keep the promises, and with the generated paths take every state and failover transition', {
  timeout: 1_800_000,
}, async () => {
  const processes = String(Math.min(availableParallelism(), 4));
  const options = parseSimulateOptions(['--from', '1001', '--seeds', '100', '--processes', processes]);
  const summary = new Summary();
  const startedAt = performance.now();
  await runSeeds(options, (told) => summary.add(told), ['--import', 'tsx']);
  console.log(summary.lines(performance.now() - startedAt, options).join('\n'));
  expect(summary.failed.flatMap((told) => failureLines(told, options))).toEqual([]);
  await coverOtherwise(summary.coverage);
  const { lines, isOpen } = judgeCoverage(summary.coverage);
  console.log(lines.join('\n'));
  expect(isOpen ? [] : lines).toEqual([]);
});
