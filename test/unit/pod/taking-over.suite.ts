/** Checks of the holder and takeovers: only when safe, exactly when due, and never forgotten. Promises 6 and 7. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, poll, timing } from '../../harness/samples.ts';
import { checking, fleet, ripening, theirs, watching } from './journeys.ts';

const granted = { outcome: 'granted', epoch: 9, beliefLeftMs: timing.beliefWindowMs } as const;
const elected = (leader: string, epoch: number) => ({ type: 'leader.elected', leader, epoch });
const gone = (cause: string) => ({ type: 'leader.gone', leader: 'pod-b', epoch: 4, cause });

describe('a check of the holder', () => {
  test("comes with this pod's turn, and asks about the lock that it observed", async () => {
    const pod = await watching({}, 1_000);
    await pod.clock.advance(999);
    expect(pod.asked('takeOverLease')).toEqual([]);
    await pod.clock.advance(1);
    expect(pod.asked('takeOverLease')).toEqual([
      { podId: 'pod-a', timing, observed: { podId: 'pod-b', epoch: 4 }, fleet },
    ]);
  });

  test('that finds it present is repeated at the next turn', async () => {
    const pod = await checking();
    await pod.answer('takeOverLease', { outcome: 'present', untilTurnMs: 3_000, lock: theirs });
    await pod.clock.advance(2_999);
    expect(pod.asked('takeOverLease')).toHaveLength(1);
    await pod.clock.advance(1);
    expect(pod.asked('takeOverLease')).toHaveLength(2);
  });

  test("that finds it present takes note of its lock: waiting begins anew, the lock's expiry doesn't (promise 7)", async () => {
    const pod = await checking();
    await pod.always('takeOverLease', { outcome: 'present', untilTurnMs: 3_600_000, lock: lockOf('pod-b', 4, 2_000) });
    await pod.clock.advance(2_000 + fleet.turn * timing.rankStepMs);
    expect(pod.state).toBe('online.follower.watching');
    await pod.clock.advance(1);
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.candidate.acquiring', gone('expired')]);
  });

  test('that finds it gone takes over (promise 7)', async () => {
    const pod = await checking();
    await pod.answer('takeOverLease', granted);
    expect([pod.state, pod.emitted.at(-1)]).toEqual([
      'online.leader.catchingUp',
      { type: 'lease.granted', epoch: 9, cause: 'tookOver' },
    ]);
  });

  test('that comes too early comes back exactly when the lock is old enough (promise 6)', async () => {
    const pod = await ripening();
    await pod.clock.advance(320);
    expect([pod.state, pod.asked('takeOverLease').length]).toEqual(['online.follower.ripening', 1]);
    await pod.clock.advance(1);
    expect([pod.state, pod.asked('takeOverLease').length]).toEqual(['online.follower.checking', 2]);
  });

  test('comes back exactly then although a poll comes in between', async () => {
    const pod = await ripening();
    await pod.clock.advance(100);
    await pollNow(pod, lockOf('pod-b', 4));
    expect(pod.state).toBe('online.follower.ripening');
    await pod.clock.advance(221);
    expect(pod.asked('takeOverLease')).toHaveLength(2);
  });

  test('is not waited for when a poll shows that the lock is gone', async () => {
    const pod = await ripening();
    await pollNow(pod, undefined);
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.candidate.queueing', gone('lockGone')]);
  });

  test.each([
    ['finds no lock', { outcome: 'free' }, gone('lockGone')],
    [
      'finds a lock of its own, whose grant never arrived',
      { outcome: 'changed', lock: lockOf('pod-a', 9) },
      elected('pod-b', 4),
    ],
  ] as const)('that %s acquires (promise 7)', async (_what, outcome, told) => {
    const pod = await checking();
    await pod.answer('takeOverLease', outcome);
    expect([pod.state, pod.asked('acquireLease').length, pod.emitted.at(-1)]).toEqual([
      'online.candidate.acquiring',
      2,
      told,
    ]);
  });

  test('that finds another holder follows that one', async () => {
    const pod = await checking();
    await pod.answer('takeOverLease', { outcome: 'changed', lock: lockOf('pod-c', 6) });
    expect([pod.state, pod.context.leader, pod.emitted.at(-1)]).toEqual([
      'online.follower.watching',
      { podId: 'pod-c', epoch: 6 },
      elected('pod-c', 6),
    ]);
  });

  test("that cannot see presence says so once, and checks no more: the lock's expiry is waited for", async () => {
    const pod = await checking();
    await pod.always('takeOverLease', { outcome: 'presenceUnknown', reason: 'NOPERM' });
    expect(pod.emittedOf('takeover.blind')).toEqual([{ type: 'takeover.blind', reason: 'NOPERM' }]);
    await pod.always('poll', poll({ lock: theirs, fleet, untilTurnMs: 500 }));
    await pod.clock.advance(600_000);
    expect([pod.state, pod.asked('takeOverLease').length]).toEqual(['online.follower.watching', 1]);
    expect(pod.emittedOf('takeover.blind')).toHaveLength(1);
    await pod.always('poll', Object.assign(new Error('late'), { kind: 'timeout' }));
    await pod.clock.advance(theirs.ttlLeftMs + timing.pollIntervalMs);
    expect(pod.emittedOf('leader.gone')).toMatchObject([{ cause: 'expired' }]);
  });

  test('whose fate is unknown is made again a slot later', async () => {
    const pod = await checking();
    await pod.fail('takeOverLease', failure('timeout'));
    expect([pod.state, pod.emitted.at(-1)]).toEqual([
      'online.follower.watching',
      { type: 'redis.failed', failure: failure('timeout') },
    ]);
    await pod.clock.advance(timing.checkSlotMs);
    expect(pod.asked('takeOverLease')).toHaveLength(2);
  });

  test('is not given up for a poll that comes in between: it may have been granted (promise 7)', async () => {
    const pod = await checking();
    await pollNow(pod, theirs);
    expect([pod.state, pod.open('takeOverLease')]).toEqual(['online.follower.checking', 1]);
    await pod.answer('takeOverLease', granted);
    expect(pod.state).toBe('online.leader.catchingUp');
  });
});

/** A poll now, though none is due. */
async function pollNow(pod: Awaited<ReturnType<typeof watching>>, lock: typeof theirs | undefined): Promise<void> {
  const { sync } = pod.actor.getSnapshot().children;
  sync?.send({ type: 'sync.check' });
  await pod.clock.settle();
  await pod.answer('poll', poll({ ...(lock && { lock }), fleet }));
}
