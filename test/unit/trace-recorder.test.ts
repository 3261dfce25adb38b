/** What a pod tells of itself: facts with place and time, and every change of its role with its cause. */
import { describe, expect, test } from 'vitest';
import type { TraceEntry } from '../../machines/index.ts';
import { TraceRecorder } from '../../src/trace-recorder.ts';
import { failure, lockOf, plan, poll, record, timing } from '../harness/samples.ts';
import { type ScriptedPod, scriptPod } from '../harness/scripted-actors.ts';
import { failCall, fleet, theirs } from './pod/journeys.ts';

function recordedPod(input: Parameters<typeof scriptPod>[0] = {}) {
  const entries: TraceEntry[] = [];
  let recorder: TraceRecorder | undefined;
  const pod = scriptPod(input, ({ actor, clock }) => {
    recorder = new TraceRecorder(actor, clock, (entry) => entries.push(entry));
  });
  const changes = () =>
    entries.flatMap((entry) => (entry.type === 'role.changed' ? [`${entry.from} -> ${entry.to}: ${entry.cause}`] : []));
  return { pod, entries, recorder: recorder as TraceRecorder, changes };
}

const granted = (epoch: number) => ({ outcome: 'granted', epoch, beliefLeftMs: timing.beliefWindowMs }) as const;

async function follow(pod: ScriptedPod): Promise<void> {
  await pod.hear({ type: 'redis.up' });
  await pod.answer('poll', poll({ lock: theirs, fleet, untilTurnMs: 1_000 }));
  await pod.answer('acquireLease', { outcome: 'held', lock: theirs });
}

describe('the roles of a pod, each with the cause of its change', () => {
  test('from a start to a takeover', async () => {
    const { pod, changes } = recordedPod();
    await follow(pod);
    await pod.clock.advance(1_000);
    await pod.answer('takeOverLease', granted(5));
    expect(changes()).toEqual([
      'starting -> candidate: connected to Redis',
      'candidate -> follower: pod-b leads, epoch 4',
      'follower -> leader: lease taken over, epoch 5',
    ]);
  });

  test('from a release to a lease of its own, and its end', async () => {
    const { pod, changes } = recordedPod();
    await follow(pod);
    await pod.hear({ type: 'announcement.released', podId: 'pod-b', epoch: 4 });
    await pod.clock.advance(fleet.turn * timing.rankStepMs);
    await pod.answer('acquireLease', granted(5));
    await pod.clock.advance(timing.renewIntervalMs);
    await pod.answer('renewLease', { outcome: 'lost' });
    expect(changes().slice(2)).toEqual([
      'follower -> candidate: lease of pod-b released, epoch 4',
      'candidate -> leader: lease acquired, epoch 5',
      'leader -> candidate: lease lost, epoch 5',
    ]);
  });

  test('from an outage to a refusal of Redis', async () => {
    const { pod, changes } = recordedPod();
    await pod.hear({ type: 'redis.down', failure: failure('unreachable') });
    await pod.hear({ type: 'redis.up' });
    await pod.fail('acquireLease', failure('misconfigured', 'NOAUTH'));
    expect(changes()).toEqual([
      'starting -> degraded: unreachable',
      'degraded -> candidate: connected to Redis',
      'candidate -> degraded: misconfigured',
    ]);
  });

  test('from a yield to a stop', async () => {
    const { pod, changes } = recordedPod({ plans: [plan('rates', { failuresBeforeYield: 1 })] });
    await pod.hear({ type: 'redis.up' });
    await pod.answer('acquireLease', granted(5));
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 5) }));
    await failCall(pod);
    await pod.answer('yieldLease', { outcome: 'yielded' });
    await pod.send({ type: 'pod.stop' });
    await pod.answer('leaveFleet', undefined);
    expect(changes().slice(2)).toEqual([
      'leader -> follower: lease yielded, epoch 5',
      'follower -> stopping: stop',
      'stopping -> stopped: stop',
    ]);
  });

  test('of a leader that hands over', async () => {
    const { pod, changes } = recordedPod();
    await pod.hear({ type: 'redis.up' });
    await pod.answer('acquireLease', granted(5));
    await pod.send({ type: 'pod.stop' });
    await pod.answer('releaseLease', { outcome: 'released' });
    await pod.answer('leaveFleet', undefined);
    expect(changes().slice(2)).toEqual(['leader -> stopping: stop', 'stopping -> stopped: lease released, epoch 5']);
  });

  test('of a standalone pod', () => {
    expect(recordedPod({ mode: 'standalone' }).changes()).toEqual(['starting -> standalone: start']);
  });

  test('say nothing while a pod changes states within its role', async () => {
    const { pod, changes } = recordedPod();
    await follow(pod);
    await pod.clock.advance(1_000);
    await pod.answer('takeOverLease', { outcome: 'tooYoung', waitMs: 100 });
    expect(changes()).toHaveLength(2);
  });
});

describe('what is recorded', () => {
  test('has the pod and its wall clock in it, and stands in the order in which it happened', async () => {
    const { pod, entries } = recordedPod();
    await pod.clock.advance(500);
    await follow(pod);
    expect(entries.map(({ type }) => type)).toEqual(['redis.up', 'role.changed', 'leader.elected', 'role.changed']);
    expect(entries.every(({ podId, at }) => podId === 'pod-a' && at === pod.clock.now())).toBe(true);
  });

  test('reaches listeners of its kind and of everything, until they end it', async () => {
    const { pod, entries, recorder } = recordedPod();
    const heard: string[] = [];
    const end = recorder.on('leader.elected', (entry) => heard.push(entry.type));
    recorder.on('*', (entry) => heard.push(`* ${entry.type}`));
    await follow(pod);
    expect(heard).toEqual(['* redis.up', '* role.changed', 'leader.elected', '* leader.elected', '* role.changed']);
    end();
    await pod.hear({ type: 'announcement.acquired', podId: 'pod-c', epoch: 6, ttlLeftMs: 120_000 });
    expect(heard.filter((type) => type === 'leader.elected')).toHaveLength(1);
    expect(entries.at(-1)).toMatchObject({ type: 'leader.elected', leader: 'pod-c', epoch: 6 });
  });

  test('is told after the pod has changed: a listener sees the data that it is told of', async () => {
    const { pod, recorder } = recordedPod();
    const seen: unknown[] = [];
    recorder.on('revision.applied', () => seen.push(pod.served.at(-1)));
    await follow(pod);
    await pod.report('announcements', {
      type: 'announcement.published',
      dataset: 'rates',
      record: record(2),
      isStaged: true,
    });
    await pod.answer('verifyRevisions', { verified: { rates: record(2) }, rejected: {}, damaged: {} });
    expect(seen).toEqual([{ rates: record(2) }]);
  });
});
