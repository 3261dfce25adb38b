/** A leader whose source calls fail offers its lease to others, and rests. Promises 5 and 7. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, plan, poll, record, timing, unchanged } from '../../harness/samples.ts';
import type { ScriptedPod } from '../../harness/scripted-actors.ts';
import { begun, catchingUp, failCall, fleet, refreshing, resting, yielding } from './journeys.ts';

const intervalMs = plan().refreshIntervalMs;
const resume = (pod: ScriptedPod) => pod.clock.advance(15_000);

/** Yields again: becomes leader of the next epoch, and its source fails. */
async function yieldAgain(pod: ScriptedPod, epoch: number): Promise<void> {
  await pod.answer('acquireLease', { outcome: 'granted', epoch, beliefLeftMs: timing.beliefWindowMs });
  await pod.answer('poll', poll({ lock: lockOf('pod-a', epoch) }));
  await failCall(pod);
  await pod.answer('yieldLease', { outcome: 'yielded' });
}

describe('a leader whose source calls fail', () => {
  test('offers its lease after the third failure in a row, and not before', async () => {
    const pod = await refreshing();
    for (let i = 0; i < 2; i++) {
      await failCall(pod);
      expect(pod.state).toBe('online.leader.refreshing');
      await resume(pod);
    }
    await failCall(pod);
    expect(pod.asked('yieldLease')).toEqual([{ podId: 'pod-a', epoch: 7, minIntervalMs: intervalMs, timing }]);
    expect(pod.emittedOf('source.failed').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(pod.context.failing).toEqual({ rates: failure('sourceFailed', 'status 500') });
  });

  test.each(['alone', 'tooSoon'] as const)('stays and backs off when it is %s', async (outcome) => {
    const pod = await yielding();
    await pod.answer('yieldLease', { outcome });
    expect([pod.state, pod.endedBeliefs, begun(pod)]).toEqual(['online.leader.refreshing', 0, []]);
    await resume(pod);
    expect(begun(pod)).toEqual(['claimPermit']);
  });

  describe('and hears who leads next before the answer to its offer', () => {
    const hearOfTheNext = async () => {
      const pod = await yielding();
      await pod.report('connection', { type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
      expect([pod.state, pod.emittedOf('lease.ended')]).toEqual(['online.leader.yielding', []]);
      return pod;
    };

    test('has given its lease, rests, and knows who leads', async () => {
      const pod = await hearOfTheNext();
      await pod.answer('yieldLease', { outcome: 'yielded' });
      expect([pod.state, pod.context.leader]).toEqual(['online.follower.resting', { podId: 'pod-b', epoch: 8 }]);
      expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause: 'yielded' }]);
    });

    test('was to stay, and has lost its lease since: it follows (promise 6)', async () => {
      const pod = await hearOfTheNext();
      await pod.answer('yieldLease', { outcome: 'tooSoon' });
      expect([pod.state, pod.emittedOf('lease.confirmed')]).toEqual(['online.follower.watching', []]);
      expect(pod.emittedOf('lease.ended')).toEqual([{ type: 'lease.ended', epoch: 7, cause: 'lost' }]);
    });
  });

  test('stays when it may not go, though a poll has shown no lock meanwhile', async () => {
    const pod = await yielding();
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll());
    expect([pod.state, pod.context.leader]).toEqual(['online.leader.yielding', null]);
    await pod.answer('yieldLease', { outcome: 'alone' });
    expect(pod.state).toBe('online.leader.refreshing');
  });

  test('tells that it no longer believes before it asks, and that it does again when it stays (promise 6)', async () => {
    const pod = await yielding();
    const told = () => pod.emitted.filter(({ type }) => type === 'belief.ended' || type === 'lease.confirmed');
    expect(told()).toEqual([{ type: 'belief.ended', epoch: 7 }]);
    await pod.answer('yieldLease', { outcome: 'alone' });
    expect(told().at(-1)).toEqual({ type: 'lease.confirmed', epoch: 7, hasStayed: true });
  });

  test('stays when nobody knows what became of the offer: the next renewal tells', async () => {
    const pod = await yielding();
    await pod.fail('yieldLease', failure('timeout'));
    expect([pod.state, pod.emitted.at(-1)]).toEqual([
      'online.leader.refreshing',
      { type: 'redis.failed', failure: failure('timeout') },
    ]);
  });

  test("is a candidate when its lease was another pod's already (promise 1)", async () => {
    const pod = await yielding();
    await pod.answer('yieldLease', { outcome: 'notHolder' });
    expect([pod.state, pod.emitted.at(-1)]).toEqual([
      'online.candidate.acquiring',
      { type: 'lease.ended', epoch: 7, cause: 'lost' },
    ]);
  });

  test('offers it once at a time, whatever else fails meanwhile', async () => {
    const plans = ['rates', 'terms'].map((name) => plan(name, { failuresBeforeYield: 1 }));
    const pod = await yielding({ plans });
    await failCall(pod);
    expect([pod.state, pod.asked('yieldLease').length]).toEqual(['online.leader.yielding', 1]);
  });

  test('begins nothing more when its lease becomes unconfirmed meanwhile (promise 6)', async () => {
    const pod = await yielding();
    pod.noLonger('renewLease');
    await pod.clock.advance(timing.beliefWindowMs);
    expect([pod.state, pod.open('yieldLease'), begun(pod)]).toEqual(['online.leader.uncertain', 0, []]);
  });
});

