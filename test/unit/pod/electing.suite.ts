/** Candidates and followers: who acts when, and what is never missed. Promises 2, 6 and 7. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, poll, timing } from '../../harness/samples.ts';
import { acquiring, fleet, journeys, theirs, watching } from './journeys.ts';

const granted = { outcome: 'granted', epoch: 9, beliefLeftMs: timing.beliefWindowMs } as const;
const elected = (leader: string, epoch: number) => ({ type: 'leader.elected', leader, epoch });
const gone = (cause: string) => ({ type: 'leader.gone', leader: 'pod-b', epoch: 4, cause });
const onHold = journeys['online.candidate.onHold'] as typeof acquiring;
const queueing = journeys['online.candidate.queueing'] as typeof acquiring;
const retrying = journeys['online.candidate.retrying'] as typeof acquiring;

describe('a candidate', () => {
  test('that is granted the lease leads under that epoch', async () => {
    const pod = await acquiring();
    await pod.answer('acquireLease', granted);
    expect([pod.state, pod.context.leader, pod.context.epoch]).toEqual([
      'online.leader.catchingUp',
      { podId: 'pod-a', epoch: 9 },
      9,
    ]);
    expect(pod.emitted.at(-1)).toEqual({ type: 'lease.granted', epoch: 9, cause: 'acquired' });
  });

  test('follows whoever holds the lease', async () => {
    const pod = await acquiring();
    await pod.answer('acquireLease', { outcome: 'held', lock: theirs });
    expect([pod.state, pod.context.leader]).toEqual(['online.follower.watching', { podId: 'pod-b', epoch: 4 }]);
    expect(pod.emitted.at(-1)).toEqual(elected('pod-b', 4));
  });

  test('follows the leader that it knows of when the announcement of that grant comes late', async () => {
    const pod = await acquiring();
    await pod.answer('poll', poll({ lock: theirs }));
    await pod.fail('acquireLease', failure('timeout'));
    expect(pod.state).toBe('online.candidate.retrying');
    await pod.hear({ type: 'announcement.acquired', ...theirs });
    expect(pod.state).toBe('online.follower.watching');
  });

  test('tells who leads once, however often it hears it', async () => {
    const pod = await acquiring();
    await pod.answer('poll', poll({ lock: theirs }));
    await pod.answer('acquireLease', { outcome: 'held', lock: theirs });
    await pod.hear({ type: 'announcement.acquired', ...theirs });
    expect(pod.emittedOf('leader.elected')).toHaveLength(1);
  });

  test('tells a Redis with new data what it has seen, while leases are held back (promises 2 and 5)', async () => {
    const pod = await acquiring();
    await pod.answer('poll', poll({}));
    const before = pod.asked('poll').length;
    await pod.answer('acquireLease', { outcome: 'onHold', waitMs: 1_500 });
    expect([pod.state, pod.asked('poll').length]).toEqual(['online.candidate.onHold', before + 1]);
  });

  test('waits exactly as long as new data holds leases back, then asks again (promise 2)', async () => {
    const pod = await onHold();
    await pod.clock.advance(1_499);
    expect([pod.state, pod.asked('acquireLease').length]).toEqual(['online.candidate.onHold', 1]);
    await pod.clock.advance(1);
    expect([pod.state, pod.asked('acquireLease').length]).toEqual(['online.candidate.acquiring', 2]);
  });

  test('whose asking fails asks again, with growing waits', async () => {
    const pod = await acquiring();
    await pod.always('acquireLease', Object.assign(new Error('no answer'), { kind: 'timeout' }));
    await pod.clock.advance(600_000);
    const asked = pod.asked('acquireLease').length;
    expect(asked).toBeGreaterThan(60);
    expect(asked).toBeLessThan(120);
    expect(pod.context.failure).toEqual({ kind: 'timeout', message: 'no answer' });
  });

  test.each([
    ['on hold', onHold],
    ['in the queue', queueing],
    ['after a failure', retrying],
  ])('%s follows another pod that was granted the lease first', async (_when, journey) => {
    const pod = await journey();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-c', epoch: 8, ttlLeftMs: 120_000 });
    expect([pod.state, pod.context.leader]).toEqual(['online.follower.watching', { podId: 'pod-c', epoch: 8 }]);
  });

  test("whose question is under way notes another one's grant and waits for its answer", async () => {
    const pod = await acquiring();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-c', epoch: 8, ttlLeftMs: 120_000 });
    expect([pod.state, pod.context.leader]).toEqual(['online.candidate.acquiring', { podId: 'pod-c', epoch: 8 }]);
  });

  test("does not take the announcement of its own grant for another pod's", async () => {
    const pod = await onHold();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-a', epoch: 8, ttlLeftMs: 120_000 });
    expect(pod.state).toBe('online.candidate.onHold');
  });
});

describe('a follower', () => {
  test('acts in the order of its rank after a release (promise 7)', async () => {
    const pod = await watching();
    await pod.hear({ type: 'announcement.released', podId: 'pod-b', epoch: 4 });
    expect([pod.state, pod.context.leader, pod.emitted.at(-1)]).toEqual([
      'online.candidate.queueing',
      null,
      gone('released'),
    ]);
    await pod.clock.advance(fleet.turn * timing.rankStepMs - 1);
    expect(pod.asked('acquireLease')).toHaveLength(1);
    await pod.clock.advance(1);
    expect(pod.asked('acquireLease')).toHaveLength(2);
  });

  test('that is the first in rank acts at once after a release: it sets no timer (promise 7)', async () => {
    const pod = await watching({}, 3_600_000);
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll({ lock: theirs, fleet: { ...fleet, rank: 0, turn: 0 } }));
    await pod.hear({ type: 'announcement.released', podId: 'pod-b', epoch: 4 });
    expect([pod.state, pod.asked('acquireLease').length]).toEqual(['online.candidate.acquiring', 2]);
  });

  test.each([
    ['an earlier lease of its leader', 'pod-b', 3],
    ['another pod', 'pod-c', 9],
  ])('does not act on the release of %s', async (_whose, podId, epoch) => {
    const pod = await watching();
    await pod.hear({ type: 'announcement.released', podId, epoch });
    expect(pod.state).toBe('online.follower.watching');
  });

  test('acts in the order of its rank when the lock expires, and no earlier (promise 7)', async () => {
    const pod = await watching({}, 3_600_000);
    const dueMs = theirs.ttlLeftMs + 1 + fleet.turn * timing.rankStepMs;
    await pod.clock.advance(dueMs - 1);
    expect(pod.state).toBe('online.follower.watching');
    await pod.clock.advance(1);
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.candidate.acquiring', gone('expired')]);
  });

  test('watches a new lock from its announcement on', async () => {
    const pod = await watching({}, 3_600_000);
    await pod.clock.advance(20_000);
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-c', epoch: 5, ttlLeftMs: 50_000 });
    expect(pod.emitted.at(-1)).toEqual(elected('pod-c', 5));
    await pod.clock.advance(50_000 + fleet.turn * timing.rankStepMs);
    expect(pod.state).toBe('online.follower.watching');
    await pod.clock.advance(1);
    expect(pod.state).toBe('online.candidate.acquiring');
  });

  test('is not misled by the late announcement of an older lease', async () => {
    const pod = await watching();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-c', epoch: 3, ttlLeftMs: 50_000 });
    expect(pod.context.leader).toEqual({ podId: 'pod-b', epoch: 4 });
  });

  test('whose poll shows no lock queues for the lease: a release was not heard (promise 7)', async () => {
    const pod = await watching();
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('takeOverLease', { outcome: 'present', untilTurnMs: 60_000, lock: theirs });
    await pod.answer('poll', poll({ fleet }));
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.candidate.queueing', gone('lockGone')]);
  });

  test('watches the lock that the poll shows, from then on', async () => {
    const pod = await watching({}, 3_600_000);
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll({ lock: lockOf('pod-d', 6, 9_000), fleet, untilTurnMs: 3_600_000 }));
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.follower.watching', elected('pod-d', 6)]);
    await pod.clock.advance(9_001 + fleet.turn * timing.rankStepMs);
    expect(pod.state).toBe('online.candidate.acquiring');
  });

  test('that finds a lock of its own, whose grant never arrived, acquires it (promise 7)', async () => {
    const pod = await watching({}, 3_600_000);
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 9) }));
    expect([pod.state, pod.asked('acquireLease').length]).toEqual(['online.candidate.acquiring', 2]);
  });

  test("tells that Redis' data is new", async () => {
    const pod = await watching();
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('takeOverLease', { outcome: 'present', untilTurnMs: 60_000, lock: theirs });
    await pod.answer('poll', poll({ lock: theirs, generation: 'generation-2' }));
    expect(pod.emitted.at(-1)).toEqual({ type: 'generation.changed', from: 'generation-1', to: 'generation-2' });
  });
});
