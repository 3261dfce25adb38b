/** Publishing and confirming: fenced, all or nothing, and nothing fetched is lost. Promises 1, 3 and 9. */
import { describe, expect, test } from 'vitest';
import { failure, record, timing, unchanged } from '../../harness/samples.ts';
import { begun, claiming, confirming, publishing, validating, waiting } from './journeys.ts';

describe('a fetched and validated result', () => {
  test('is published, told with its version, and the next call is asked for', async () => {
    const refresh = await publishing();
    expect([refresh.state, refresh.hasTag('publishing')]).toEqual(['publishing', true]);
    await refresh.answer('publishRevision', { outcome: 'published', record: record(5, { epoch: 7 }) });
    expect(refresh.toldOf('refresh.published')).toEqual([
      { type: 'refresh.published', dataset: 'rates', record: record(5, { epoch: 7 }) },
    ]);
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('that equals what is published is confirmed and makes no revision', async () => {
    const refresh = await validating();
    await refresh.answer('validateResult', unchanged);
    expect([refresh.state, begun(refresh)]).toEqual(['confirming', ['confirmRevision']]);
  });

  test('that Redis refuses for another version is kept while the pod syncs, and proposed anew without a call', async () => {
    const refresh = await publishing();
    await refresh.answer('publishRevision', { outcome: 'mismatch' });
    expect([refresh.state, begun(refresh)]).toEqual(['resyncing', []]);
    expect(refresh.toldOf('refresh.mismatched')).toEqual([{ type: 'refresh.mismatched', dataset: 'rates' }]);
    await refresh.send({ type: 'refresh.resumed' });
    expect(begun(refresh)).toEqual(['publishRevision']);
    expect([refresh.asked('claimPermit').length, refresh.asked('callSource').length]).toEqual([1, 1]);
  });

  test('is proposed anew after a while even if no sync is heard of', async () => {
    const refresh = await publishing();
    await refresh.answer('publishRevision', { outcome: 'mismatch' });
    await refresh.clock.advance(timing.retryCapMs - 1);
    expect(begun(refresh)).toEqual([]);
    await refresh.clock.advance(1);
    expect(begun(refresh)).toEqual(['publishRevision']);
  });

  test('is kept when a script refuses the epoch, and the pod is told that it is fenced (promise 1)', async () => {
    const refresh = await publishing();
    await refresh.answer('publishRevision', { outcome: 'notHolder' });
    expect([refresh.state, refresh.toldOf('refresh.fenced').length, refresh.toldOf('refresh.dropped').length]).toEqual([
      'fenced',
      1,
      0,
    ]);
    expect(refresh.toldOf('refresh.kept')).toEqual([{ type: 'refresh.kept', dataset: 'rates' }]);
  });

  test('is published after the lease is confirmed again, without another call', async () => {
    const refresh = await publishing();
    await refresh.answer('publishRevision', { outcome: 'uncertain' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    await refresh.send({ type: 'refresh.resumed' });
    expect([begun(refresh), refresh.asked('callSource').length]).toEqual([['publishRevision'], 1]);
  });

  test('of an earlier lease is published first, without a call', async () => {
    const refresh = await claiming({ hasUnpublished: true });
    expect([refresh.state, refresh.asked('claimPermit')]).toEqual(['publishing', []]);
  });

  test('is dropped when somebody has called since, and the next call is asked for', async () => {
    const refresh = await publishing();
    await refresh.answer('publishRevision', { outcome: 'outdated' });
    expect(refresh.toldOf('refresh.dropped')).toEqual([{ type: 'refresh.dropped', dataset: 'rates' }]);
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('whose publication is in doubt is sent again with growing waits, and no call is made meanwhile', async () => {
    const refresh = await publishing();
    await refresh.always('publishRevision', Object.assign(new Error('no answer'), { kind: 'timeout' }));
    await refresh.clock.advance(60_000);
    const sent = refresh.asked('publishRevision').length;
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(20);
    expect([refresh.asked('callSource').length, refresh.toldOf('redis.failed').length]).toEqual([1, sent]);
  });

  test('is published again, as a higher revision, when a restore has overridden it', async () => {
    const refresh = await waiting();
    await refresh.send({ type: 'refresh.overridden' });
    expect([refresh.state, refresh.asked('publishRevision').length, refresh.asked('callSource').length]).toEqual([
      'publishing',
      2,
      1,
    ]);
  });

  test('that was overridden during a claim is published before the source is called again', async () => {
    const refresh = await waiting();
    await refresh.clock.advance(300_000);
    await refresh.send({ type: 'refresh.overridden' });
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 0 });
    await refresh.clock.advance(0);
    expect(refresh.state).toBe('publishing');
  });
});

describe('a Redis that takes no writes', () => {
  test.each(['full', 'diskFailing'] as const)('(%s) blocks publishing, which is told and tried again', async (kind) => {
    const refresh = await publishing();
    await refresh.fail('publishRevision', failure(kind));
    expect([refresh.state, refresh.hasTag('blocked')]).toEqual(['blocked', true]);
    expect(refresh.toldOf('refresh.blocked')).toEqual([
      { type: 'refresh.blocked', dataset: 'rates', failure: failure(kind) },
    ]);
    expect(refresh.toldOf('redis.failed')).toEqual([]);
    await refresh.clock.advance(2 * timing.retryBaseMs);
    await refresh.answer('publishRevision', { outcome: 'published', record: record(2) });
    expect([refresh.toldOf('refresh.published').length, refresh.asked('callSource').length]).toEqual([1, 1]);
  });

  test('is asked less and less often', async () => {
    const refresh = await publishing();
    await refresh.always('publishRevision', Object.assign(new Error('OOM'), { kind: 'full' }));
    await refresh.clock.advance(600_000);
    expect(refresh.asked('publishRevision').length).toBeLessThan(120);
    expect(refresh.asked('callSource')).toHaveLength(1);
  });
});

describe('an unchanged answer', () => {
  test('moves only the time of the last check', async () => {
    const refresh = await confirming();
    await refresh.answer('confirmRevision', { outcome: 'confirmed', record: record(4) });
    expect(refresh.toldOf('refresh.unchanged')).toEqual([
      { type: 'refresh.unchanged', dataset: 'rates', record: record(4) },
    ]);
    expect([refresh.asked('publishRevision'), begun(refresh)]).toEqual([[], ['claimPermit']]);
  });

  test('about a version that Redis no longer holds makes the pod sync first', async () => {
    const refresh = await confirming();
    await refresh.answer('confirmRevision', { outcome: 'mismatch' });
    expect([refresh.state, refresh.toldOf('refresh.mismatched').length]).toEqual(['resyncing', 1]);
    await refresh.send({ type: 'refresh.resumed' });
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test("under a lease that is another pod's by now is fenced (promise 1)", async () => {
    const refresh = await confirming();
    await refresh.answer('confirmRevision', { outcome: 'notHolder' });
    expect([refresh.state, refresh.toldOf('refresh.fenced').length]).toEqual(['fenced', 1]);
  });

  test('is not written once the belief has ended', async () => {
    const refresh = await confirming();
    await refresh.answer('confirmRevision', { outcome: 'uncertain' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    await refresh.send({ type: 'refresh.resumed' });
    expect([begun(refresh), refresh.asked('callSource').length]).toEqual([['confirmRevision'], 1]);
  });

  test('that could not be written is told as a failure of Redis, and written again without another call', async () => {
    const refresh = await confirming();
    await refresh.fail('confirmRevision', failure('timeout'));
    expect([refresh.state, refresh.toldOf('redis.failed').length]).toEqual(['retrying', 1]);
    await refresh.clock.advance(2 * timing.retryBaseMs);
    expect(begun(refresh)).toEqual(['confirmRevision']);
  });
});
