/** A trouble that goes on is told once. */
import { expect, test } from 'vitest';
import type { Role, TraceEntry, TraceEvent } from '../../machines/index.ts';
import { LogRepeats } from '../../src/log-repeats.ts';
import { failure } from '../harness/samples.ts';

const at = (event: TraceEvent): TraceEntry => ({ ...event, at: 1, podId: 'pod-a' });
const down = (message: string, kind: 'misconfigured' | 'unreachable' = 'misconfigured') =>
  at({ type: 'redis.down', failure: failure(kind, message) });
const up = at({ type: 'redis.up' });
const role = (from: Role, to: Role) => at({ type: 'role.changed', from, to, cause: 'x' });
const attempt = (message: string) => [up, role('degraded', 'candidate'), down(message), role('candidate', 'degraded')];

const repeats = (...entries: TraceEntry[]) => {
  const log = new LogRepeats();
  return entries.map((entry) => log.isRepeat(entry));
};

test('of several attempts that end alike, the first', () => {
  const first = [up, down('no right'), role('follower', 'degraded')];
  expect(repeats(...first, ...attempt('no right'), ...attempt('no right'))).toEqual([
    ...[false, false, false],
    ...[true, true, true, true, true, true, true, true],
  ]);
});

test('another sentence is news, and so is the end', () => {
  const first = [up, down('no right'), role('follower', 'degraded')];
  const granted = at({ type: 'lease.granted', epoch: 2, cause: 'acquired' });
  expect(repeats(...first, ...attempt('no key'))).toEqual([false, false, false, true, true, false, false]);
  expect(repeats(...first, up, granted, up, down('no right'))).toEqual([
    ...[false, false, false],
    ...[true, false, false, false],
  ]);
});

test('a pod that was refused before it was connected tells when it is', () => {
  expect(repeats(down('wrong password'), up, role('degraded', 'candidate'))).toEqual([false, false, false]);
});

test('what passes by itself is told every time', () => {
  expect(repeats(down('gone', 'unreachable'), up, down('gone', 'unreachable'), up)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
