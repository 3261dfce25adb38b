/** Stopping: from every state, whatever happens on the way, and what a leader hands over. Promises 6, 7 and 8. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, plan, poll, record, timing, unchanged } from '../../harness/samples.ts';
import type { ScriptedPod } from '../../harness/scripted-actors.ts';
import { fetching, finishing, journeys, refreshing, uncertain, watching } from './journeys.ts';

const stop = { type: 'pod.stop' } as const;
const released = { outcome: 'released' } as const;
const isStopped = (pod: ScriptedPod) => pod.actor.getSnapshot().status === 'done' && pod.state === 'stopped';
const down = { type: 'redis.down', failure: failure('unreachable') } as const;

describe('a pod that is stopped', () => {
  test.each(Object.entries(journeys))(
    '%s ends in stopped and leaves nothing open (promise 8)',
    async (_state, journey) => {
      const pod = await journey();
      await pod.send(stop);
      await pod.always('releaseLease', released);
      await pod.always('leaveFleet', undefined);
      await pod.clock.advance(timing.finishLimitMs);
      expect([isStopped(pod), pod.clock.timers(), pod.isRunning('connection'), pod.isRunning('watchTime')]).toEqual([
        true,
        0,
        false,
        false,
      ]);
      expect(pod.emittedOf('pod.stopping')).toHaveLength(1);
    },
  );

  test.each(Object.entries(journeys))(
    '%s ends in stopped although Redis answers nothing any more (promise 8)',
    async (state, journey) => {
      const pod = await journey();
      await pod.always('releaseLease', Object.assign(new Error('no answer'), { kind: 'timeout' }));
      await pod.send(stop);
      await pod.clock.advance(timing.finishLimitMs + timing.leaseCommandLimitMs);
      expect([state, isStopped(pod)]).toEqual([state, true]);
    },
  );

  test('leaves the list of pods, and releases nothing that it does not hold', async () => {
    const pod = await watching();
    await pod.send(stop);
    expect([pod.state, pod.asked('leaveFleet'), pod.asked('releaseLease')]).toEqual([
      'stopping.leaving',
      [{ podId: 'pod-a' }],
      [],
    ]);
    await pod.answer('leaveFleet', undefined);
    expect(isStopped(pod)).toBe(true);
  });

  test.each(['starting', 'degraded.disconnected', 'degraded.refused', 'standalone'])(
    'from %s asks Redis nothing',
    async (state) => {
      const pod = await (journeys[state] as typeof watching)();
      await pod.send(stop);
      expect([isStopped(pod), pod.asked('leaveFleet'), pod.asked('releaseLease')]).toEqual([true, [], []]);
    },
  );

  test.each(['refuses', 'never answers'] as const)(
    'is stopped although Redis %s to take it off the list',
    async (how) => {
      const pod = await watching();
      await pod.send(stop);
      if (how === 'refuses') await pod.fail('leaveFleet', failure('timeout'));
      else await pod.clock.advance(timing.leaseCommandLimitMs);
      expect(isStopped(pod)).toBe(true);
    },
  );

  test('is stopped at once when the connection is lost meanwhile', async () => {
    const pod = await watching();
    await pod.send(stop);
    await pod.hear(down);
    expect(isStopped(pod)).toBe(true);
  });
});

describe('a leader that is stopped', () => {
  test('lets a call and its publication end, then releases, then leaves (promise 7)', async () => {
    const pod = await finishing();
    expect([pod.state, pod.asked('releaseLease'), pod.endedBeliefs]).toEqual(['online.leader.finishing', [], 0]);
    await pod.answer('callSource', { outcome: 'answered' });
    await pod.answer('validateResult', { outcome: 'changed' });
    await pod.answer('publishRevision', { outcome: 'published', record: record(1) });
    expect([pod.state, pod.endedBeliefs, pod.asked('releaseLease'), pod.asked('leaveFleet')]).toEqual([
      'stopping.releasing',
      1,
      [{ podId: 'pod-a', epoch: 7, ttlMs: timing.leaseTtlMs }],
      [],
    ]);
    await pod.answer('releaseLease', released);
    await pod.answer('leaveFleet', undefined);
    expect([isStopped(pod), pod.emitted.slice(-4)]).toEqual([
      true,
      [
        { type: 'pod.stopping' },
        { type: 'revision.published', dataset: 'rates', record: record(1) },
        { type: 'belief.ended', epoch: 7 },
        { type: 'lease.ended', epoch: 7, cause: 'released' },
      ],
    ]);
  });

  test('releases at once when nothing is under way', async () => {
    const pod = await refreshing({ plans: [plan('rates'), plan('terms')] });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 1_000 }, 'rates');
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 1_000 }, 'terms');
    await pod.send(stop);
    expect(pod.state).toBe('stopping.releasing');
  });

  test('waits for the slowest of its datasets, and goes on renewing meanwhile', async () => {
    const pod = await fetching({ plans: [plan('rates'), plan('terms')] });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 1_000 });
    await pod.send(stop);
    const renewals = pod.asked('renewLease').length;
    await pod.clock.advance(5 * timing.renewIntervalMs);
    expect([pod.state, pod.context.unfinished, pod.asked('renewLease').length]).toEqual([
      'online.leader.finishing',
      ['rates'],
      renewals + 5,
    ]);
  });

  test('waits for every dataset that has something under way, not for the first that has not', async () => {
    const pod = await finishing({ plans: [plan('rates'), plan('terms')] });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 60_000 });
    expect([pod.state, pod.context.unfinished]).toEqual(['online.leader.finishing', ['rates']]);
  });

  test('waits no longer than the limit', async () => {
    const pod = await finishing();
    await pod.clock.advance(timing.finishLimitMs - 1);
    expect(pod.state).toBe('online.leader.finishing');
    await pod.clock.advance(1);
    expect(pod.state).toBe('stopping.releasing');
  });

  test('hurries when it is asked twice', async () => {
    const pod = await finishing();
    await pod.send(stop);
    expect([pod.state, pod.emittedOf('pod.stopping').length]).toEqual(['stopping.releasing', 1]);
  });

  test('releases although its lease is unconfirmed, and finishes nothing under it (promise 6)', async () => {
    const pod = await uncertain(fetching);
    await pod.send(stop);
    expect([pod.state, pod.open('releaseLease')]).toEqual(['stopping.releasing', 1]);
  });

  test('finishes nothing any more once its lease becomes unconfirmed (promise 6)', async () => {
    const pod = await finishing();
    pod.noLonger('renewLease');
    await pod.clock.advance(timing.beliefWindowMs);
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['stopping.releasing', { type: 'lease.uncertain', epoch: 7 }]);
  });

  test('publishes what needs a sync first', async () => {
    const pod = await finishing();
    await pod.answer('callSource', { outcome: 'answered' });
    await pod.answer('validateResult', { outcome: 'changed' });
    await pod.answer('publishRevision', { outcome: 'mismatch' });
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7) }));
    expect([pod.state, pod.open('publishRevision')]).toEqual(['online.leader.finishing', 1]);
  });

  test.each<[string, (pod: ScriptedPod) => Promise<void>, string]>([
    ['its lease is lost', (pod) => lose(pod), 'lost'],
    ['a script refuses its epoch', (pod) => fence(pod), 'fenced'],
    ['another pod was granted a newer one', (pod) => overtake(pod), 'lost'],
  ])('leaves without a release when %s meanwhile (promise 1)', async (_what, step, cause) => {
    const pod = await finishing();
    await step(pod);
    expect([pod.state, pod.asked('releaseLease'), pod.endedBeliefs]).toEqual(['stopping.leaving', [], 1]);
    expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause }]);
  });

  test('is stopped when the connection is lost meanwhile (promise 8)', async () => {
    const pod = await finishing();
    await pod.hear(down);
    expect([isStopped(pod), pod.endedBeliefs, pod.emitted.at(-1)]).toEqual([true, 1, down]);
  });

  test.each([
    ['refused', true],
    ['timeout', false],
  ] as const)(
    'is stopped when Redis refuses to serve meanwhile, not when one command fails (%s)',
    async (kind, isOver) => {
      const pod = await finishing();
      pod.noLonger('renewLease');
      await pod.clock.advance(timing.renewIntervalMs);
      await pod.fail('renewLease', failure(kind));
      expect([isStopped(pod), pod.state === 'online.leader.finishing']).toEqual([isOver, !isOver]);
    },
  );

  test('releases its own epoch whatever a poll has shown since', async () => {
    const pod = await refreshing();
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll());
    await pod.send(stop);
    await pod.send(stop);
    expect(pod.asked('releaseLease')).toMatchObject([{ epoch: 7 }]);
  });

  test('leaves although nobody knows whether the release was heard, and tells that its lease is over', async () => {
    const pod = await finishing();
    await pod.send(stop);
    await pod.fail('releaseLease', failure('timeout'));
    expect([pod.state, pod.emittedOf('redis.failed').length]).toEqual(['stopping.leaving', 1]);
    expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause: 'unconfirmed' }]);
  });
});

async function lose(pod: ScriptedPod): Promise<void> {
  pod.noLonger('renewLease');
  await pod.clock.advance(timing.renewIntervalMs);
  await pod.answer('renewLease', { outcome: 'lost' });
}

async function fence(pod: ScriptedPod): Promise<void> {
  await pod.answer('callSource', unchanged);
  await pod.answer('confirmRevision', { outcome: 'notHolder' });
}

async function overtake(pod: ScriptedPod): Promise<void> {
  await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
}
