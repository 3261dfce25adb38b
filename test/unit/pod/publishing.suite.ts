/** From a fetched result to a revision in every memory; nothing that was fetched is lost. Promises 3, 5 and 9. */
import { describe, expect, test } from 'vitest';
import { failure, lockOf, plan, poll, record, timing, unchanged } from '../../harness/samples.ts';
import type { ScriptedPod } from '../../harness/scripted-actors.ts';
import { begun, fetching, journeys, refreshing, uncertain, watching } from './journeys.ts';

const own = (revision: number, epoch = 7) => record(revision, { epoch });
const verdict = { verified: {}, rejected: {}, damaged: {} };

/** Validated, and on its way to Redis. */
async function publishing(): Promise<ScriptedPod> {
  const pod = await fetching();
  await pod.answer('callSource', { outcome: 'answered' });
  await pod.answer('validateResult', { outcome: 'changed' });
  return pod;
}

async function published(): Promise<ScriptedPod> {
  const pod = await publishing();
  await pod.answer('publishRevision', { outcome: 'published', record: own(1) });
  return pod;
}

async function reelect(pod: ScriptedPod): Promise<void> {
  await pod.answer('acquireLease', { outcome: 'granted', epoch: 9, beliefLeftMs: timing.beliefWindowMs });
  await pod.answer('poll', poll({ lock: lockOf('pod-a', 9) }));
}

describe('a published revision', () => {
  test('is verified and served by its own publisher, without a download', async () => {
    const pod = await published();
    expect([pod.asked('downloadRevisions'), pod.asked('verifyRevisions')]).toEqual([
      [],
      [{ records: { rates: own(1) } }],
    ]);
    await pod.answer('verifyRevisions', { ...verdict, verified: { rates: own(1) } });
    expect([pod.served, pod.context.held]).toEqual([[{ rates: own(1) }], { rates: own(1) }]);
    expect(pod.emitted.slice(-3).map(({ type }) => type)).toEqual([
      'source.called',
      'revision.published',
      'revision.applied',
    ]);
    expect(begun(pod)).toEqual(['claimPermit']);
  });

  test('that a restore overrode is published again, without a source call (promise 9)', async () => {
    const pod = await published();
    await pod.answer('verifyRevisions', { ...verdict, verified: { rates: own(1) } });
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 300_000 });
    const theirs = record(2, { epoch: 3, podId: 'pod-z' });
    await pod.report('announcements', {
      type: 'announcement.published',
      dataset: 'rates',
      record: theirs,
      isStaged: true,
    });
    await pod.answer('verifyRevisions', { ...verdict, verified: { rates: theirs } });
    expect([pod.open('publishRevision'), pod.asked('callSource').length]).toEqual([1, 1]);
  });

  test('of an unchanged answer is only confirmed, and told so', async () => {
    const pod = await fetching();
    await pod.answer('callSource', unchanged);
    await pod.answer('confirmRevision', { outcome: 'confirmed', record: own(4) });
    expect(pod.emitted.at(-1)).toEqual({ type: 'revision.unchanged', dataset: 'rates', record: own(4) });
  });

  test('that Redis refuses for another version is proposed anew after a poll', async () => {
    const pod = await publishing();
    await pod.answer('publishRevision', { outcome: 'mismatch' });
    expect([pod.emitted.at(-1), pod.open('poll'), begun(pod)]).toEqual([
      { type: 'publishing.mismatched', dataset: 'rates' },
      1,
      [],
    ]);
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7), records: {} }));
    expect([begun(pod), pod.asked('callSource').length]).toEqual([['publishRevision'], 1]);
  });
});

describe('a result that is not in Redis yet', () => {
  test('is published by the same pod under its next lease, without a source call (promise 5)', async () => {
    const pod = await publishing();
    await pod.answer('publishRevision', { outcome: 'notHolder' });
    expect([pod.state, pod.context.kept]).toEqual(['online.candidate.acquiring', ['rates']]);
    await reelect(pod);
    expect([begun(pod), pod.asked('callSource').length, pod.asked('claimPermit').length]).toEqual([
      ['publishRevision'],
      1,
      1,
    ]);
    await pod.answer('publishRevision', { outcome: 'published', record: own(1, 9) });
    expect(pod.context.kept).toEqual([]);
  });

  test('outlives an outage of Redis', async () => {
    const pod = await publishing();
    await pod.hear({ type: 'redis.down', failure: failure('unreachable') });
    await pod.hear({ type: 'redis.up' });
    await reelect(pod);
    expect([begun(pod), pod.asked('callSource').length]).toEqual([['publishRevision'], 1]);
  });

  test('is dropped when somebody has called since', async () => {
    const pod = await publishing();
    await pod.answer('publishRevision', { outcome: 'outdated' });
    expect([pod.context.kept, begun(pod)]).toEqual([[], ['claimPermit']]);
  });

  test('waits while the lease is unconfirmed, and is published once it is confirmed', async () => {
    const pod = await uncertain(fetching);
    await pod.answer('callSource', { outcome: 'answered' });
    await pod.answer('validateResult', { outcome: 'changed' });
    expect(begun(pod)).toEqual([]);
    await pod.always('renewLease', { outcome: 'renewed', beliefLeftMs: timing.beliefWindowMs });
    await pod.answer('poll', poll({ lock: lockOf('pod-a', 7) }));
    expect([begun(pod), pod.asked('callSource').length]).toEqual([['publishRevision'], 1]);
  });

  test.each(['full', 'diskFailing'] as const)(
    'stays where Redis takes no writes (%s), and so does the lease',
    async (kind) => {
      const pod = await publishing();
      await pod.fail('publishRevision', failure(kind, 'OOM'));
      expect(pod.emitted.at(-1)).toEqual({
        type: 'publishing.blocked',
        dataset: 'rates',
        failure: failure(kind, 'OOM'),
      });
      await pod.always('publishRevision', Object.assign(new Error('OOM'), { kind }));
      await pod.always('poll', poll({ lock: lockOf('pod-a', 7) }));
      await pod.clock.advance(600_000);
      expect([pod.state, pod.stateOf('lease'), pod.asked('callSource').length, pod.endedBeliefs]).toEqual([
        'online.leader.refreshing',
        'believed.held',
        1,
        0,
      ]);
      expect(pod.asked('publishRevision').length).toBeLessThan(120);
      await pod.always('publishRevision', { outcome: 'published', record: own(1) });
      await pod.clock.advance(10_000);
      expect(pod.emittedOf('revision.published')).toHaveLength(1);
    },
  );
});

