/** Damaged payloads, and putting back what Redis lost. Promises 4 and 9. */
import { describe, expect, test } from 'vitest';
import { failure, poll, record, timing } from '../../harness/samples.ts';
import { type ScriptedSync, scriptSync } from '../../harness/scripted-actors.ts';
import { idleOn, published, verdict } from './journeys.ts';

const reason = 'the checksum of the payload is wrong';
const damaged = { rates: { record: record(6), reason } };

/** Revision 6 was downloaded and found damaged. */
async function damagedSync(): Promise<ScriptedSync> {
  const sync = await idleOn({ rates: record(5) });
  await published(sync, record(6));
  await sync.answer('downloadRevisions', undefined);
  await sync.answer('verifyRevisions', verdict({ damaged }));
  return sync;
}

/** Redis goes on holding a damaged revision 6; `isMarked` when reporting it changes the record. */
async function withDamageThatStays(sync: ScriptedSync, isMarked: boolean): Promise<void> {
  let isSuspect = false;
  await sync.always('poll', () => poll({ records: { rates: record(6, isSuspect ? { isSuspect } : {}) } }));
  await sync.always('downloadRevisions', undefined);
  await sync.always('verifyRevisions', ({ records: { rates, ...others } }) =>
    verdict({ verified: others, damaged: rates ? { rates: { record: rates, reason } } : {} }),
  );
  await sync.always('reportDamage', () => {
    isSuspect = isMarked;
  });
}

describe('a damaged payload', () => {
  test('is told and reported to Redis, and what is served stays (promise 4)', async () => {
    const sync = await damagedSync();
    expect(sync.toldOf('sync.damaged')).toEqual([{ type: 'sync.damaged', damaged }]);
    expect([sync.state, sync.asked('reportDamage')]).toEqual(['reportingDamage', [{ records: { rates: record(6) } }]]);
    expect([sync.served, sync.toldOf('sync.applied')]).toEqual([[{}], []]);
  });

  test('is looked at again after a moment', async () => {
    const sync = await damagedSync();
    await sync.answer('reportDamage', undefined);
    expect(sync.state).toBe('retrying');
    await sync.clock.advance(2 * timing.retryBaseMs);
    await sync.answer('poll', poll({ records: { rates: record(6) } }));
    expect(sync.state).toBe('downloading');
  });

  test('that is whole by then is served, and not reported again', async () => {
    const sync = await damagedSync();
    await sync.answer('reportDamage', undefined);
    await sync.clock.advance(2 * timing.retryBaseMs);
    await sync.answer('poll', poll({ records: { rates: record(6) } }));
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(6) } }));
    expect([sync.state, sync.asked('reportDamage').length]).toEqual(['idle', 1]);
    expect(sync.toldOf('sync.applied')).toEqual([{ type: 'sync.applied', records: { rates: record(6) } }]);
  });

  test('that only others have found is looked at all the same: it may be whole again', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6, { isSuspect: true }));
    expect(sync.state).toBe('downloading');
  });

  test('whose report fails is told as a failure of Redis, and looked at again', async () => {
    const sync = await damagedSync();
    await sync.fail('reportDamage', failure('full', 'OOM'));
    expect([sync.state, sync.toldOf('redis.failed').length]).toEqual(['retrying', 1]);
  });

  test('that is marked in Redis is not downloaded again until somebody has restored it', async () => {
    const sync = await idleOn({ rates: record(5) });
    await withDamageThatStays(sync, true);
    await published(sync, record(6));
    await sync.clock.advance(600_000);
    expect([sync.state, sync.asked('downloadRevisions').length, sync.asked('reportDamage').length]).toEqual([
      'idle',
      1,
      1,
    ]);
    expect(sync.asked('poll').length).toBeLessThan(25);
    sync.noLonger('downloadRevisions');
    await published(sync, record(6));
    expect(sync.state).toBe('downloading');
  });

  test('that cannot be marked is retried with growing waits: no tight loop in ten minutes', async () => {
    const sync = await idleOn({ rates: record(5) });
    await withDamageThatStays(sync, false);
    await published(sync, record(6));
    await sync.clock.advance(600_000);
    expect(sync.asked('poll').length).toBeGreaterThan(60);
    expect(sync.asked('poll').length).toBeLessThan(120);
  });

  test('does not keep a leader from going on: what Redis holds is known', async () => {
    const sync = scriptSync();
    await sync.answer('poll', poll({ records: { rates: record(6) } }));
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ damaged }));
    await sync.fail('reportDamage', failure('full', 'OOM'));
    expect(sync.told.map(({ type }) => type)).toEqual(['sync.checked', 'sync.damaged', 'redis.failed', 'sync.settled']);
  });

  test('of one dataset does not keep another one from being served', async () => {
    const sync = scriptSync();
    await sync.answer('poll', poll({ records: { rates: record(6), terms: record(2) } }));
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ damaged, verified: { terms: record(2) } }));
    expect([sync.served, sync.toldOf('sync.applied').length]).toEqual([[{ terms: record(2) }], 1]);
  });

  test('stays known when another dataset is verified meanwhile: it is not downloaded once more', async () => {
    const sync = await idleOn({ rates: record(5) });
    await withDamageThatStays(sync, true);
    await published(sync, record(6));
    await sync.clock.advance(60_000);
    const announcement = {
      type: 'announcement.published',
      dataset: 'terms',
      record: record(1),
      isStaged: true,
    } as const;
    await sync.report('announcements', announcement);
    await sync.clock.advance(60_000);
    expect([sync.asked('downloadRevisions').length, sync.asked('reportDamage').length]).toEqual([1, 1]);
  });

  test('makes way for a newer version that was announced meanwhile', async () => {
    const sync = await damagedSync();
    await published(sync, record(7));
    await sync.answer('reportDamage', undefined);
    await sync.clock.advance(2 * timing.retryBaseMs);
    await sync.answer('poll', poll({ records: { rates: record(7) } }));
    expect(sync.asked('downloadRevisions').at(-1)).toEqual({ records: { rates: record(7) } });
  });
});

