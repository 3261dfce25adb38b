/** Suspending while the lease is unconfirmed, and finishing when the pod stops. Promises 1, 5 and 6. */
import { describe, expect, test } from 'vitest';
import { failure, record, timing, unchanged } from '../../harness/samples.ts';
import { type ScriptedChild, scriptRefresh } from '../../harness/scripted-actors.ts';
import { begun, claiming, confirming, fetching, publishing, validating, waiting } from './journeys.ts';

const blocked = async () => {
  const refresh = await publishing();
  await refresh.fail('publishRevision', failure('full'));
  return refresh;
};
const resyncing = async () => {
  const refresh = await publishing();
  await refresh.answer('publishRevision', { outcome: 'mismatch' });
  return refresh;
};
const retrying = async () => {
  const refresh = await claiming();
  await refresh.fail('claimPermit', failure('timeout'));
  return refresh;
};
const backingOff = async () => {
  const refresh = await fetching();
  await refresh.fail('callSource', failure('sourceFailed'));
  await refresh.answer('deferCall', { delayMs: 30_000 });
  return refresh;
};
const retryingToPublish = async () => {
  const refresh = await publishing();
  await refresh.fail('publishRevision', failure('timeout'));
  return refresh;
};

describe('while the lease is unconfirmed', () => {
  test.each<[string, () => Promise<ScriptedChild>]>([
    ['waiting', waiting],
    ['blocked', blocked],
    ['resyncing', resyncing],
    ['retrying', retrying],
    ['backingOff', backingOff],
  ])('nothing is begun: from %s it suspends at once, and goes on when it is confirmed', async (state, journey) => {
    const refresh = await journey();
    expect(refresh.state).toBe(state);
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.clock.advance(600_000);
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    await refresh.send({ type: 'refresh.resumed' });
    expect(begun(refresh)).toHaveLength(1);
  });

  test('a claim under way may end, and its permit is not lost (promise 5)', async () => {
    const refresh = await claiming();
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 1_000 });
    await refresh.clock.advance(1_000);
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
  });

  test('a granted permit begins no source call (promise 5)', async () => {
    const refresh = await claiming();
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
  });

  test('a source call under way ends, and its result is kept and published later without another call', async () => {
    const refresh = await fetching();
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.answer('callSource', { outcome: 'answered' });
    await refresh.answer('validateResult', { outcome: 'changed' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    expect(refresh.toldOf('refresh.kept')).toHaveLength(1);
    await refresh.send({ type: 'refresh.resumed' });
    expect([begun(refresh), refresh.asked('callSource').length]).toEqual([['publishRevision'], 1]);
  });

  test.each<[string, () => Promise<ScriptedChild>]>([
    ['by the source', fetching],
    ['by the checksum', validating],
  ])('an answer found unchanged %s is kept and written later without another call', async (_by, journey) => {
    const refresh = await journey();
    await refresh.send({ type: 'refresh.suspended' });
    const leaf = refresh.open('callSource') ? 'callSource' : 'validateResult';
    await refresh.answer(leaf, unchanged);
    expect([refresh.state, refresh.asked('confirmRevision')]).toEqual(['suspended', []]);
    await refresh.send({ type: 'refresh.resumed' });
    expect(refresh.asked('confirmRevision')).toMatchObject([{ version: unchanged.version }]);
    expect([begun(refresh), refresh.asked('callSource').length]).toEqual([['confirmRevision'], 1]);
  });

  test('a publication under way may end', async () => {
    const refresh = await publishing();
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.answer('publishRevision', { outcome: 'published', record: record(1) });
    expect([refresh.state, refresh.toldOf('refresh.published').length]).toEqual(['suspended', 1]);
  });
});

describe('when the pod stops', () => {
  test.each<[string, () => Promise<ScriptedChild>]>([
    ['waiting', waiting],
    ['backingOff', backingOff],
    ['blocked', blocked],
    ['retrying', retrying],
    ['suspended', async () => scriptRefresh()],
  ])('%s ends at once: nothing is under way', async (state, journey) => {
    const refresh = await journey();
    expect(refresh.state).toBe(state);
    await refresh.send({ type: 'refresh.finish' });
    expect(refresh.child.getSnapshot()).toMatchObject({ status: 'done', value: 'finished' });
    expect(refresh.toldOf('refresh.finished')).toEqual([{ type: 'refresh.finished', dataset: 'rates' }]);
    expect(refresh.clock.timers()).toBe(0);
  });

  test('a source call under way ends, and its result is published, before it finishes', async () => {
    const refresh = await fetching();
    await refresh.send({ type: 'refresh.finish' });
    await refresh.answer('callSource', { outcome: 'answered' });
    await refresh.answer('validateResult', { outcome: 'changed' });
    expect(begun(refresh)).toEqual(['publishRevision']);
    await refresh.answer('publishRevision', { outcome: 'published', record: record(1) });
    expect(refresh.child.getSnapshot().status).toBe('done');
  });

  test.each<[string, () => Promise<ScriptedChild>]>([
    ['validated', validating],
    ['confirmed', confirming],
  ])('what is being %s is finished first, and no other call is begun', async (what, journey) => {
    const refresh = await journey();
    await refresh.send({ type: 'refresh.finish' });
    if (what === 'validated') await refresh.answer('validateResult', unchanged);
    await refresh.answer('confirmRevision', { outcome: 'confirmed', record: record(1) });
    expect([refresh.child.getSnapshot().status, refresh.asked('claimPermit').length]).toEqual(['done', 1]);
  });

  test('a result whose publication is in doubt is published before it finishes', async () => {
    const refresh = await retryingToPublish();
    await refresh.send({ type: 'refresh.finish' });
    expect(refresh.state).toBe('retrying');
    await refresh.clock.advance(2 * timing.retryBaseMs);
    await refresh.answer('publishRevision', { outcome: 'published', record: record(1) });
    expect(refresh.child.getSnapshot().status).toBe('done');
  });

  test('an unchanged answer whose confirmation is in doubt is confirmed before it finishes', async () => {
    const refresh = await confirming();
    await refresh.fail('confirmRevision', failure('timeout'));
    await refresh.send({ type: 'refresh.finish' });
    expect(refresh.state).toBe('retrying');
    await refresh.clock.advance(2 * timing.retryBaseMs);
    await refresh.answer('confirmRevision', { outcome: 'confirmed', record: record(1) });
    expect(refresh.child.getSnapshot().status).toBe('done');
  });

  test('a claim under way ends, and no call follows', async () => {
    const refresh = await claiming();
    await refresh.send({ type: 'refresh.finish' });
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 5_000 });
    expect([refresh.child.getSnapshot().status, refresh.asked('callSource')]).toEqual(['done', []]);
  });

  test('a source call under way may fail, and its backing off is left to the next leader', async () => {
    const refresh = await fetching();
    await refresh.send({ type: 'refresh.finish' });
    await refresh.fail('callSource', failure('sourceFailed'));
    await refresh.answer('deferCall', { delayMs: 60_000 });
    expect(refresh.child.getSnapshot().status).toBe('done');
  });

  test('it does not wait for a lease that will not be confirmed any more', async () => {
    const refresh = await fetching();
    await refresh.send({ type: 'refresh.finish' });
    await refresh.answer('callSource', { outcome: 'uncertain' });
    expect(refresh.child.getSnapshot().status).toBe('done');
  });
});
