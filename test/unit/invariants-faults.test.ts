/** The judges where a harness tells what it did: pauses, and losses of Redis' data at their moment. */
import { describe, expect, test } from 'vitest';
import { overspendings } from '../../machines/call-budget.ts';
import type { GuardedKey } from '../../machines/fleet-trace.ts';
import { broken, called, ended, granted, published, type Step } from './invariants/steps.ts';

const paused = { type: 'pod.paused' } as const;
const resumed = { type: 'pod.resumed' } as const;
const answered = (isLeader: boolean) => ({ type: 'pod.answered', isLeader }) as const;
const wiped = (at: number, key?: GuardedKey): Step => [at, 'redis', { type: 'redis.wiped', ...(key && { key }) }];

describe('a leader that is paused', () => {
  test('believes in nothing while it is', () => {
    expect(
      broken([
        [0, 'a', granted(1)],
        [100, 'a', paused],
        [9_000, 'b', granted(2)],
        [9_500, 'a', resumed],
        [9_501, 'a', answered(false)],
      ]),
    ).toEqual([]);
  });

  test('believes again if the pause was shorter than its belief window, and not if it was as long', () => {
    const pause = (ms: number): Step[] => [
      [0, 'a', granted(1)],
      [100, 'a', paused],
      [200, 'b', granted(2)],
      [100 + ms, 'a', resumed],
    ];
    expect([broken(pause(1_249)), broken(pause(1_250))]).toEqual([['oneLeader@1349'], []]);
    expect(broken(pause(1_249), { beliefWindowMs: 1_000 })).toEqual([]);
  });

  test('but says so on waking: caught', () => {
    expect(
      broken([
        [0, 'a', granted(1)],
        [100, 'a', paused],
        [9_000, 'b', granted(2)],
        [9_500, 'a', resumed],
        [9_501, 'a', answered(true)],
      ]),
    ).toEqual(['oneLeader@9501']);
  });

  test('in the very moment of its grant: the belief is suspended all the same', () => {
    const steps: Step[] = [
      [100, 'a', paused],
      [101, 'a', granted(1)],
      [9_000, 'b', granted(2)],
      [9_500, 'a', resumed],
    ];
    expect(broken(steps)).toEqual([]);
    expect(broken([...steps.slice(0, 2), [500, 'a', resumed], [9_000, 'b', granted(2)]])).toEqual(['oneLeader@9000']);
  });

  test('and killed: it does not come back', () => {
    expect(
      broken([
        [0, 'a', granted(1)],
        [100, 'a', paused],
        [200, 'a', { type: 'pod.crashed' }],
        [201, 'b', granted(2)],
      ]),
    ).toEqual([]);
  });
});