describe('what Redis lost', () => {
  test('is put back by a pod that holds it, and told (promise 9)', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    expect([sync.state, sync.asked('restoreRevisions')]).toEqual(['restoring', [{ datasets: ['rates'] }]]);
    await sync.answer('restoreRevisions', undefined);
    expect([sync.state, sync.toldOf('sync.restored')]).toEqual([
      'idle',
      [{ type: 'sync.restored', datasets: ['rates'] }],
    ]);
    expect(sync.toldOf('sync.settled')).toHaveLength(1);
  });

  test('is told as restored even if somebody asks meanwhile what Redis holds, and is looked at again then', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    await sync.send({ type: 'sync.check' });
    expect([sync.state, sync.asked('poll').length]).toEqual(['restoring', 1]);
    await sync.answer('restoreRevisions', undefined);
    expect([sync.state, sync.toldOf('sync.restored').length]).toEqual(['checking', 1]);
    // What the poll before the question showed is no answer to it.
    expect(sync.toldOf('sync.settled')).toEqual([]);
    await sync.answer('poll', poll({ records: { rates: record(5) } }));
    expect([sync.state, sync.toldOf('sync.settled').length]).toEqual(['idle', 1]);
  });

  test('and could not be put back: whoever asked meanwhile waits for the next poll', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    await sync.send({ type: 'sync.check' });
    await sync.fail('restoreRevisions', failure('timeout'));
    expect([sync.state, sync.toldOf('sync.settled')]).toEqual(['retrying', []]);
    await sync.clock.advance(2 * timing.retryBaseMs);
    await sync.answer('poll', poll({ records: { rates: record(5) } }));
    expect([sync.state, sync.toldOf('sync.settled').length]).toEqual(['idle', 1]);
  });

  test('is put back after what is newer has been taken (promise 9)', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'], records: { terms: record(1) } }));
    expect(sync.state).toBe('downloading');
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ verified: { terms: record(1) } }));
    expect(sync.state).toBe('restoring');
  });

  test('is put back again by the next poll if it was not restored', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    await sync.fail('restoreRevisions', failure('timeout'));
    await sync.clock.advance(2 * timing.retryBaseMs);
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    expect([sync.state, sync.asked('restoreRevisions').length]).toEqual(['restoring', 2]);
  });

  test('is offered after a moment when somebody found it damaged and this pod holds it', async () => {
    const sync = await idleOn({ rates: record(5) });
    await sync.report('announcements', { type: 'announcement.suspected', dataset: 'rates' });
    expect(sync.state).toBe('offering');
    await sync.clock.advance(timing.retryBaseMs);
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    expect(sync.state).toBe('restoring');
  });

  test('is not offered by a pod that does not hold it', async () => {
    const sync = await idleOn({});
    await sync.report('announcements', { type: 'announcement.suspected', dataset: 'rates' });
    expect([sync.state, sync.asked('poll').length]).toEqual(['idle', 1]);
  });
});

describe('calls that Redis has forgotten', () => {
  test('are told in the order of rank', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ fleet: { size: 5, rank: 4, turn: 3, turns: 4 } }));
    await sync.report('announcements', { type: 'calls.forgotten' });
    await sync.clock.advance(4 * timing.rankStepMs - 1);
    expect([sync.state, sync.asked('poll').length]).toEqual(['telling', 1]);
    await sync.clock.advance(1);
    expect([sync.state, sync.asked('poll').length]).toEqual(['checking', 2]);
  });

  test('are told no later for what is heard meanwhile', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ fleet: { size: 5, rank: 4, turn: 3, turns: 4 } }));
    for (let heard = 0; heard < 4; heard++) {
      await sync.report('announcements', { type: 'calls.forgotten' });
      await sync.clock.advance(timing.rankStepMs);
    }
    expect([sync.state, sync.asked('poll').length]).toEqual(['checking', 2]);
  });

  test('are told by a pod that is fetching a revision: it goes on from there', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6));
    expect(sync.state).toBe('downloading');
    await sync.report('announcements', { type: 'calls.forgotten' });
    await sync.clock.advance(timing.rankStepMs);
    await sync.answer('poll', poll({ records: { rates: record(6) } }));
    expect([sync.state, sync.asked('downloadRevisions').length]).toEqual(['downloading', 2]);
  });

  test('are told once more by a pod whose poll is under way: Redis may have fallen back after it', async () => {
    const sync = scriptSync();
    await sync.report('announcements', { type: 'calls.forgotten' });
    await sync.clock.advance(timing.rankStepMs);
    expect([sync.state, sync.asked('poll').length]).toEqual(['checking', 2]);
  });

  test('are told when what is being restored is restored', async () => {
    const sync = scriptSync({ held: { rates: record(5) } });
    await sync.answer('poll', poll({ wanted: ['rates'] }));
    await sync.report('announcements', { type: 'calls.forgotten' });
    expect(sync.state).toBe('restoring');
    await sync.answer('restoreRevisions', undefined);
    expect([sync.state, sync.asked('poll').length]).toEqual(['checking', 2]);
  });
});
