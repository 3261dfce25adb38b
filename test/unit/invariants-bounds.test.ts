/** The judges at their bounds: what they must not take for a violation, and what they must all the same. */
import { describe, expect, test } from 'vitest';
import { failure } from '../harness/samples.ts';
import { applied, broken, called, ended, granted, published, type Step } from './invariants/steps.ts';

describe('the budget', () => {
  test('allows the next call exactly when the window has moved on', () => {
    const calls = (thirdAt: number): Step[] => [
      [0, 'a', called('p1')],
      [500, 'a', called('p2')],
      [thirdAt, 'b', called('p3')],
    ];
    expect([broken(calls(999)), broken(calls(1_000))]).toEqual([['budget@999'], []]);
  });

  test('counts a permit that was asked for again once, where it was given last', () => {
    const steps: Step[] = [
      [0, 'a', called('p1')],
      [100, 'a', called('p1')],
      [600, 'a', called('p2')],
    ];
    expect(broken(steps)).toEqual([]);
    expect(broken([...steps, [1_050, 'a', called('p3')]])).toEqual(['budget@1050']);
  });

  test('allows one more call where Redis lost its data', () => {
    const steps: Step[] = [
      [0, 'a', called('p1')],
      [1, 'a', called('p2')],
      [2, 'a', called('p3')],
    ];
    expect([broken(steps), broken(steps, { lostData: true })]).toEqual([['budget@2'], []]);
    expect(broken([...steps, [3, 'a', called('p4')]], { lostData: true })).toEqual(['budget@3']);
  });

  test('of one dataset is not spent by another', () => {
    const other = { ...called('p2'), dataset: 'terms' } as const;
    expect(
      broken([
        [0, 'a', called('p1')],
        [1, 'a', other],
        [2, 'a', called('p3')],
      ]),
    ).toEqual([]);
  });

  test('is judged as exactly as the clocks of the trace allow', () => {
    const steps: Step[] = [
      [0, 'a', called('p1')],
      [500, 'a', called('p2')],
      [990, 'b', called('p3')],
    ];
    expect([broken(steps, { toleranceMs: 9 }), broken(steps, { toleranceMs: 10 })]).toEqual([['budget@990'], []]);
  });
});

describe('where Redis lost its data', () => {
  test('an epoch may come again for another pod, and a publication under a lower one', () => {
    const steps: Step[] = [
      [0, 'a', granted(4)],
      [1, 'a', ended(4)],
      [2, 'a', published(5, 4)],
      [9, 'b', granted(4)],
      [10, 'b', published(6, 3, 'b')],
    ];
    expect(broken(steps, { lostData: true })).toEqual([]);
    expect(broken(steps)).toEqual(['epochs@9', 'fenced@10']);
  });

  test('one lease never comes twice for one pod', () => {
    expect(
      broken(
        [
          [0, 'a', granted(4)],
          [1, 'a', ended(4)],
          [9, 'a', granted(4)],
        ],
        { lostData: true },
      ),
    ).toEqual(['epochs@9']);
  });

  test('versions never fall all the same', () => {
    expect(
      broken(
        [
          [0, 'b', applied(2, 1)],
          [9, 'b', applied(1, 9)],
        ],
        { lostData: true },
      ),
    ).toEqual(['versions@9']);
  });
});

describe('the belief of a leader ends', () => {
  test.each<[string, Step[2]]>([
    ['when its lease is unconfirmed', { type: 'lease.uncertain', epoch: 1 }],
    ['when its lease ended', ended(1)],
    ['when it crashed', { type: 'pod.crashed' }],
    ['when Redis is gone', { type: 'redis.down', failure: failure('unreachable') }],
    ['when it leaves its role, before it hears that its lease is released', { type: 'belief.ended', epoch: 1 }],
  ])('%s', (_when, event) => {
    expect(
      broken([
        [0, 'a', granted(1)],
        [10, 'a', event],
        [11, 'b', granted(2)],
      ]),
    ).toEqual([]);
  });

  test('within the millisecond in which another begins, whichever is told first', () => {
    const begin = [10, 'b', granted(2)] as const;
    const end = [10, 'a', ended(1)] as const;
    expect(broken([[0, 'a', granted(1)], begin, end])).toEqual([]);
    expect(broken([[0, 'a', granted(1)], end, begin])).toEqual([]);
  });

  test('within the millisecond in which it began', () => {
    expect(
      broken([
        [10, 'a', granted(1)],
        [10, 'a', ended(1)],
        [20, 'b', granted(2)],
      ]),
    ).toEqual([]);
  });

  test('a moment after another begins, if the clocks of the trace differ by as much', () => {
    const steps: Step[] = [
      [0, 'a', granted(1)],
      [10, 'b', granted(2)],
      [15, 'a', ended(1)],
    ];
    expect([broken(steps, { toleranceMs: 4 }), broken(steps, { toleranceMs: 5 })]).toEqual([['oneLeader@10'], []]);
  });

  test('not because it becomes leader once more', () => {
    expect(
      broken([
        [0, 'a', granted(1)],
        [5, 'a', ended(1)],
        [6, 'a', granted(2)],
        [9, 'b', granted(3)],
      ]),
    ).toEqual(['oneLeader@9']);
  });
});
