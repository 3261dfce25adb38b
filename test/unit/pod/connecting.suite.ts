/** The connection: up, down, refused, and the roles that this ends. Promises 6 and 8. */

import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { podMachine } from '../../../machines/pod.machine.ts';
import { nodesOf } from '../../../src/testing/transitions.ts';
import { coverage } from '../../harness/coverage.ts';
import { failure, plan, poll, record, timing } from '../../harness/samples.ts';
import { type ScriptedPod, scriptPod } from '../../harness/scripted-actors.ts';
import { acquiring, begun, journeys, refreshing, refused, watching } from './journeys.ts';

const down = { type: 'redis.down', failure: failure('unreachable', 'connection reset') } as const;
const journeysOf = (top: string) => Object.entries(journeys).filter(([state]) => state.startsWith(top));
const stateOf = (pod: ScriptedPod) => pod.state;

test.each(Object.entries(journeys))('the journey to %s ends there', async (state, journey) => {
  expect(stateOf(await journey())).toBe(state);
});

test('there is a journey to every state in which a pod can rest', () => {
  const atomic = nodesOf(podMachine.root).filter(({ type }) => type === 'atomic');
  expect(Object.keys(journeys).sort()).toEqual(atomic.map(({ path }) => path.join('.')).sort());
});

describe('a pod that starts', () => {
  test('asks for the lease and polls as soon as it is connected, and not before', async () => {
    const pod = scriptPod();
    expect([pod.state, pod.asked('acquireLease'), pod.asked('poll')]).toEqual(['starting', [], []]);
    await pod.hear({ type: 'redis.up' });
    expect([pod.state, pod.open('acquireLease'), pod.open('poll')]).toEqual(['online.candidate.acquiring', 1, 1]);
    expect(pod.asked('acquireLease')).toEqual([{ podId: 'pod-a', timing }]);
    expect(pod.emitted).toEqual([{ type: 'redis.up' }]);
  });

  test('without Redis is degraded, says why, and comes online when Redis is there', async () => {
    const pod = scriptPod();
    await pod.hear(down);
    expect([pod.state, pod.context.failure]).toEqual(['degraded.disconnected', down.failure]);
    expect(pod.emitted).toEqual([down]);
    await pod.hear({ type: 'redis.up' });
    expect([pod.state, pod.context.failure]).toEqual(['online.candidate.acquiring', null]);
  });

  test('whose connection cannot even be made stays degraded, and says why (promise 8)', async () => {
    const actor = createActor(podMachine, {
      input: { podId: 'pod-a', mode: 'distributed', plans: [plan()], timing },
      inspect: coverage.note,
    });
    actor.start();
    expect(actor.getSnapshot().value).toEqual({ degraded: 'disconnected' });
    expect(actor.getSnapshot().context.failure?.message).toMatch('The actor "connection" was not provided');
  });

  test('standalone by configuration refreshes for itself and never asks for a lease', async () => {
    const pod = scriptPod({ mode: 'standalone', plans: [plan('rates'), plan('terms')] });
    expect([pod.state, pod.open('claimPermit'), pod.asked('poll'), pod.asked('acquireLease')]).toEqual([
      'standalone',
      2,
      [],
      [],
    ]);
    await pod.answer('claimPermit', { outcome: 'granted', permitId: 'own' }, 'rates');
    await pod.answer('callSource', { outcome: 'answered' });
    await pod.answer('validateResult', { outcome: 'changed' });
    await pod.answer('publishRevision', { outcome: 'published', record: record(1) });
    expect(pod.context.held).toEqual({ rates: record(1) });
    expect(pod.emitted.map(({ type }) => type)).toEqual(['source.called', 'revision.published', 'revision.applied']);
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 300_000 }, 'rates');
    await pod.send({ type: 'announcement.requested', dataset: 'rates' });
    expect(pod.asked('claimPermit').at(-1)).toMatchObject({ isRequested: true });
  });
});

