/** The source calls a pod has heard of: what keeps promise 5 when Redis has forgotten its schedule. */
import { describe, expect, test } from 'vitest';
import { CallMemory } from '../../src/call-memory.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

function memoryOf(...accounts: number[][]) {
  const clock = new VirtualClock();
  const memory = new CallMemory(clock);
  for (const account of accounts) memory.note('rates', account);
  return { clock, memory };
}

describe('a call that was heard of', () => {
  test('grows older on the monotonic clock, whatever the wall clock does', () => {
    const { clock, memory } = memoryOf([0, 60_000]);
    clock.sleep(5_000);
    clock.stepWall(-3_600_000);
    expect(memory.agesMs('rates')).toEqual([5_000, 65_000]);
  });

  test('is of one dataset alone', () => {
    expect(memoryOf([0]).memory.agesMs('terms')).toEqual([]);
  });

  test('is told in whole milliseconds, rounded down: an age is never overstated', () => {
    const { clock, memory } = memoryOf([0.2]);
    clock.sleep(10.6);
    expect(memory.agesMs('rates')).toEqual([10]);
  });

  test('is never told to lie in the future', () => {
    expect(memoryOf([-500]).memory.agesMs('rates')).toEqual([0]);
  });
});

describe('a call that is announced', () => {
  test('is another than those that are known, so what Redis has forgotten stays beside it (promise 5)', () => {
    const { clock, memory } = memoryOf([0, 60_000]);
    clock.sleep(5_000);
    memory.noteGrant('rates', { agesMs: [0, 65_000], at: 2_000 });
    expect(memory.agesMs('rates')).toEqual([0, 5_000, 65_000]);
  });

  test.each([
    ['twice', 2_000, { agesMs: [10], at: 2_000 }],
    ['after a later one that told of it', 2_001, { agesMs: [10], at: 2_000 }],
    ['again, because its permit was asked for again', 1_000, { agesMs: [10], at: 2_000, isAskedAgain: true }],
  ])('is not counted twice when it is heard %s', (_how, asOf, grant) => {
    const { memory } = memoryOf([10]);
    memory.noteAsOf('rates', asOf);
    memory.noteGrant('rates', grant);
    expect(memory.agesMs('rates')).toEqual([10]);
  });

  test('is not counted twice when Redis has told of it in a poll, whatever was heard since', () => {
    const { memory } = memoryOf();
    memory.noteGrant('rates', { agesMs: [0], at: 2_000 });
    memory.noteAsOf('rates', 1_000);
    memory.noteGrant('rates', { agesMs: [0], at: 2_000 });
    expect(memory.agesMs('rates')).toEqual([0]);
  });

  test('that may be one of those that are known tells of itself all the same', () => {
    const { memory } = memoryOf();
    memory.noteAsOf('rates', 2_000);
    memory.noteGrant('rates', { agesMs: [10, 50], at: 2_000 });
    expect(memory.agesMs('rates')).toEqual([10, 50]);
  });

  test('takes its place by its age, and no more are kept than count', () => {
    const { memory } = memoryOf(Array.from({ length: 64 }, (_, i) => 10 + i));
    memory.noteGrant('rates', { agesMs: [15.5], at: 1 });
    expect(memory.agesMs('rates').slice(4, 8)).toEqual([14, 15, 15, 16]);
    expect(memory.agesMs('rates')).toHaveLength(64);
  });
});

describe('an account of the calls', () => {
  test('with a newer call moves the list on; what was known of older ones stays known', () => {
    const { clock, memory } = memoryOf([0, 100_000, 200_000]);
    clock.sleep(300_000);
    memory.note('rates', [0, 300_000]);
    expect(memory.agesMs('rates')).toEqual([0, 300_000, 500_000]);
  });

  test('of the same last call is taken when it knows more, not when it knows less', () => {
    expect(memoryOf([1_000], [1_000, 50_000]).memory.agesMs('rates')).toEqual([1_000, 50_000]);
    expect(memoryOf([1_000, 50_000], [1_000]).memory.agesMs('rates')).toEqual([1_000, 50_000]);
  });

  test.each([
    ['is empty: the schedule was wiped', []],
    ['lacks the last call: Redis was rolled back', [80_000]],
    ['lacks the last call, and is as long', [80_000, 160_000]],
    ['lacks the last call, and is longer', [80_000, 160_000, 240_000]],
  ])('that %s takes nothing away (promise 5)', (_what, account) => {
    expect(memoryOf([1_000, 80_000], account).memory.agesMs('rates').slice(0, 2)).toEqual([1_000, 80_000]);
  });

  test.each([
    ['has them all', [0, 60_000, 200_000], false],
    ['has more', [0, 60_000, 200_000, 250_000], false],
    ['lacks one', [0, 200_000], true],
    ['lacks them all', [], true],
  ])('that %s shows whether Redis has forgotten some of the window', (_what, account, hasForgotten) => {
    const { memory } = memoryOf([0, 60_000, 200_000]);
    expect(memory.hasMoreThan(account, 'rates', 300_000)).toBe(hasForgotten);
  });

  test('lacks what is about to leave the window: heard of late, it seems younger than it is', () => {
    const { memory } = memoryOf([0, 98_999, 99_000]);
    expect(memory.hasMoreThan([0, 98_999], 'rates', 100_000)).toBe(false);
    expect(memory.hasMoreThan([0], 'rates', 100_000)).toBe(true);
    expect(memory.hasMoreThan([], 'terms', 100_000)).toBe(false);
  });

  test('is bounded, and keeps the youngest', () => {
    const many = Array.from({ length: 500 }, (_, i) => i);
    expect(memoryOf(many).memory.agesMs('rates')).toEqual(many.slice(0, 64));
  });
});
