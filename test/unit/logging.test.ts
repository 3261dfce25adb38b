/** The sentences that operators grep for (issue 2, part 7), and the fields beside them. */
import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { TraceEntry, TraceEvent } from '../../machines/index.ts';
import { type LogContext, logPrefix, logTrace } from '../../src/logging.ts';
import { TraceRecorder } from '../../src/trace-recorder.ts';
import { failure, lockOf, plan, poll, record, timing } from '../harness/samples.ts';
import { type ScriptedPod, scriptPod } from '../harness/scripted-actors.ts';

type Line = Readonly<{ level: string; msg: string; event: string } & Record<string, unknown>>;

function memoryLogger() {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Line);
      done();
    },
  });
  const logger = pino({ level: 'debug', formatters: { level: (level) => ({ level }) } }, stream);
  return { logger, lines };
}

function linesOf(event: TraceEvent, context: Partial<LogContext> = {}): Line[] {
  const { logger, lines } = memoryLogger();
  const entry: TraceEntry = { ...event, at: 1_764_000_000_000, podId: 'pod-a' };
  logTrace(logger, entry, { mode: 'distributed', records: () => ({}), ...context });
  return lines;
}

const sentencesOf = (...args: Parameters<typeof linesOf>) =>
  linesOf(...args).map(({ level, msg }) => `${level} ${msg.replace(`${logPrefix} `, '')}`);
const dataset = 'rates';

/** One of every kind of fact. */
const facts: { [Type in TraceEvent['type']]: [Extract<TraceEvent, { type: Type }>, string[]] } = {
  'role.changed': [
    { type: 'role.changed', from: 'follower', to: 'candidate', cause: 'lease of pod-b released, epoch 4' },
    ['info Role changed: follower -> candidate (lease of pod-b released, epoch 4)'],
  ],
  'redis.up': [{ type: 'redis.up' }, ['info Connected to Redis and subscribed']],
  'redis.down': [{ type: 'redis.down', failure: failure('unreachable', 'refused') }, ['warn Redis: refused']],
  'redis.failed': [
    { type: 'redis.failed', failure: failure('timeout', 'late') },
    ['warn A Redis command failed: late'],
  ],
  'lease.granted': [{ type: 'lease.granted', epoch: 7, cause: 'acquired' }, ['info Lease granted (epoch 7, acquired)']],
  'belief.ended': [{ type: 'belief.ended', epoch: 7 }, ['debug No longer acts as leader (epoch 7)']],
  'lease.uncertain': [
    { type: 'lease.uncertain', epoch: 7 },
    ['warn Lease unconfirmed (epoch 7): nothing is fetched or published until it is'],
  ],
  'lease.confirmed': [{ type: 'lease.confirmed', epoch: 7 }, ['info Lease confirmed again (epoch 7)']],
  'lease.ended': [{ type: 'lease.ended', epoch: 7, cause: 'lost' }, ['info Lease ended (epoch 7, lost)']],
  'leader.elected': [{ type: 'leader.elected', leader: 'pod-b', epoch: 4 }, ['info Leader is pod-b (epoch 4)']],
  'leader.gone': [
    { type: 'leader.gone', leader: 'pod-b', epoch: 4, cause: 'expired' },
    ['info Leader pod-b is gone (epoch 4, expired)'],
  ],
  'pod.stopping': [{ type: 'pod.stopping' }, ['info Stopping']],
  'takeover.blind': [
    { type: 'takeover.blind', reason: 'NOPERM' },
    ['warn Presence of the leader cannot be seen (NOPERM): a dead leader is replaced when its lock expires'],
  ],
  'source.called': [
    { type: 'source.called', dataset, permitId: 'p' },
    ['info 🔄 Leader refreshing data from external APIs...'],
  ],
  'source.failed': [
    { type: 'source.failed', dataset, failure: failure('sourceFailed', 'status 500'), attempt: 2 },
    ['warn ❌ Rates refresh failed (attempt 2): status 500'],
  ],
  'permit.refused': [
    { type: 'permit.refused', dataset, waitMs: 900 },
    ['warn Rates: the budget of source calls is spent, next call in 900 ms'],
  ],
  'revision.published': [
    { type: 'revision.published', dataset, record: record(12_345) },
    ['info ✅ Rates refreshed successfully', 'info 📝 Updated data version: rates=12345'],
  ],
  'revision.unchanged': [
    { type: 'revision.unchanged', dataset, record: record(5) },
    ['info ✅ Rates refreshed successfully: unchanged (revision: 5)'],
  ],
  'revision.applied': [
    { type: 'revision.applied', dataset, record: record(12_345) },
    ['info ✅ Rates synced from Redis to memory cache (revision: 12345)'],
  ],
  'revision.rejected': [
    { type: 'revision.rejected', dataset, record: record(6), reason: 'no usd' },
    [
      'error Rates revision 6 refused, the last good one stays: no usd. Is this pod of another version than the leader, or has it other options?',
    ],
  ],
  'revision.damaged': [
    { type: 'revision.damaged', dataset, record: record(6), reason: 'cut off' },
    [
      'error Rates revision 6 is damaged in Redis, the last good one stays: cut off. A pod that holds it restores it; if it recurs, find out who else writes to this Redis.',
    ],
  ],
  'revision.restored': [
    { type: 'revision.restored', dataset },
    ["warn Rates restored to Redis from this pod's memory"],
  ],
  'publishing.blocked': [
    { type: 'publishing.blocked', dataset, failure: failure('full', 'OOM') },
    ['error Rates cannot be published, the result is kept: OOM'],
  ],
  'publishing.mismatched': [
    { type: 'publishing.mismatched', dataset },
    ['warn Rates: Redis holds another version than expected, syncing before publishing'],
  ],
  'publishing.fenced': [
    { type: 'publishing.fenced', dataset },
    ['warn Rates: fenced, another pod holds a newer lease'],
  ],
  'generation.changed': [
    { type: 'generation.changed', from: 'g1', to: 'g2' },
    ["warn Redis' data is new (generation g1 -> g2): it was wiped or replaced"],
  ],
};

