/** A leader that is asked to give its lease to another ends what is under way, releases, and rests. Promises 5 to 7. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, plan, poll, record, timing } from '../../harness/samples.ts';
import type { ScriptedPod } from '../../harness/scripted-actors.ts';
import {
  begun,
  catchingUp,
  fetching,
  finishing,
  handingOver,
  offering,
  refreshing,
  resting,
  uncertain,
  watching,
  yielding,
} from './journeys.ts';

const intervalMs = plan().refreshIntervalMs;
const request = { type: 'announcement.stepdown' } as const;
const noLonger = { outcome: 'notNow', reason: 'its lease became unconfirmed' };

/** The call that is under way ends, and its result is published. */
async function finishCall(pod: ScriptedPod): Promise<void> {
  await pod.answer('callSource', { outcome: 'answered' });
  await pod.answer('validateResult', { outcome: 'changed' });
  await pod.answer('publishRevision', { outcome: 'published', record: record(1) });
}

/** It leads on as if nobody had asked: what is due is claimed again. */
async function leadsOn(pod: ScriptedPod): Promise<void> {
  expect([pod.state, pod.stateOf('refresh:rates')]).toEqual(['online.leader.refreshing', 'claiming']);
  await pod.answer('claimPermit', { outcome: 'granted', permitId: 'next' });
  await finishCall(pod);
  expect(pod.emittedOf('revision.published')).toHaveLength(1);
}

