/** A minute of `npm run endurance`: every kind of fault at least once. */
import { expect, test } from 'vitest';
import { build } from '../package/build.ts';
import { faults } from './faults.ts';
import { linesOf, violationsOf } from './report.ts';
import { runEndurance } from './run.ts';

test('pods run as the manifests run them fail no read and are never started again (promise 8)', {
  timeout: 240_000,
}, async () => {
  await build('dist');
  const report = await runEndurance({ minutes: 1, tell: () => undefined });
  expect(violationsOf(report), linesOf(report).join('\n')).toEqual([]);
  expect(Object.keys(report.faults).toSorted()).toEqual(Object.keys(faults).toSorted());
});
