/** The clock that the tests of the machines stand on. */
import { describe, expect, test } from 'vitest';
import { longestDelayMs } from '../../machines/timing.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

describe('a virtual clock', () => {
  test('runs timers by due time, then in the order in which they were set, at their own due times', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const set = (name: string, delayMs: number) =>
      clock.setTimeout(() => ran.push(`${name}@${clock.monotonic()}`), delayMs);
    for (const [name, delayMs] of [
      ['c', 30],
      ['a', 10],
      ['d', 30],
      ['b', 20],
      ['e', 31],
      ['z', 0],
    ] as const)
      set(name, delayMs);
    await clock.advance(30);
    expect(ran).toEqual(['z@0', 'a@10', 'b@20', 'c@30', 'd@30']);
    expect(clock.timers()).toBe(1);
  });

  test('keeps that order among thousands of timers', async () => {
    const clock = new VirtualClock();
    const expected = Array.from({ length: 2_000 }, (_, i) => ({ at: (i * 7_919) % 503, seq: i }));
    const ran: { at: number; seq: number }[] = [];
    for (const timer of expected) clock.setTimeout(() => ran.push(timer), timer.at);
    await clock.advance(503);
    expect(ran).toEqual(expected.toSorted((a, b) => a.at - b.at || a.seq - b.seq));
  });

  test('lets promises settle between two timers of the same moment', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.setTimeout(() => void Promise.resolve().then(() => ran.push('promise')), 5);
    clock.setTimeout(() => ran.push('second'), 5);
    await clock.advance(5);
    expect(ran).toEqual(['promise', 'second']);
  });

  test('runs timers that timers set, as far as the time goes', async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.setTimeout(tick, 10);
    };
    tick();
    await clock.advance(95);
    expect([ticks, clock.monotonic()]).toEqual([10, 95]);
  });

  test('runs no timer that was cleared', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const ids = [1, 2, 3].map((n) => clock.setTimeout(() => ran.push(n), n));
    clock.clearTimeout(ids[1]);
    clock.clearTimeout(undefined);
    await clock.advance(10);
    expect(ran).toEqual([1, 3]);
  });

  test('steps the wall clock apart from the monotonic one, and pauses both', async () => {
    const clock = new VirtualClock();
    const wallMs = clock.now();
    clock.stepWall(-5_000);
    expect([clock.now() - wallMs, clock.monotonic()]).toEqual([-5_000, 0]);
    let ranAt = -1;
    clock.setTimeout(() => {
      ranAt = clock.monotonic();
    }, 100);
    clock.sleep(700);
    expect([clock.now() - wallMs, clock.monotonic(), ranAt]).toEqual([-4_300, 700, -1]);
    await clock.advance(0);
    expect(ranAt).toBe(700);
  });

  test('refuses what Node would fire at once', () => {
    const clock = new VirtualClock();
    for (const delayMs of [longestDelayMs + 1, Number.POSITIVE_INFINITY, Number.NaN, -1]) {
      expect(() => clock.setTimeout(() => {}, delayMs)).toThrow('no timer takes');
    }
    expect(() => clock.setTimeout(() => {}, longestDelayMs)).not.toThrow();
  });
});
