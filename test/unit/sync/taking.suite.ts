/** Taking versions into memory: what is downloaded, verified, served and refused. Promises 3, 4 and 7. */
import { describe, expect, test } from 'vitest';
import { failure, poll, record, timing } from '../../harness/samples.ts';
import { type ScriptedSync, scriptSync } from '../../harness/scripted-actors.ts';
import { idleOn, published, served, verdict } from './journeys.ts';

const pollsOf = (sync: ScriptedSync) => sync.asked('poll').length;

describe('syncing', () => {
  test('begins with a poll that reports what this pod holds and refuses', async () => {
    const held = { rates: record(3) };
    const rejected = { terms: { record: record(9), reason: 'too new' } };
    const sync = scriptSync({ held, rejected });
    expect([sync.state, sync.hasTag('syncing'), sync.asked('poll')]).toEqual(['checking', true, [{ held, rejected }]]);
    expect(sync.isRunning('announcements')).toBe(true);
  });

  test('tells every poll, and that it has settled once the poll is worked off', async () => {
    const sync = scriptSync();
    await sync.answer('poll', poll({ records: { rates: record(1) } }));
    expect(sync.told).toEqual([{ type: 'sync.checked', poll: poll({ records: { rates: record(1) } }) }]);
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(1) } }));
    expect(sync.told.map(({ type }) => type)).toEqual(['sync.checked', 'sync.applied', 'sync.settled']);
  });

  test('downloads what is newer and nothing else, and serves it before it is told (promise 4)', async () => {
    const sync = scriptSync({ held: { rates: record(5), terms: record(2) } });
    await sync.answer('poll', poll({ records: { rates: record(5), terms: record(3) } }));
    expect(sync.asked('downloadRevisions')).toEqual([{ records: { terms: record(3) } }]);
    await sync.answer('downloadRevisions', undefined);
    expect([sync.state, sync.served]).toEqual(['verifying', []]);
    await sync.answer('verifyRevisions', verdict({ verified: { terms: record(3) } }));
    expect([sync.state, sync.served]).toEqual(['idle', [{ terms: record(3) }]]);
    expect(sync.toldOf('sync.applied')).toEqual([{ type: 'sync.applied', records: { terms: record(3) } }]);
  });

  test.each([
    ['a lower revision', record(4)],
    ['a lower epoch', record(5, { epoch: 0 })],
    ['a publisher that comes before', record(5, { podId: 'pod-A' })],
  ])('never goes back to %s (promise 3)', async (_what, older) => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, older);
    await published(sync, older, true);
    await sync.clock.advance(timing.pollIntervalMs);
    await sync.answer('poll', poll({ records: { rates: older } }));
    expect([sync.state, sync.asked('downloadRevisions'), sync.asked('verifyRevisions')]).toEqual(['idle', [], []]);
  });

  test('polls again after every poll interval, which heals a missed announcement (promise 7)', async () => {
    const sync = await idleOn({ rates: record(5) });
    await sync.clock.advance(timing.pollIntervalMs - 1);
    expect(sync.state).toBe('idle');
    await sync.clock.advance(1);
    await sync.answer('poll', poll({ records: { rates: record(6) } }));
    expect(sync.state).toBe('downloading');
  });

  test('polls at once when somebody must know, and gives up the poll under way', async () => {
    const sync = scriptSync();
    await sync.send({ type: 'sync.check' });
    expect([sync.open('poll'), pollsOf(sync)]).toEqual([1, 2]);
    await sync.answerLate('poll', poll());
    expect([sync.state, sync.told]).toEqual(['checking', []]);
  });
});

describe('an announcement', () => {
  test('with its payload is verified without a poll and without a download', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6), true);
    expect([sync.state, sync.asked('verifyRevisions')]).toEqual(['verifying', [{ records: { rates: record(6) } }]]);
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(6) } }));
    expect([sync.state, pollsOf(sync), sync.toldOf('sync.settled').length]).toEqual(['idle', 1, 1]);
  });

  test('without payload is downloaded at once', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6));
    expect([sync.state, sync.asked('downloadRevisions')]).toEqual(['downloading', [{ records: { rates: record(6) } }]]);
  });

  test.each(['checking', 'downloading', 'verifying', 'restoring'])(
    'heard while %s is looked at afterwards',
    async (state) => {
      const sync = scriptSync({ held: { rates: record(1) } });
      if (state !== 'checking') {
        const isRestoring = state === 'restoring';
        await sync.answer('poll', poll(isRestoring ? { wanted: ['rates'] } : { records: { rates: record(2) } }));
      }
      if (state === 'verifying') await sync.answer('downloadRevisions', undefined);
      expect(sync.state).toBe(state);
      await published(sync, record(3));
      if (state === 'checking') await sync.answer('poll', poll({ records: { rates: record(3) } }));
      if (state === 'downloading') await sync.answer('downloadRevisions', undefined);
      if (state === 'restoring') await sync.answer('restoreRevisions', undefined);
      else if (state !== 'checking') await sync.answer('verifyRevisions', verdict({ verified: { rates: record(2) } }));
      expect(sync.state).toBe('downloading');
      expect(sync.asked('downloadRevisions').at(-1)).toEqual({ records: { rates: record(3) } });
    },
  );

  test('with its payload cuts the wait after a failure short', async () => {
    const sync = scriptSync();
    await sync.fail('poll', failure('timeout'));
    await published(sync, record(1), true);
    expect(sync.state).toBe('verifying');
  });

  test('without payload waits for the poll after a failure', async () => {
    const sync = scriptSync();
    await sync.fail('poll', failure('timeout'));
    await published(sync, record(1));
    expect(sync.state).toBe('retrying');
    await sync.clock.advance(2 * timing.retryBaseMs);
    expect(sync.state).toBe('checking');
  });

  test('that is newer than what a poll has shown is applied although Redis has lost it since', async () => {
    const sync = await idleOn({});
    await published(sync, record(8), true);
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(8) } }));
    expect(sync.served).toEqual([{ rates: record(8) }]);
  });
});

