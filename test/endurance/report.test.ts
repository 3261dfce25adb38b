/** What the load tool and the samples say is read rightly: else a run could not fail. */
import { expect, test } from 'vitest';
import { readsOf } from './load.ts';
import { slope, violationsOf } from './report.ts';

const done = '  1 threads and 4 connections\n  812 requests in 4.01s, 1.20MB read\n';

test.each([
  [done, { reads: 812, failed: 0 }],
  [`${done}  Non-2xx or 3xx responses: 3\n`, { reads: 812, failed: 3 }],
  [`${done}  Socket errors: connect 1, read 2, write 3, timeout 4\n`, { reads: 812, failed: 10 }],
  [
    `${done}  Socket errors: connect 4, read 0, write 0, timeout 0\n  Non-2xx or 3xx responses: 5\n`,
    { reads: 812, failed: 9 },
  ],
  ['unable to connect to 127.0.0.1:1 Connection refused', undefined],
])('what wrk prints: %s', (text, counts) => {
  expect(readsOf(text)).toEqual(counts);
});

test('memory that grows by 6 MB a minute has that slope, whatever its level', () => {
  const samples = Array.from({ length: 12 }, (_, i) => ({ atMs: 5_000 * i, rssMb: 80 + 0.5 * i }));
  expect(slope(samples)).toBeCloseTo(6);
  expect(slope(samples.map(({ atMs }) => ({ atMs, rssMb: 80 })))).toBe(0);
});

test('a failed read, a pod that was not read and a restart are violations each', () => {
  const pod = { name: 'pod-a', reads: 10, failed: 0, notReady: 2, restarts: [], minutesMb: [], slopeMbPerMinute: 0 };
  const report = (changes: object) => ({ minutes: 1, faults: {}, sourceCalls: {}, pods: [{ ...pod, ...changes }] });
  expect(violationsOf(report({}))).toEqual([]);
  expect(violationsOf(report({ failed: 1 }))).toEqual(['1 reads of pod-a failed after its first data']);
  expect(violationsOf(report({ reads: 0 }))).toEqual(['pod-a was never read']);
  expect(violationsOf(report({ restarts: ['failed its liveness probe'] }))).toEqual([
    'pod-a was started again: it failed its liveness probe',
  ]);
});
