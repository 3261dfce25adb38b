/** The campaign in one minute. With another seed: `npm run chaos -- --minutes 1 --seed 2 --pods 4`. */
import { expect, test } from 'vitest';
import { pickerOf } from '../../src/testing/random.ts';
import { record } from '../harness/samples.ts';
import { runCampaign } from './campaign.ts';
import { aimedFaults, randomFaults } from './faults/index.ts';
import { Journal } from './journal.ts';
import { latePublications } from './late-publications.ts';
import { parseChaosOptions } from './options.ts';
import { Planner } from './plan.ts';
import { linesOf, reportOf } from './report.ts';
import { drawSettings } from './settings.ts';

const seed = 1;
const settings = drawSettings(pickerOf(seed), 4);

function plansOf(planSeed: number, count: number) {
  const picker = pickerOf(planSeed);
  const planner = new Planner(picker, settings, { aimed: aimedFaults, random: randomFaults });
  return Array.from({ length: count }, () =>
    planner.next().faults.map(({ fault, ...parameters }) => ({ kind: fault.kind, ...parameters })),
  );
}

test('a seed repeats kinds, order and parameters of all faults; another seed has others', () => {
  expect(plansOf(5, 40)).toEqual(plansOf(5, 40));
  expect(plansOf(6, 40)).not.toEqual(plansOf(5, 40));
});

test('every kind gets its turn, and those aimed at a moment more than once in half an hour', () => {
  const kinds = plansOf(7, 150)
    .flat()
    .map(({ kind }) => kind);
  const times = (kind: string) => kinds.filter((other) => other === kind).length;
  expect(new Set(kinds)).toEqual(new Set([...aimedFaults, ...randomFaults].map(({ kind }) => kind)));
  for (const { kind } of aimedFaults) expect(times(kind), kind).toBeGreaterThan(1);
  for (const { kind } of randomFaults) expect(times(kind), kind).toBeGreaterThan(1);
});

test('two believers are found, told once and shown with what happened around them', () => {
  const journal = new Journal(settings);
  const at = Date.now();
  journal.note({ type: 'lease.granted', at, podId: 'a', epoch: 1, cause: 'acquired' });
  journal.noteAct('SIGKILL of somebody');
  journal.note({ type: 'lease.granted', at: at + 9, podId: 'b', epoch: 2, cause: 'acquired' });
  journal.judge();
  journal.judge();
  expect(journal.findings).toEqual([
    {
      promise: 'oneLeader',
      at: at + 9,
      sentence: 'b and a both believe that they lead',
      around: [
        expect.stringContaining('a lease.granted {"epoch":1'),
        expect.stringContaining('SIGKILL of somebody'),
        expect.stringContaining('b lease.granted {"epoch":2'),
      ],
    },
  ]);
});

test('a publication that arrives under the next leader is found by whoever took it, its publisher being dead', () => {
  const grant = (at: number, epoch: number) =>
    ({ type: 'lease.granted', at, podId: `pod-${epoch}`, epoch, cause: 'tookOver' }) as const;
  const took = (updatedAt: number) => {
    const publication = record(7, { epoch: 1, podId: 'pod-1', updatedAt });
    return { type: 'revision.applied', at: 900, podId: 'pod-3', dataset: 'rates', record: publication } as const;
  };
  const wiped = { type: 'redis.wiped', at: 550 } as const;
  const grants = [grant(100, 1), grant(500, 2)];
  expect(latePublications([...grants, took(600)])).toEqual([
    {
      promise: 'fenced',
      at: 600,
      sentence: 'revision 7 of pod-1 (epoch 1) was published after epoch 2 was granted',
    },
  ]);
  expect(latePublications([...grants, took(500)])).toEqual([]);
  expect(latePublications([...grants, took(600), wiped])).toEqual([]);
  expect(latePublications([...grants, took(600), { ...wiped, key: 'schedule' }])).toHaveLength(1);
});

test('what is beyond the findings that are shown is counted all the same', () => {
  const journal = new Journal(settings);
  for (let at = 0; at < 50; at++) journal.violate({ promise: 'serving', at, sentence: 'a read failed' });
  journal.violate({ promise: 'budget', at: 50, sentence: 'too many' });
  journal.violate({ promise: 'budget', at: 50, sentence: 'too many' });
  expect(journal.findings).toHaveLength(20);
  expect(Object.fromEntries(journal.violations)).toEqual({ serving: 50, budget: 1 });
});

test('options: minutes, seed and pods within their ranges, else one sentence', () => {
  expect(parseChaosOptions(['--minutes', '30', '--seed', '5', '--pods', '6'])).toEqual({
    ...{ minutes: 30, seed: 5, pods: 6, json: undefined },
  });
  expect(() => parseChaosOptions(['--pods', '1'])).toThrow('--pods: expected a whole number from 2 to 50, got "1"');
  expect(() => parseChaosOptions(['--seed', ''])).toThrow('--seed: expected');
  expect(() => parseChaosOptions(['--minute', '1'])).toThrow(/Unknown option '--minute'.*Usage: npm run chaos/s);
});

test('a minute of chaos breaks no promise', { timeout: 150_000 }, async () => {
  const tell = (line: string) => console.log(line);
  const outcome = await runCampaign({ seed, pods: 4, forMs: 55_000, episodes: 6, tell });
  const report = reportOf(outcome);
  const lines = linesOf(report).join('\n');
  console.log(lines);
  expect(report.findings, lines).toEqual([]);
  // That there was something to judge at all.
  expect(report.episodes).toBeGreaterThan(2);
  expect(report.injected).toBeGreaterThan(2);
  expect(report.calls.counted).toBeGreaterThan(5);
  expect(outcome.journal.count('lease.granted')).toBeGreaterThan(1);
  expect(outcome.journal.count('revision.applied')).toBeGreaterThan(20);
  expect(outcome.reads.count).toBeGreaterThan(50);
});
