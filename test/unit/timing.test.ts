/** Durations and the relations between them; turns of the fleet. */
import { describe, expect, test } from 'vitest';
import { clampDelay, longestDelayMs, Timing, untilNextTurn } from '../../machines/timing.ts';

describe('the durations of the protocol', () => {
  test('have defaults that DESIGN gives', () => {
    expect(Timing.parse({})).toMatchObject({
      leaseTtlMs: 120_000,
      renewIntervalMs: 400,
      beliefWindowMs: 1_250,
      graceMs: 1_500,
      leaseCommandLimitMs: 800,
      uncertainLimitMs: 10_000,
      pollIntervalMs: 30_000,
      checkSlotMs: 750,
    });
  });

  test.each([
    ['a grace no longer than the belief window', { graceMs: 1_250 }, ['graceMs']],
    ['a belief window that one slow renewal outlasts', { beliefWindowMs: 1_199, graceMs: 1_500 }, ['beliefWindowMs']],
    ['a TTL that ends before a takeover is due', { leaseTtlMs: 2_999 }, ['leaseTtlMs']],
    ['an uncertainty shorter than the belief', { uncertainLimitMs: 1_249 }, ['uncertainLimitMs']],
    ['a renewal as slow as the window', { renewIntervalMs: 1_250 }, ['beliefWindowMs']],
    [
      'all of it at once',
      { beliefWindowMs: 2_000, renewIntervalMs: 3_000, graceMs: 1_000, leaseTtlMs: 1_000, uncertainLimitMs: 1 },
      ['beliefWindowMs', 'graceMs', 'leaseTtlMs', 'uncertainLimitMs'],
    ],
    ['nothing at all', { pollIntervalMs: 0 }, ['pollIntervalMs']],
    ['parts of a millisecond', { rankStepMs: 0.5 }, ['rankStepMs']],
  ])('refuse %s', (_what, durations, paths) => {
    const { error } = Timing.safeParse(durations);
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(paths);
  });

  test.each([
    ['the shortest allowed', { beliefWindowMs: 1_200, graceMs: 1_201, leaseTtlMs: 2_402, uncertainLimitMs: 1_200 }],
    ['others', { leaseTtlMs: 10_000 }],
  ])('accept %s', (_what, durations) => {
    expect(Timing.safeParse(durations).success).toBe(true);
  });

  test('refused say which bound they miss, and why it matters', () => {
    const { error } = Timing.safeParse({ graceMs: 1_000 });
    expect(error?.issues[0]?.message).toBe(
      'must be longer than beliefWindowMs (1250), else two pods can believe that they lead',
    );
  });
});

test.each([
  [0, 0],
  [1, 1],
  [1.2, 2],
  [-5, 0],
  [Number.NaN, 0],
  [longestDelayMs, longestDelayMs],
  [longestDelayMs + 1, longestDelayMs],
  [Number.POSITIVE_INFINITY, longestDelayMs],
])('a delay of %d ms becomes one of %d ms that a timer takes', (delayMs, clampedMs) => {
  expect(clampDelay(delayMs)).toBe(clampedMs);
});

describe('the turns of the fleet to check the holder', () => {
  const view = (turn: number, turns: number) => ({ size: turns + 1, rank: turn, turn, turns });

  test('come one pod after the other, a slot each', () => {
    const waits = [0, 1, 2, 3].map((turn) => untilNextTurn(0, view(turn, 4), 750));
    expect(waits).toEqual([3_000, 750, 1_500, 2_250]);
  });

  test.each([1, 2, 7, 69, 9_999])('make one check a slot, however many pods (%d) there are', (turns) => {
    const now = 1_764_000_123_456;
    const checks = Array.from({ length: turns }, (_, turn) => now + untilNextTurn(now, view(turn, turns), 750));
    expect(new Set(checks.map((at) => Math.floor(at / 750))).size).toBe(turns);
    for (const at of checks) expect(at % 750).toBe(0);
  });

  test('are a whole cycle away when they are less than a quarter of a slot away: that reply was the turn', () => {
    expect(untilNextTurn(3_000 - 187, view(0, 4), 750)).toBe(187 + 3_000);
    expect(untilNextTurn(3_000 - 188, view(0, 4), 750)).toBe(188);
  });

  test('are never at once, even for a pod that knows nothing of the fleet', () => {
    for (let now = 0; now < 2_000; now++) {
      expect(untilNextTurn(now, view(0, 0), 750)).toBeGreaterThanOrEqual(187.5);
    }
  });

  test('of a pod whose number is higher than there are turns come, too', () => {
    expect(untilNextTurn(0, view(5, 4), 750)).toBe(750);
  });
});
