import { describe, expect, test } from 'vitest';
import { attemptCap, backoffDelay, nextAttempt } from '../../machines/backoff.ts';

const backoff = { baseMs: 100, capMs: 5_000 };

describe('a wait between two tries', () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [6, 3_200],
    [7, 5_000],
    [30, 5_000],
    [1_000, 5_000],
    [0, 100],
    [-3, 100],
  ])('after %d failures lies below %d ms', (attempt, ceilingMs) => {
    expect(backoffDelay(backoff, attempt, 1)).toBe(ceilingMs);
    expect(backoffDelay(backoff, attempt, 0.5)).toBe(ceilingMs / 2);
  });

  test.each([0, 0.05, 0.1])('is never below a tenth of that, however small the draw (%d): no tight loop', (random) => {
    expect(backoffDelay(backoff, 1, random)).toBe(10);
    expect(backoffDelay(backoff, 30, random)).toBe(500);
  });

  test('is spread over the whole of that by the draw', () => {
    const draws = Array.from({ length: 100 }, (_, i) => backoffDelay(backoff, 7, i / 100));
    expect(new Set(draws).size).toBeGreaterThan(85);
    expect([Math.min(...draws), Math.max(...draws)]).toEqual([500, 4_950]);
  });

  test('is whole milliseconds', () => {
    expect(Number.isInteger(backoffDelay({ baseMs: 7, capMs: 1_000 }, 3, 0.333))).toBe(true);
  });
});

test('counters of failures stop growing', () => {
  expect([nextAttempt(0), nextAttempt(attemptCap - 1), nextAttempt(attemptCap), nextAttempt(1_000)]).toEqual([
    1,
    attemptCap,
    attemptCap,
    attemptCap,
  ]);
});