describe('an announcement whose payload is served already', () => {
  test('is told as applied, and costs no poll and no download', async () => {
    const sync = await idleOn({ rates: record(5) });
    await served(sync, record(6));
    expect([sync.state, pollsOf(sync), sync.asked('downloadRevisions')]).toEqual(['idle', 1, []]);
    expect(sync.toldOf('sync.applied')).toEqual([{ type: 'sync.applied', records: { rates: record(6) } }]);
    await sync.clock.advance(timing.pollIntervalMs);
    expect(sync.asked('poll').at(-1)).toMatchObject({ held: { rates: record(6) } });
  });

  test('is told once, although it was being downloaded just then', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6));
    await sync.answer('downloadRevisions', undefined);
    await served(sync, record(6));
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(6) } }));
    expect([sync.state, sync.toldOf('sync.applied').length]).toEqual(['idle', 1]);
  });

  test('is told once, although the leader that published it told the machine before the announcement came back', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6), true);
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(6) } }));
    await served(sync, record(6));
    expect(sync.toldOf('sync.applied')).toHaveLength(1);
  });

  test('while an older version is verified: the older one is neither held nor told (promise 3)', async () => {
    const sync = await idleOn({ rates: record(5) });
    await published(sync, record(6));
    await sync.answer('downloadRevisions', undefined);
    await served(sync, record(7));
    await sync.answer('verifyRevisions', verdict({ verified: { rates: record(6) } }));
    expect(sync.toldOf('sync.applied')).toEqual([{ type: 'sync.applied', records: { rates: record(7) } }]);
    await sync.clock.advance(timing.pollIntervalMs);
    expect(sync.asked('poll').at(-1)).toMatchObject({ held: { rates: record(7) } });
  });
});

describe('a version that the schema of this pod refuses', () => {
  test('is told once with its reason, is not served, and is not downloaded again (promise 4)', async () => {
    const sync = await idleOn({ rates: record(1) });
    await sync.always('poll', poll({ records: { rates: record(2) } }));
    await published(sync, record(2));
    await sync.answer('downloadRevisions', undefined);
    await sync.answer('verifyRevisions', verdict({ rejected: { rates: { record: record(2), reason: 'no usd' } } }));
    expect([sync.state, sync.served]).toEqual(['idle', [{}]]);
    await published(sync, record(2), true);
    await sync.clock.advance(600_000);
    expect(sync.toldOf('sync.rejected')).toEqual([
      { type: 'sync.rejected', rejected: { rates: { record: record(2), reason: 'no usd' } } },
    ]);
    expect([sync.asked('downloadRevisions').length, sync.asked('verifyRevisions').length]).toEqual([1, 1]);
    expect(sync.asked('poll').at(-1)).toMatchObject({ rejected: { rates: { reason: 'no usd' } } });
  });

  test('does not keep this pod from the next one', async () => {
    const sync = scriptSync({ rejected: { rates: { record: record(2), reason: 'no usd' } } });
    await sync.answer('poll', poll({ records: { rates: record(3) } }));
    expect(sync.state).toBe('downloading');
  });
});

describe('a failure', () => {
  test.each(['poll', 'downloadRevisions', 'verifyRevisions', 'restoreRevisions'] as const)(
    'of %s is told, and everything is looked at again',
    async (leaf) => {
      const sync = scriptSync({ held: { terms: record(1) } });
      const isRestoring = leaf === 'restoreRevisions';
      if (leaf !== 'poll') {
        await sync.answer('poll', poll(isRestoring ? { wanted: ['terms'] } : { records: { rates: record(1) } }));
      }
      if (leaf === 'verifyRevisions') await sync.answer('downloadRevisions', undefined);
      await sync.fail(leaf, failure('timeout'));
      expect([sync.state, sync.toldOf('redis.failed')]).toEqual([
        'retrying',
        [{ type: 'redis.failed', failure: failure('timeout') }],
      ]);
      await sync.clock.advance(2 * timing.retryBaseMs);
      expect(sync.state).toBe('checking');
    },
  );

  test.each([
    ['of a poll settles nothing: what Redis holds is unknown', 'poll', 0],
    ['of a download settles what the poll has shown, once', 'downloadRevisions', 1],
  ] as const)('%s', async (_what, leaf, settled) => {
    const sync = scriptSync();
    if (leaf === 'downloadRevisions') await sync.answer('poll', poll({ records: { rates: record(1) } }));
    await sync.fail(leaf, failure('timeout'));
    expect(sync.toldOf('sync.settled')).toHaveLength(settled);
  });

  test('that lasts is met with growing waits: no tight loop in ten minutes', async () => {
    const sync = scriptSync();
    await sync.always('poll', Object.assign(new Error('no answer'), { kind: 'timeout' }));
    await sync.clock.advance(600_000);
    expect(pollsOf(sync)).toBeGreaterThan(60);
    expect(pollsOf(sync)).toBeLessThan(120);
  });

  test('is forgotten after a good poll: the next wait is short again', async () => {
    const sync = scriptSync();
    for (const waitMs of [2, 4, 8].map((factor) => factor * timing.retryBaseMs)) {
      await sync.fail('poll', failure('timeout'));
      await sync.clock.advance(waitMs);
    }
    await sync.answer('poll', poll());
    await sync.clock.advance(timing.pollIntervalMs);
    await sync.fail('poll', failure('timeout'));
    await sync.clock.advance(2 * timing.retryBaseMs);
    expect(sync.state).toBe('checking');
  });
});