describe('a leader that is asked to step down', () => {
  test('publishes what it is fetching first, and begins nothing else: no call is lost (promise 5)', async () => {
    const pod = await handingOver();
    expect([pod.state, pod.asked('yieldLease')]).toEqual(['online.leader.handingOver', []]);
    await finishCall(pod);
    expect(pod.emittedOf('revision.published')).toHaveLength(1);
    expect([pod.state, begun(pod)]).toEqual(['online.leader.offering', []]);
  });

  test('gives its lease away without waiting when nothing is under way, however lately another did', async () => {
    const pod = await offering();
    expect(pod.asked('yieldLease')).toEqual([{ podId: 'pod-a', epoch: 7, minIntervalMs: 0, timing }]);
  });

  test('waits no longer for a call than when it stops', async () => {
    const pod = await handingOver();
    await pod.clock.advance(timing.finishLimitMs - 1);
    expect(pod.state).toBe('online.leader.handingOver');
    await pod.clock.advance(1);
    expect(pod.state).toBe('online.leader.offering');
  });

  test('no longer believes before it asks Redis (promise 6)', async () => {
    const pod = await offering();
    expect(pod.emittedOf('belief.ended')).toEqual([{ type: 'belief.ended', epoch: 7 }]);
  });

  test('tells those who asked that it has, and rests for a refresh interval', async () => {
    const pod = await offering();
    await pod.answer('yieldLease', { outcome: 'yielded' });
    expect([pod.state, pod.context.leader, pod.dismissals]).toEqual([
      'online.follower.resting',
      null,
      [{ isLeaseYielded: true }],
    ]);
    expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause: 'yielded' }]);
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
    await pod.always('poll', poll({ lock: lockOf('pod-b', 8), untilTurnMs: 3_600_000 }));
    await pod.clock.advance(intervalMs - 1);
    expect(pod.state).toBe('online.follower.resting');
    await pod.clock.advance(1);
    expect(pod.state).toBe('online.follower.watching');
  });

  test('rests for the shortest interval of its datasets, and no longer the next time', async () => {
    const plans = [plan('rates', { refreshIntervalMs: 90_000 }), plan('terms', { refreshIntervalMs: 60_000 })];
    const pod = await refreshing({ plans });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 50_000 });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 50_000 });
    await pod.hear(request);
    await pod.answer('yieldLease', { outcome: 'yielded' });
    expect([pod.context.waitMs, pod.context.yields]).toEqual([60_000, 0]);
  });

  test('stays when it is alone, says so, and goes on refreshing (promise 7)', async () => {
    const pod = await offering();
    await pod.answer('yieldLease', { outcome: 'alone' });
    expect([pod.stepDowns, pod.endedBeliefs, pod.emitted.at(-1)]).toEqual([
      [{ outcome: 'alone' }],
      0,
      { type: 'lease.confirmed', epoch: 7, hasStayed: true },
    ]);
    await leadsOn(pod);
  });

  test('stays when nobody knows what became of it, says so, and goes on refreshing', async () => {
    const pod = await offering();
    await pod.fail('yieldLease', failure('timeout'));
    expect(pod.stepDowns).toEqual([{ outcome: 'notNow', reason: 'Redis did not answer it in time' }]);
    await leadsOn(pod);
  });

  test('is degraded when Redis refuses to serve', async () => {
    const pod = await offering();
    await pod.fail('yieldLease', failure('misconfigured', 'NOAUTH'));
    expect([pod.state, pod.dismissals]).toEqual(['degraded.refused', [{ isLeaseYielded: false }]]);
  });

  test("is a candidate when its lease was another pod's already (promise 1)", async () => {
    const pod = await offering();
    await pod.answer('yieldLease', { outcome: 'notHolder' });
    expect([pod.state, pod.dismissals]).toEqual(['online.candidate.acquiring', [{ isLeaseYielded: false }]]);
    expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause: 'lost' }]);
  });

  test.each(['yielded', 'alone'] as const)('hears who leads next before it is answered "%s"', async (outcome) => {
    const pod = await offering();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
    expect([pod.state, pod.emittedOf('lease.ended')]).toEqual(['online.leader.offering', []]);
    await pod.answer('yieldLease', { outcome });
    const next = outcome === 'yielded' ? 'online.follower.resting' : 'online.follower.watching';
    expect([pod.state, pod.context.leader]).toEqual([next, { podId: 'pod-b', epoch: 8 }]);
  });

  test.each([
    ['handing over', handingOver],
    ['offering', offering],
  ])('gives one answer to all who ask while it is %s', async (_when, journey) => {
    const pod = await journey();
    const { state } = pod;
    await pod.hear(request);
    expect([pod.state, pod.stepDowns]).toEqual([state, []]);
  });

  test.each([
    ['handing over', handingOver],
    ['offering', offering],
  ])(
    'says so when its lease becomes unconfirmed while it is %s, and refreshes when it is again',
    async (_when, journey) => {
      const pod = await uncertain(journey);
      expect([pod.state, pod.stepDowns]).toEqual(['online.leader.uncertain', [noLonger]]);
      expect(pod.stateOf('refresh:rates')).toBe('suspended');
    },
  );

  test('stops instead when it is told to, after what is under way (promise 5)', async () => {
    const pod = await handingOver({ plans: [plan('rates'), plan('terms')] });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 200_000 });
    await pod.send({ type: 'pod.stop' });
    expect([pod.state, pod.context.unfinished]).toEqual(['online.leader.finishing', ['rates']]);
    await finishCall(pod);
    expect(pod.state).toBe('stopping.releasing');
  });

  test('that is told to stop while it offers its lease releases what it may have given away already', async () => {
    const pod = await offering();
    await pod.send({ type: 'pod.stop' });
    expect([pod.state, pod.dismissals]).toEqual(['stopping.releasing', [{ isLeaseYielded: false }]]);
  });
});

describe('asked to step down at a moment when it cannot', () => {
  test.each([
    ['a leader that catches up', catchingUp],
    ['a leader whose lease is unconfirmed', uncertain],
    ['a leader that yields', yielding],
    ['a leader that stops', finishing],
  ])('%s says so and goes on', async (_who, journey) => {
    const pod = await journey();
    const { state } = pod;
    await pod.hear(request);
    expect([pod.state, pod.stepDowns.map(({ outcome }) => outcome)]).toEqual([state, ['notNow']]);
  });

  test.each([
    ['a follower', watching],
    ['a resting pod', resting],
  ])('%s says that it does not lead', async (_who, journey) => {
    const pod = await journey();
    await pod.hear(request);
    expect(pod.stepDowns).toEqual([{ outcome: 'noLeader' }]);
  });
});

test('whoever waits for a step-down is told when the lease is lost meanwhile', async () => {
  const pod = await fetching();
  await pod.hear(request);
  await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
  expect([pod.state, pod.dismissals]).toEqual(['online.follower.watching', [{ isLeaseYielded: false }]]);
});