describe('when the connection is lost', () => {
  test.each(journeysOf('online.').filter(([state]) => state !== 'online.leader.finishing'))(
    '%s is degraded at once: nothing is elected, fetched or polled (promise 6)',
    async (state, journey) => {
      const pod = await journey();
      await pod.hear(down);
      expect([pod.state, pod.context.failure]).toEqual(['degraded.disconnected', down.failure]);
      expect(pod.emitted.at(-1)).toEqual(down);
      expect([begun(pod), pod.stateOf('refresh:rates'), pod.stateOf('lease'), pod.stateOf('sync')]).toEqual([
        [],
        undefined,
        undefined,
        undefined,
      ]);
      expect(pod.endedBeliefs).toBe(state.startsWith('online.leader') || state.endsWith('resting') ? 1 : 0);
      await pod.clock.advance(600_000);
      expect([pod.state, pod.clock.timers(), pod.open('acquireLease'), pod.open('poll')]).toEqual([
        'degraded.disconnected',
        0,
        0,
        0,
      ]);
    },
  );

  test('what was verified stays, and is where syncing goes on from (promise 8)', async () => {
    const pod = await watching();
    await pod.report('announcements', {
      type: 'announcement.published',
      dataset: 'rates',
      record: record(3),
      isStaged: true,
    });
    await pod.answer('verifyRevisions', { verified: { rates: record(3) }, rejected: {}, damaged: {} });
    await pod.hear(down);
    await pod.hear({ type: 'redis.up' });
    expect(pod.asked('poll').at(-1)).toEqual({ held: { rates: record(3) }, rejected: {} });
  });

  test('a degraded pod may be told so again', async () => {
    const pod = await refused();
    await pod.hear(down);
    expect([pod.state, pod.context.failure]).toEqual(['degraded.disconnected', down.failure]);
  });
});

describe('when Redis answers but refuses to serve', () => {
  test.each(['misconfigured', 'refused', 'transient', 'unreachable'] as const)(
    '(%s) a leader is degraded at once, and its refreshing stops (promise 6)',
    async (kind) => {
      const pod = await refreshing();
      pod.noLonger('renewLease');
      await pod.clock.advance(timing.renewIntervalMs);
      await pod.fail('renewLease', failure(kind, 'no'));
      expect([pod.state, pod.context.failure, begun(pod), pod.endedBeliefs]).toEqual([
        'degraded.refused',
        failure(kind, 'no'),
        [],
        1,
      ]);
      expect(pod.emitted.at(-1)).toEqual({ type: 'redis.down', failure: failure(kind, 'no') });
    },
  );

  test.each(['timeout', 'full', 'diskFailing', 'unexpected'] as const)(
    'to one command (%s) nothing changes but that it is told',
    async (kind) => {
      const pod = await refreshing();
      pod.noLonger('renewLease');
      await pod.clock.advance(timing.renewIntervalMs);
      await pod.fail('renewLease', failure(kind));
      expect([pod.state, pod.emitted.at(-1)]).toEqual([
        'online.leader.refreshing',
        { type: 'redis.failed', failure: failure(kind) },
      ]);
    },
  );

  test.each([
    ['acquireLease', acquiring],
    ['takeOverLease', journeys['online.follower.checking'] as typeof acquiring],
    ['yieldLease', journeys['online.leader.yielding'] as typeof acquiring],
  ] as const)('to %s the pod is degraded at once, and says why', async (leaf, journey) => {
    const pod = await journey();
    await pod.fail(leaf, failure('refused', 'READONLY'));
    expect([pod.state, pod.context.failure]).toEqual(['degraded.refused', failure('refused', 'READONLY')]);
    expect(pod.emitted.at(-1)).toEqual({ type: 'redis.down', failure: failure('refused', 'READONLY') });
  });

  test('for a reason that a person must mend, it is tried again slowly', async () => {
    const pod = await refused();
    await pod.clock.advance(timing.misconfiguredRetryMs - 1);
    expect(pod.state).toBe('degraded.refused');
    await pod.clock.advance(1);
    expect(pod.state).toBe('online.candidate.acquiring');
  });

  test('for a while, it is tried again soon, then less and less often', async () => {
    const pod = await acquiring();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      await pod.fail('poll', failure('transient', 'LOADING'));
      const since = pod.clock.monotonic();
      while (pod.state === 'degraded.refused') await pod.clock.advance(timing.retryBaseMs);
      waits.push(pod.clock.monotonic() - since);
    }
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 6_400, 6_400]);
  });

  test('and is reached anew, it is tried again at once', async () => {
    const pod = await refused();
    await pod.hear({ type: 'redis.up' });
    expect([pod.state, pod.emitted.at(-1)]).toEqual(['online.candidate.acquiring', { type: 'redis.up' }]);
  });

  test('the failure is forgotten as soon as a poll succeeds', async () => {
    const pod = await refused();
    await pod.clock.advance(timing.misconfiguredRetryMs);
    expect(pod.context.failure).not.toBeNull();
    await pod.answer('poll', poll());
    expect([pod.context.failure, pod.context.attempt]).toEqual([null, 0]);
  });
});
