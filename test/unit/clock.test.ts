import { afterEach, expect, test, vi } from 'vitest';
import { longestDelayMs } from '../../machines/timing.ts';
import { systemClock } from '../../src/clock.ts';

afterEach(() => vi.restoreAllMocks());

test.each([
  [250, 250],
  [0, 0],
  [30 * 86_400_000, longestDelayMs],
  [Number.POSITIVE_INFINITY, longestDelayMs],
])('a timer of %d ms is set to %d ms: one that is longer than Node takes would fire at once', (delayMs, setMs) => {
  const set = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never);
  const run = () => {};
  systemClock.setTimeout(run, delayMs);
  expect(set).toHaveBeenCalledWith(run, setMs);
});
