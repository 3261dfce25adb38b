/** The demo's verdict: a run that breaks a promise must be told from one that keeps it. */
import { describe, expect, test } from 'vitest';
import type { FaultEntry, TraceEntry, VersionRecord } from '../../machines/index.ts';
import { CallCounter } from '../../src/cli/demo/calls.ts';
import { startFxApi } from '../../src/cli/demo/fx-api.ts';
import { Journal } from '../../src/cli/demo/journal.ts';
import { Roster } from '../../src/cli/demo/roster.ts';
import { summaryLines } from '../../src/cli/demo/summary.ts';
import { type Evidence, type Finding, verdictOf } from '../../src/cli/demo/verdict.ts';

type Fact = TraceEntry | FaultEntry;

const intervalMs = 10_000;
const [anne, bert] = ['anne', 'bert'];

const record = (revision: number, { at = 0, epoch = 1, podId = anne, sha = 'a' } = {}): VersionRecord => ({
  ...{ revision, epoch, podId, updatedAt: at, checkedAt: at },
  ...{ sha256: sha.repeat(64), bytes: 10, encoding: 'json' },
});

const up = (podId: string, at: number): Fact => ({ type: 'redis.up', at, podId });
const granted = (podId: string, epoch: number, at: number): Fact => ({
  type: 'lease.granted',
  at,
  podId,
  epoch,
  cause: 'acquired',
});
const published = (of: VersionRecord, at = of.updatedAt): Fact => ({
  ...{ type: 'revision.published', dataset: 'rates' },
  ...{ at, podId: of.podId, record: of },
});
const applied = (podId: string, of: VersionRecord, at: number): Fact => ({
  ...{ type: 'revision.applied', dataset: 'rates' },
  ...{ at, podId, record: of },
});

/** Two pods, one publication that both take: a run that keeps every promise. */
const goodRun: readonly Fact[] = [
  up(anne, 0),
  up(bert, 0),
  granted(anne, 1, 10),
  published(record(1, { at: 100 })),
  applied(anne, record(1, { at: 100 }), 101),
  applied(bert, record(1, { at: 100 }), 120),
  published(record(2, { at: 10_100, sha: 'b' })),
  applied(anne, record(2, { at: 10_100, sha: 'b' }), 10_101),
  applied(bert, record(2, { at: 10_100, sha: 'b' }), 10_140),
  up('clara', 20_000),
];

type Changes = Partial<Omit<Evidence, 'journal'>> & { journal?: Partial<Journal> };

function judged({ journal, ...changes }: Changes = {}): Finding[] {
  const blank = new Journal(new Roster());
  return verdictOf({
    intervalMs,
    calls: { rates: [50, 10_050], terms: [60, 10_060] },
    limited: 0,
    journal: Object.assign(blank, { trace: [...goodRun], ...journal }),
    ...changes,
  });
}

const violationsOf = (findings: readonly Finding[]) =>
  Object.fromEntries(
    findings.filter(({ violations }) => violations.length > 0).map((of) => [of.promise, of.violations]),
  );

test('a run that keeps every promise has no violation, and tells its numbers', () => {
  const findings = judged();
  expect(violationsOf(findings)).toEqual({});
  const sentences = Object.fromEntries(findings.map(({ promise, sentence }) => [promise, sentence]));
  expect(sentences.budget).toContain('2 calls of rates and 2 of terms, one an interval of 10s, shortest gap 10s');
  expect(sentences.convergence).toContain('2 publications, the slowest on every connected pod after 40ms');
});