describe('a refresh that somebody asks for', () => {
  test('is made by the leader, and answered', async () => {
    const pod = await refreshing();
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 200_000 });
    await pod.hear({ type: 'announcement.requested', dataset: 'rates' });
    expect(pod.asked('claimPermit').at(-1)).toMatchObject({ isRequested: true });
    await pod.answer('claimPermit', { outcome: 'overBudget', waitMs: 5_000 });
    expect(pod.answers).toEqual([
      { type: 'refresh.answered', dataset: 'rates', result: { outcome: 'overBudget', retryAfterMs: 5_000 } },
    ]);
    expect(pod.emitted.at(-1)).toEqual({ type: 'permit.refused', dataset: 'rates', waitMs: 5_000 });
  });

  test.each(['online.leader.refreshing', 'standalone'])(
    'for a dataset that this pod does not have harms nobody (%s)',
    async (state) => {
      const pod = await (journeys[state] as typeof refreshing)();
      await pod.send({ type: 'announcement.requested', dataset: 'unknown' });
      await pod.send({ type: 'sync.applied', records: { unknown: record(1, { podId: 'pod-z' }) } });
      expect([pod.actor.getSnapshot().status, pod.state]).toEqual(['active', state]);
    },
  );

  test('of a pod that does not lead is answered with that', async () => {
    const pod = await watching();
    await pod.hear({ type: 'announcement.requested', dataset: 'rates' });
    expect(pod.answers).toEqual([{ dataset: 'rates', result: { outcome: 'noLeader' } }]);
  });
});

describe('any pod', () => {
  test('tells what it refused, found damaged and restored, and remembers what it refused (promise 4)', async () => {
    const pod = await watching();
    const rejected = { rates: { record: record(2), reason: 'no usd' } };
    await pod.report('announcements', {
      type: 'announcement.published',
      dataset: 'rates',
      record: record(2),
      isStaged: true,
    });
    await pod.answer('verifyRevisions', { ...verdict, rejected });
    expect([pod.context.rejected, pod.emitted.at(-1)]).toEqual([
      rejected,
      { type: 'revision.rejected', dataset: 'rates', record: record(2), reason: 'no usd' },
    ]);
    await pod.report('announcements', {
      type: 'announcement.published',
      dataset: 'rates',
      record: record(3),
      isStaged: true,
    });
    await pod.answer('verifyRevisions', { ...verdict, damaged: { rates: { record: record(3), reason: 'cut off' } } });
    expect(pod.emitted.at(-1)).toEqual({
      type: 'revision.damaged',
      dataset: 'rates',
      record: record(3),
      reason: 'cut off',
    });
    await pod.answer('reportDamage', undefined);
    await pod.clock.advance(1_000);
    await pod.answer('poll', poll({ lock: lockOf('pod-b', 4), wanted: ['terms'] }));
    await pod.answer('restoreRevisions', undefined);
    expect(pod.emitted.at(-1)).toEqual({ type: 'revision.restored', dataset: 'terms' });
  });

  test.each([
    ['an epoch of its own from before', own(9, 6)],
    ['another pod under the very same epoch', record(9, { epoch: 7, podId: 'pod-b' })],
  ])('publishes again what a restore of %s has overridden (promise 9)', async (_whose, restored) => {
    const pod = await refreshing();
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 60_000 });
    await pod.send({ type: 'sync.applied', records: { rates: restored } });
    expect(begun(pod)).toEqual(['publishRevision']);
  });

  test('keeps what waits to be published of one dataset when that of another is dropped (promise 9)', async () => {
    const pod = await refreshing({ plans: [plan('rates'), plan('terms')] });
    await pod.send({ type: 'refresh.kept', dataset: 'rates' });
    await pod.send({ type: 'refresh.kept', dataset: 'terms' });
    await pod.send({ type: 'refresh.dropped', dataset: 'rates' });
    expect(pod.context.kept).toEqual(['terms']);
  });

  test('leaves its own publication as it is when it comes back to it', async () => {
    const pod = await refreshing();
    await pod.answer('claimPermit', { outcome: 'notDue', waitMs: 60_000 });
    await pod.send({ type: 'sync.applied', records: { rates: own(9) } });
    expect(begun(pod)).toEqual([]);
  });

  test('tells of a publication that it hears of only after it has left its leadership', async () => {
    const pod = await watching();
    await pod.send({ type: 'refresh.published', dataset: 'rates', record: own(1) });
    expect(pod.emitted.at(-1)).toEqual({ type: 'revision.published', dataset: 'rates', record: own(1) });
  });
});