describe('a pod that has rested and heard of nobody since', () => {
  const rested = async (untilTurnMs: number) => {
    const pod = await catchingUp({ plans: [plan('rates', { failuresBeforeYield: 1 })] });
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7), fleet, epoch: 7, untilTurnMs }));
    await failCall(pod);
    await pod.answer('yieldLease', { outcome: 'yielded' });
    await pod.clock.advance(intervalMs);
    expect([pod.state, pod.context.leader]).toEqual(['online.follower.watching', null]);
    return pod;
  };

  test('checks nobody’s presence, and is a candidate at once: there is no lock to wait for (promise 7)', async () => {
    const pod = await rested(0);
    await pod.clock.advance(1 + fleet.turn * timing.rankStepMs);
    expect([pod.state, pod.asked('takeOverLease'), pod.emittedOf('leader.gone')]).toEqual([
      'online.candidate.acquiring',
      [],
      [],
    ]);
  });

  test('acts when it hears that some lease was released (promise 7)', async () => {
    const pod = await rested(750);
    await pod.hear({ type: 'announcement.released', podId: 'pod-b', epoch: 9 });
    expect(pod.state).toBe('online.candidate.queueing');
  });
});

describe('a pod that has yielded', () => {
  test('does not lead, and tells why', async () => {
    const pod = await resting();
    expect([pod.state, pod.context.leader, pod.endedBeliefs, pod.emitted.at(-1)]).toEqual([
      'online.follower.resting',
      null,
      1,
      { type: 'lease.ended', epoch: 7, cause: 'yielded' },
    ]);
    expect(pod.context.failing).toEqual({});
  });

  test('leaves releases and grants to the others until it has rested, then watches', async () => {
    const pod = await resting();
    await pod.always('poll', poll({ lock: lockOf('pod-b', 8), untilTurnMs: 3_600_000 }));
    await pod.hear({ type: 'announcement.released', podId: 'pod-a', epoch: 7 });
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-b', epoch: 8, ttlLeftMs: 120_000 });
    expect([pod.state, pod.context.leader]).toEqual(['online.follower.resting', { podId: 'pod-b', epoch: 8 }]);
    await pod.clock.advance(intervalMs - 1);
    expect([pod.state, pod.asked('acquireLease').length, pod.asked('takeOverLease').length]).toEqual([
      'online.follower.resting',
      1,
      0,
    ]);
    await pod.clock.advance(1);
    expect(pod.state).toBe('online.follower.watching');
  });

  test('leads again when a poll shows that nobody took the lease (promise 7)', async () => {
    const pod = await resting();
    await pod.clock.advance(timing.pollIntervalMs);
    await pod.answer('poll', poll());
    expect([pod.state, pod.asked('acquireLease').length]).toEqual(['online.candidate.acquiring', 2]);
  });

  test('rests twice as long each time, up to eight intervals, until a refresh succeeds', async () => {
    const pod = await resting();
    const restsMs: number[] = [pod.context.waitMs];
    for (let epoch = 8; epoch < 13; epoch++) {
      await pod.clock.advance(timing.pollIntervalMs);
      await pod.answer('poll', poll());
      await yieldAgain(pod, epoch);
      restsMs.push(pod.context.waitMs);
    }
    expect(restsMs.map((ms) => ms / intervalMs)).toEqual([1, 2, 4, 8, 8, 8]);
  });

  test.each(['published', 'unchanged'] as const)(
    'rests for one interval again after a refresh was %s',
    async (result) => {
      const pod = await resting();
      await pod.clock.advance(timing.pollIntervalMs);
      await pod.answer('poll', poll());
      await pod.answer('acquireLease', { outcome: 'granted', epoch: 8, beliefLeftMs: timing.beliefWindowMs });
      await pod.answer('poll', poll({ lock: lockOf('pod-a', 8) }));
      await pod.answer('claimPermit', { outcome: 'granted', permitId: 'permit' });
      await pod.answer('callSource', result === 'published' ? { outcome: 'answered' } : unchanged);
      if (result === 'published') {
        await pod.answer('validateResult', { outcome: 'changed' });
        await pod.answer('publishRevision', { outcome: 'published', record: record(1) });
      } else await pod.answer('confirmRevision', { outcome: 'confirmed', record: record(1) });
      expect([pod.context.yields, pod.context.failing]).toEqual([0, {}]);
      await failCall(pod);
      await pod.answer('yieldLease', { outcome: 'yielded' });
      expect(pod.context.waitMs).toBe(intervalMs);
    },
  );
});
