/** Many seeds of the swarm on all cores. Promises 1 to 9. */
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { parseSimulateOptions } from './options.ts';
import { runSeeds } from './run-seeds.ts';
import { failureLines, Summary } from './summary.ts';

test('60 seeds of half an hour keep the promises, and take every state of every machine', {
  timeout: 1_200_000,
}, async () => {
  const processes = String(Math.min(availableParallelism(), 4));
  const options = parseSimulateOptions(['--from', '1001', '--seeds', '60', '--hours', '0.5', '--processes', processes]);
  const summary = new Summary();
  const startedAt = performance.now();
  await runSeeds(options, (told) => summary.add(told));
  console.log(summary.lines(performance.now() - startedAt, options).join('\n'));
  expect(summary.failed.flatMap((told) => failureLines(told, options))).toEqual([]);
  // A matter of configuration: no fault leads there.
  expect(summary.uncovered().filter((name) => name.startsWith('state '))).toEqual(['state pod.standalone']);
});