describe('Redis lost its data at a known moment', () => {
  const epochsFall: Step[] = [
    [0, 'a', granted(7)],
    [1, 'a', published(5, 7)],
    [2, 'a', ended(7)],
    [3_000, 'b', granted(2)],
    [3_001, 'b', published(6, 2, 'b')],
  ];

  test('epochs may fall there', () => {
    expect(broken(epochsFall)).toEqual(['epochs@3000', 'fenced@3001']);
    expect(broken([...epochsFall, wiped(1_000)])).toEqual([]);
    expect(broken([...epochsFall, wiped(1_000, 'lease')])).toEqual([]);
    expect(broken([...epochsFall, wiped(1_000, 'data_version')])).toEqual([]);
  });

  test('and nowhere else: not before, not after, not with another key', () => {
    for (const loss of [wiped(3_500), wiped(1_000, 'schedule'), wiped(1_000, 'leader_lock')]) {
      expect(broken([...epochsFall, loss])).toEqual(['epochs@3000', 'fenced@3001']);
    }
    const again: Step[] = [...epochsFall, wiped(1_000), [4_000, 'b', ended(2)], [5_000, 'c', granted(2)]];
    expect(broken(again)).toEqual(['epochs@5000']);
    expect(broken([...epochsFall, wiped(1_000), [4_000, 'b', published(7, 1, 'b')]])).toEqual(['fenced@4000']);
  });

  test('what was told a moment late belongs to the time before', () => {
    const late: Step[] = [wiped(0), [20, 'a', granted(7)], [21, 'a', ended(7)], [3_000, 'b', granted(2)]];
    expect(broken(late)).toEqual(['epochs@3000']);
    expect(broken(late, { toleranceMs: 50 })).toEqual([]);
  });

  test('where Redis tells what it granted, its order counts, and not that in which pods hear of it', () => {
    const grant = (at: number, holder: string, epoch: number): Step => [
      at,
      'redis',
      { type: 'redis.granted', holder, epoch },
    ];
    const late: Step[] = [
      [200, 'b', granted(8)],
      [201, 'b', ended(8)],
      [400, 'a', granted(8)],
    ];
    expect(broken([wiped(10), ...late])).toEqual(['epochs@400']);
    expect(broken([grant(5, 'a', 8), wiped(10), grant(190, 'b', 8), ...late])).toEqual([]);
    expect(broken([grant(5, 'a', 8), grant(190, 'b', 8), ...late])).toEqual(['epochs@190']);
    expect(broken([grant(5, 'a', 8), wiped(10), grant(190, 'b', 8), grant(300, 'a', 8), ...late])).toEqual([
      'epochs@300',
    ]);
    expect(broken([grant(190, 'b', 8), ...late])).toEqual(['epochs@400']);
    // In one millisecond, but after the loss; and again, because its pod never heard of it.
    expect(broken([grant(5, 'a', 8), wiped(190), grant(190, 'b', 8), ...late])).toEqual([]);
    expect(broken([grant(5, 'a', 8), wiped(10), grant(190, 'a', 8), [400, 'a', granted(8)]])).toEqual([]);
    expect(broken([grant(5, 'a', 8), [6, 'a', granted(8)], [7, 'a', granted(8)]])).toEqual(['epochs@7']);
  });

  test('one more call is allowed in a window that it lies in, for each loss', () => {
    const calls: Step[] = [0, 1, 2].map((at, i) => [at * 100, 'a', called(`p${i}`)]);
    expect(broken(calls)).toEqual(['budget@200']);
    expect(broken([...calls, wiped(150)])).toEqual([]);
    expect(broken([...calls, wiped(150, 'schedule')])).toEqual([]);
    expect(broken([...calls, wiped(150, 'lease')])).toEqual(['budget@200']);
    expect(broken([...calls, wiped(201)])).toEqual(['budget@200']);
    expect(broken([...calls, wiped(150), [300, 'a', called('p3')]])).toEqual(['budget@300']);
    expect(broken([...calls, wiped(150), wiped(250), [300, 'a', called('p3')]])).toEqual([]);
  });

  test('the lock alone: its holder may believe for one belief window more, not longer', () => {
    const steps: Step[] = [
      [0, 'a', granted(1)],
      [900, 'b', granted(2)],
    ];
    const end: Step = [2_000, 'a', ended(1)];
    expect(broken([...steps, end])).toEqual(['oneLeader@900']);
    expect(broken([...steps, wiped(890, 'leader_lock'), end])).toEqual([]);
    expect(broken([...steps, wiped(890), end])).toEqual(['oneLeader@900']);
    expect(broken([...steps, wiped(890, 'leader_lock'), [2_141, 'c', called('p')]])).toContain('oneLeader@2141');
  });
});

test('overspendings: each call that was one too many, with the largest window that shows it', () => {
  const terms = { calls: 2, perMs: 1_000, losses: [], callToleranceMs: 0 };
  expect(overspendings([0, 100, 900, 1_050, 5_000], terms)).toEqual([
    { at: 900, made: 3, withinMs: 900, allowed: 2 },
    { at: 1_050, made: 3, withinMs: 950, allowed: 2 },
  ]);
  expect(overspendings([0, 100, 900, 1_050], { ...terms, callToleranceMs: 100 })).toEqual([]);
});