describe('the log', () => {
  test.each(Object.entries(facts))('of %s', (type, [event, sentences]) => {
    expect(sentencesOf(event)).toEqual(sentences);
    for (const line of linesOf(event)) {
      expect(line).toMatchObject({ event: type, podId: 'pod-a' });
      expect(line.msg.startsWith('[DistributedManager] ')).toBe(true);
    }
  });

  test.each([
    ['leader', 'info 👑 Became leader! Starting data refresh loop'],
    ['degraded', 'warn ⚠️ Redis cannot be used: serving the last data, electing and fetching nothing'],
    ['standalone', 'info Standalone by configuration: this pod refreshes for itself'],
  ] as const)('of a change to %s says what that means', (to, sentence) => {
    expect(sentencesOf({ type: 'role.changed', from: 'candidate', to, cause: 'why' })).toEqual([
      `info Role changed: candidate -> ${to} (why)`,
      sentence,
    ]);
  });

  test('names the revisions of all datasets, in the order of their names', () => {
    const records = () => ({ terms: record(67_890), rates: record(12_344) });
    expect(sentencesOf({ type: 'revision.published', dataset, record: record(12_345) }, { records })[1]).toBe(
      'info 📝 Updated data version: rates=12345, terms=67890',
    );
  });

  test('of a lease that no other pod could take is a detail: it was never unconfirmed', () => {
    expect(sentencesOf({ type: 'lease.confirmed', epoch: 7, hasStayed: true })).toEqual([
      'debug Keeps the lease, which no other pod could take (epoch 7)',
    ]);
  });

  test('of a standalone pod does not speak of Redis or of a leader', () => {
    const ofStandalone = (event: TraceEvent) => sentencesOf(event, { mode: 'standalone' });
    expect([
      ...ofStandalone({ type: 'source.called', dataset, permitId: 'p' }),
      ...ofStandalone({ type: 'revision.published', dataset, record: record(3) }),
      ...ofStandalone({ type: 'revision.applied', dataset, record: record(3) }),
    ]).toEqual([
      'info 🔄 Standalone pod refreshing data from external APIs...',
      'info ✅ Rates refreshed successfully',
      'info ✅ Rates held in memory cache (revision: 3)',
    ]);
  });

  test('is loud where a person must act', () => {
    const down = { type: 'redis.down', failure: failure('misconfigured', 'NOAUTH: set the password') } as const;
    expect(sentencesOf(down)).toEqual(['error Redis: NOAUTH: set the password']);
  });

  test('carries what machines need as fields', () => {
    expect(linesOf({ type: 'revision.applied', dataset, record: record(9) })[0]).toMatchObject({
      dataset: 'rates',
      record: { revision: 9, epoch: 1, podId: 'pod-a' },
    });
  });
});

test("a leader's first refresh is told in the sentences of the runbook, one after the other", async () => {
  const { logger, lines } = memoryLogger();
  const records = () => pod.context.held;
  const pod: ScriptedPod = scriptPod({ plans: [plan('rates')] }, ({ actor, clock }) => {
    new TraceRecorder(actor, clock, (entry) => logTrace(logger, entry, { mode: 'distributed', records }));
  });
  await pod.hear({ type: 'redis.up' });
  await pod.answer('acquireLease', { outcome: 'granted', epoch: 1, beliefLeftMs: timing.beliefWindowMs });
  await pod.answer('poll', poll({ lock: lockOf('pod-a', 1) }));
  await pod.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
  await pod.answer('callSource', { outcome: 'answered' });
  await pod.answer('validateResult', { outcome: 'changed' });
  await pod.answer('publishRevision', { outcome: 'published', record: record(12_345) });
  await pod.answer('verifyRevisions', { verified: { rates: record(12_345) }, rejected: {}, damaged: {} });
  expect(lines.map(({ msg }) => msg)).toEqual([
    '[DistributedManager] Connected to Redis and subscribed',
    '[DistributedManager] Role changed: starting -> candidate (connected to Redis)',
    '[DistributedManager] Leader is pod-a (epoch 1)',
    '[DistributedManager] Lease granted (epoch 1, acquired)',
    '[DistributedManager] Role changed: candidate -> leader (lease acquired, epoch 1)',
    '[DistributedManager] 👑 Became leader! Starting data refresh loop',
    '[DistributedManager] 🔄 Leader refreshing data from external APIs...',
    '[DistributedManager] ✅ Rates refreshed successfully',
    '[DistributedManager] 📝 Updated data version: rates=12345',
    '[DistributedManager] ✅ Rates synced from Redis to memory cache (revision: 12345)',
  ]);
});