describe('a broken promise is found', () => {
  test('two leaders by their leases', () => {
    const trace = [...goodRun, granted(bert, 2, 15_000)];
    expect(violationsOf(judged({ journal: { trace } }))).toEqual({
      oneLeader: ['bert and anne both believe that they lead'],
    });
  });

  test('two leaders by what isLeader() answered', () => {
    const leaderSamples = [
      { at: 1_000, podId: anne, epoch: 1 },
      { at: 2_000, podId: bert, epoch: 2 },
      { at: 3_000, podId: anne, epoch: 1 },
    ];
    const { oneLeader } = violationsOf(judged({ journal: { leaderSamples } }));
    expect(oneLeader).toEqual(['anne (epoch 1) and bert (epoch 2) both answered isLeader() with true within 1000 ms']);
    const inTurn = leaderSamples.map((sample, index) => ({ ...sample, at: [1_000, 3_000, 2_000][index] ?? 0 }));
    expect(violationsOf(judged({ journal: { leaderSamples: inTurn } }))).toEqual({});
  });

  test('a leader that was killed no longer leads', () => {
    const killed: Fact = { type: 'pod.crashed', at: 14_000, podId: anne };
    const trace = [...goodRun, killed, granted(bert, 2, 15_000)];
    expect(violationsOf(judged({ journal: { trace } }))).toEqual({});
  });

  test('two source calls in one interval, by the API’s own count', () => {
    const calls = { rates: [50, 10_050, 12_050], terms: [60] };
    expect(violationsOf(judged({ calls }))).toEqual({
      budget: ['2 calls of rates within 2000 ms, one is due every 10000 ms'],
    });
  });

  test('calls that are a little too early every time', () => {
    const times = (gapMs: number) => Array.from({ length: 6 }, (_, index) => index * gapMs);
    const judgedAt = (gapMs: number) => violationsOf(judged({ calls: { rates: times(gapMs), terms: [] } }));
    expect(judgedAt(9_900)).toEqual({});
    expect(judgedAt(9_600)).toEqual({ budget: ['5 calls of rates within 38400 ms, one is due every 10000 ms'] });
  });

  test('but not one call that was late, and the next in time', () => {
    expect(violationsOf(judged({ calls: { rates: [50, 11_200, 20_050], terms: [] } }))).toEqual({});
  });

  test('a call over the rate limit', () => {
    expect(violationsOf(judged({ limited: 1 }))).toEqual({ budget: ['the API answered 1 calls with 429'] });
  });

  test('a pod that stays behind', () => {
    const trace = goodRun.filter(
      (fact) => !(fact.type === 'revision.applied' && fact.podId === bert && fact.at > 5_000),
    );
    expect(violationsOf(judged({ journal: { trace } }))).toEqual({
      convergence: ['bert did not hold rates revision 2 within 5000 ms'],
    });
  });

  test('but not one that was cut off, stopped or killed meanwhile', () => {
    const behind = goodRun.filter(
      (fact) => !(fact.type === 'revision.applied' && fact.podId === bert && fact.at > 5_000),
    );
    for (const fact of [
      { type: 'pod.crashed', at: 11_000, podId: bert },
      { type: 'redis.down', at: 11_000, podId: bert, failure: { kind: 'unreachable', message: 'gone' } },
      { type: 'role.changed', at: 11_000, podId: bert, from: 'follower', to: 'stopping', cause: 'asked' },
    ] as const) {
      expect(violationsOf(judged({ journal: { trace: [...behind, fact] } }))).toEqual({});
    }
  });

  test('pods on different versions at the end', () => {
    const held = (revision: number) => ({
      rates: { revision, epoch: 1, podId: anne, date: '' },
      terms: undefined as never,
    });
    const atEnd = [
      { label: 'pod 1', held: held(2) },
      { label: 'pod 2', held: held(1) },
    ];
    expect(violationsOf(judged({ journal: { atEnd } })).convergence?.[0]).toMatch(
      /at the end the pods were on different/,
    );
  });

  test('a version that goes back, and one with two contents', () => {
    const back = [...goodRun, applied(bert, record(1, { at: 100 }), 12_000)];
    expect(Object.keys(violationsOf(judged({ journal: { trace: back } })))).toEqual(['versions']);
    const twofold = [...goodRun, applied('clara', record(2, { at: 10_100, sha: 'c' }), 21_000)];
    expect(violationsOf(judged({ journal: { trace: twofold } })).versions?.[0]).toMatch(/two contents/);
  });

  test('a pod that ended by itself, and a read that failed', () => {
    const crashes = [{ at: 1, sentence: 'pod 3 ended with code 1' }];
    const failedReads = [{ at: 2, sentence: 'pod 4 (degraded) had data and could not be read any more' }];
    expect(violationsOf(judged({ journal: { crashes, failedReads } }))).toEqual({
      serving: [crashes[0]?.sentence, failedReads[0]?.sentence],
    });
  });
});

describe('after Redis lost its data', () => {
  const wipes = [{ stoppedAt: 12_000, startedAt: 18_000 }];
  const restored: Fact = { type: 'revision.restored', dataset: 'rates', at: 18_300, podId: bert };

  test('what the pods held must come back', () => {
    const ended: Fact = { type: 'lease.ended', at: 12_000, podId: anne, epoch: 1, cause: 'lost' };
    const regranted = granted(bert, 2, 19_000);
    expect(violationsOf(judged({ journal: { wipes, trace: [...goodRun, ended, regranted] } }))).toEqual({
      nothingLost: ['rates revision 2 did not get back into Redis'],
    });
    const findings = judged({ journal: { wipes, trace: [...goodRun, ended, restored, regranted] } });
    expect(violationsOf(findings)).toEqual({});
    expect(findings.at(-1)?.sentence).toBe('Redis lost its data; back were rates 2 after 300ms and 0 source calls');
  });

  test('what happened before is judged as strictly as ever', () => {
    const repeated = [...goodRun, granted(bert, 1, 11_000), restored];
    const lostEarlier = { type: 'lease.ended', at: 10_900, podId: anne, epoch: 1, cause: 'lost' } as const;
    const found = violationsOf(judged({ journal: { wipes, trace: [...repeated, lostEarlier] } }));
    expect(Object.keys(found)).toEqual(['epochs']);
  });
});

test('a broken promise is in the summary, in capitals', async () => {
  const api = await startFxApi();
  const options = { pods: 2, intervalMs, forMs: 0, hasFaults: true, isKept: false };
  const calls = new CallCounter(api, options);
  const kept = summaryLines(judged(), calls, options, false).join('\n');
  expect(kept).toContain('Promises kept:');
  expect(kept).not.toContain('BROKEN');
  const broken = summaryLines(judged({ limited: 3 }), calls, options, false).join('\n');
  expect(broken).toContain('1 of 9 promises were BROKEN:');
  expect(broken).toMatch(/BROKEN +budget +1 times?:\n +the API answered 3 calls with 429/);
  await api.close();
});
