/** What the demo tells of Redis: each trouble once, and none that the demo itself has made. */
import { expect, test } from 'vitest';
import type { FailureKind, TraceEvent } from '../../machines/index.ts';
import { Narrator } from '../../src/cli/demo/narrator.ts';
import { RedisTroubles } from '../../src/cli/demo/redis-troubles.ts';
import { Roster } from '../../src/cli/demo/roster.ts';
import { failure } from '../harness/samples.ts';

const down = (message: string, kind: FailureKind = 'misconfigured'): TraceEvent => ({
  type: 'redis.down',
  failure: failure(kind, message),
});
const record = { epoch: 1, revision: 1, podId: 'pod-a', updatedAt: 1, checkedAt: 1 };
const published = { type: 'revision.published', dataset: 'rates', record } as TraceEvent;

function narrated(own?: { port: number; isTakenAway(): boolean }) {
  const roster = new Roster();
  const told: string[] = [];
  const nothing = () => undefined;
  const event = (sentence: string) => told.push(sentence);
  new Narrator({ event, pin: nothing, phase: nothing, close: nothing }, roster, new RedisTroubles(own));
  const pods = [roster.add(), roster.add()] as const;
  const tell = (pod: 0 | 1, fact: TraceEvent) =>
    roster.note(pods[pod], { kind: 'trace', entry: { ...fact, at: 1, podId: `pod-${pod}` } });
  return { tell, told, pods };
}

test('a failure that every pod has again and again is told once, with its sentence', () => {
  const { tell, told } = narrated();
  for (const pod of [0, 1, 0, 1] as const) tell(pod, down('It has format 2: update this pod.'));
  tell(1, down('It asks for a password.'));
  expect(told).toEqual([
    'pod 1 cannot use Redis: It has format 2: update this pod.',
    'pod 2 cannot use Redis: It asks for a password.',
  ]);
});

test('the same failure after a publication is told again', () => {
  const { tell, told } = narrated();
  for (const fact of [down('It is closed.'), published, down('It is closed.')]) tell(0, fact);
  expect(told).toEqual(Array(2).fill('pod 1 cannot use Redis: It is closed.'));
});

test('what the demo does to its own Redis is not told, and what others do to it is', () => {
  let isTakenAway = true;
  const { tell, told } = narrated({ port: 7000, isTakenAway: () => isTakenAway });
  tell(0, down('The connection to redis://127.0.0.1:50001 is closed.', 'unreachable'));
  expect(told).toEqual([]);
  isTakenAway = false;
  tell(0, down('The connection to redis://127.0.0.1:50001 is closed.', 'unreachable'));
  tell(1, down('The connection to redis://127.0.0.1:50002 is closed.', 'unreachable'));
  expect(told).toEqual(['pod 1 cannot use Redis: The connection to redis://127.0.0.1:7000 is closed.']);
});

test('a pod that somebody has paused or cut from Redis, or that is stopping, is no news', () => {
  const { tell, told, pods } = narrated();
  pods[0].isDisturbed = true;
  pods[1].state = 'stopping';
  for (const pod of [0, 1] as const) tell(pod, down('It is closed.', 'unreachable'));
  expect(told).toEqual([]);
});
