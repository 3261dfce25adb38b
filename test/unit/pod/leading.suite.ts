/** Leading: what is begun under a lease, what is not, and how a lease ends. Promises 1, 5 and 6. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, plan, poll, record, timing } from '../../harness/samples.ts';
import { begun, catchingUp, fetching, journeys, refreshing, renewed, uncertain } from './journeys.ts';

const windowMs = timing.beliefWindowMs;
const ended = (cause: string) => ({ type: 'lease.ended', epoch: 7, cause });

describe('a new leader', () => {
  test('polls after its grant, and claims nothing before that poll is worked off (promise 5)', async () => {
    const pod = await catchingUp({ plans: [plan('rates'), plan('terms')] });
    expect([pod.asked('poll').length, pod.open('poll'), begun(pod)]).toEqual([2, 1, []]);
    await pod.clock.advance(60_000);
    expect([pod.state, begun(pod)]).toEqual(['online.leader.catchingUp', []]);
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7) }));
    expect([pod.state, pod.open('claimPermit', 'rates'), pod.open('claimPermit', 'terms')]).toEqual([
      'online.leader.refreshing',
      1,
      1,
    ]);
    expect(pod.asked('claimPermit')[0]).toMatchObject({ podId: 'pod-a', epoch: 7 });
  });

  test('does not take a poll that was sent before its grant for one after it (promise 5)', async () => {
    const pod = await catchingUp();
    await pod.answerLate('poll', poll());
    expect([pod.state, begun(pod)]).toEqual(['online.leader.catchingUp', []]);
  });

  test('goes on after its poll although what is published cannot be downloaded (promise 7)', async () => {
    const pod = await catchingUp();
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7), records: { rates: record(5) } }));
    expect([pod.state, begun(pod)]).toEqual(['online.leader.catchingUp', []]);
    await pod.fail('downloadRevisions', failure('timeout'));
    expect([pod.state, begun(pod)]).toEqual(['online.leader.refreshing', ['claimPermit']]);
  });

  test('watches for pauses longer than its belief window', async () => {
    const pod = await catchingUp();
    expect(pod.isRunning('watchTime')).toBe(true);
  });

  test('whose grant arrived when its window was over begins nothing (promise 6)', async () => {
    const pod = await (journeys['online.candidate.acquiring'] as typeof catchingUp)();
    await pod.answer('acquireLease', { outcome: 'granted', epoch: 7, beliefLeftMs: 0 });
    await pod.clock.advance(0);
    await pod.answer('poll', poll());
    expect([pod.state, begun(pod)]).toEqual(['online.leader.uncertain', []]);
  });
});

describe('a leader whose lease is unconfirmed', () => {
  test.each([
    ['refreshing', refreshing],
    ['catchingUp', catchingUp],
    ['fetching', fetching],
  ])(
    '(%s) begins nothing from one belief window after the last renewal was sent (promise 6)',
    async (_state, journey) => {
      const pod = await journey();
      pod.noLonger('renewLease');
      await pod.clock.advance(windowMs - 1);
      expect(pod.state).not.toBe('online.leader.uncertain');
      await pod.clock.advance(1);
      expect([pod.state, pod.emitted.at(-1)]).toEqual([
        'online.leader.uncertain',
        { type: 'lease.uncertain', epoch: 7 },
      ]);
      await pod.always('poll', poll());
      await pod.always('claimPermit', { outcome: 'granted', permitId: 'permit' });
      await pod.always('validateResult', { outcome: 'changed' });
      await pod.always('callSource', { outcome: 'answered' });
      const calls = pod.asked('callSource').length;
      await pod.clock.advance(timing.uncertainLimitMs - 1);
      expect([pod.state, begun(pod), pod.asked('publishRevision').length]).toEqual(['online.leader.uncertain', [], 0]);
      expect(pod.asked('callSource')).toHaveLength(calls);
    },
  );

  test('goes on where it was as soon as a renewal is confirmed, after a poll', async () => {
    const pod = await uncertain();
    await pod.answer('renewLease', renewed);
    expect([pod.state, pod.emitted.at(-1)]).toEqual([
      'online.leader.catchingUp',
      { type: 'lease.confirmed', epoch: 7 },
    ]);
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7) }));
    expect([pod.state, pod.context.epoch]).toEqual(['online.leader.refreshing', 7]);
  });

  test('does not take the late answer to an earlier renewal for a confirmation (promise 6)', async () => {
    const pod = await uncertain();
    await pod.answerLate('renewLease', renewed);
    expect(pod.state).toBe('online.leader.uncertain');
  });

  test('does not resume for a sync alone', async () => {
    const pod = await uncertain(catchingUp);
    await pod.answer('poll', poll());
    expect([pod.state, begun(pod)]).toEqual(['online.leader.uncertain', []]);
  });

  test('steps down after the limit: it is heard but never hears', async () => {
    const pod = await uncertain();
    await pod.clock.advance(timing.uncertainLimitMs);
    expect([pod.state, pod.emittedOf('lease.ended'), pod.endedBeliefs]).toEqual([
      'online.candidate.acquiring',
      [ended('unheard')],
      1,
    ]);
    expect([pod.open('renewLease'), pod.stateOf('refresh:rates')]).toEqual([0, undefined]);
  });

  test.each(['refreshing', 'catchingUp', 'yielding'])(
    'is so at once after a pause or a jump of a clock (%s)',
    async (state) => {
      const pod = await (journeys[`online.leader.${state}`] as typeof refreshing)();
      pod.noLonger('renewLease');
      if (state === 'refreshing') await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 1 });
      await pod.report('watchTime', { type: 'time.jumped' });
      await pod.clock.advance(1);
      expect([pod.state, pod.stateOf('lease'), begun(pod)]).toEqual([
        'online.leader.uncertain',
        'uncertain.renewing',
        [],
      ]);
    },
  );
});

describe('a lease is over for the pod', () => {
  test('when Redis says so: it is a candidate like any other (promise 1)', async () => {
    const pod = await fetching();
    pod.noLonger('renewLease');
    await pod.clock.advance(timing.renewIntervalMs);
    await pod.answer('renewLease', { outcome: 'lost' });
    expect([pod.state, pod.context.leader, pod.emitted.at(-1)]).toEqual([
      'online.candidate.acquiring',
      null,
      ended('lost'),
    ]);
    expect([pod.endedBeliefs, begun(pod), pod.stateOf('refresh:rates')]).toEqual([1, [], undefined]);
  });

  test('when a script refuses its epoch (promise 1)', async () => {
    const pod = await refreshing();
    await pod.answer('claimPermit', { outcome: 'notHolder' });
    expect([pod.state, pod.context.leader, pod.endedBeliefs]).toEqual(['online.candidate.acquiring', null, 1]);
    expect(pod.emitted.slice(-2)).toEqual([{ type: 'publishing.fenced', dataset: 'rates' }, ended('fenced')]);
  });

  test('when another pod was granted a newer epoch: it follows that one (promise 6)', async () => {
    const pod = await refreshing();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
    expect([pod.state, pod.context.leader, pod.endedBeliefs]).toEqual([
      'online.follower.watching',
      { podId: 'pod-b', epoch: 8 },
      1,
    ]);
    expect(pod.emitted.slice(-2)).toEqual([ended('lost'), { type: 'leader.elected', leader: 'pod-b', epoch: 8 }]);
  });

  test.each([
    ['an older epoch', 'pod-b', 6],
    ['the same epoch, granted after Redis lost its data', 'pod-b', 7],
    ['its own epoch', 'pod-a', 7],
    ['an epoch of its own that it does not know of yet', 'pod-a', 8],
  ])('but not for the announcement of %s: the next renewal tells', async (_what, podId, epoch) => {
    const pod = await refreshing();
    await pod.hear({ type: 'announcement.acquired', podId, epoch, ttlLeftMs: 120_000 });
    expect([pod.state, pod.endedBeliefs]).toEqual(['online.leader.refreshing', 0]);
  });

  test('and the next lease has refresh machines of its own, under its own epoch', async () => {
    const pod = await refreshing();
    await pod.answer('claimPermit', { outcome: 'notHolder' });
    await pod.answer('acquireLease', { outcome: 'granted', epoch: 11, beliefLeftMs: windowMs });
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 11) }));
    expect(pod.asked('claimPermit').at(-1)).toMatchObject({ epoch: 11 });
    expect(pod.asked('renewLease').every(({ epoch }) => epoch === 7)).toBe(true);
    await pod.clock.advance(timing.renewIntervalMs);
    expect(pod.asked('renewLease').at(-1)).toEqual({ podId: 'pod-a', epoch: 11, ttlMs: timing.leaseTtlMs });
  });
});

test('one renewal that failed is told, and changes nothing', async () => {
  const pod = await refreshing();
  pod.noLonger('renewLease');
  await pod.clock.advance(timing.renewIntervalMs);
  await pod.fail('renewLease', failure('timeout'));
  expect([pod.state, pod.emitted.at(-1)]).toEqual([
    'online.leader.refreshing',
    { type: 'redis.failed', failure: failure('timeout') },
  ]);
});
