/** Noticing that this process was paused or that a clock jumped: promise 6, as far as an event can help. */
import { describe, expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import type { PodParts } from '../../src/actors/parts.ts';
import { watchTime } from '../../src/actors/watch-time.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { timing } from '../harness/samples.ts';

const limitMs = timing.beliefWindowMs;

/** The watch, running since now, and how often it has reported a jump. */
function watch() {
  const clock = new VirtualClock();
  let jumps = 0;
  const parent = setup({
    actors: { watchTime: watchTime({ clock } as unknown as PodParts) },
    actions: { count: () => void jumps++ },
  }).createMachine({
    invoke: { src: 'watchTime', input: { limitMs } },
    on: { 'time.jumped': { actions: 'count' } },
  });
  const actor = createActor(parent, { clock });
  actor.start();
  return { clock, actor, jumps: () => jumps };
}

describe('the watch over time', () => {
  test('says nothing while both clocks go on evenly', async () => {
    const { clock, jumps } = watch();
    await clock.advance(600_000);
    expect(jumps()).toBe(0);
  });

  test('tells a pause longer than the belief window, once, as soon as it runs again', async () => {
    const { clock, jumps } = watch();
    await clock.advance(1_000);
    clock.sleep(limitMs + 300);
    await clock.advance(0);
    expect(jumps()).toBe(1);
    await clock.advance(60_000);
    expect(jumps()).toBe(1);
  });

  test.each([
    [limitMs, 0],
    [limitMs + 1, 1],
  ])('of a look that comes %d ms late tells %d', async (lateMs, told) => {
    const { clock, jumps } = watch();
    await clock.advance(1_000);
    clock.sleep(250 + lateMs);
    await clock.advance(0);
    expect(jumps()).toBe(told);
  });

  test('does not tell a pause that the belief outlives', async () => {
    const { clock, jumps } = watch();
    await clock.advance(1_000);
    clock.sleep(limitMs - 1);
    await clock.advance(1_000);
    expect(jumps()).toBe(0);
  });

  test.each([
    [600, 1],
    [-3_600_000, 1],
    [3_600_000, 1],
    [501, 1],
    [500, 0],
    [-500, 0],
  ])('of a wall clock that is set by %d ms tells %d', async (byMs, told) => {
    const { clock, jumps } = watch();
    await clock.advance(1_000);
    clock.stepWall(byMs);
    await clock.advance(1_000);
    expect(jumps()).toBe(told);
  });

  test('leaves no timer behind', async () => {
    const { clock, actor } = watch();
    await clock.advance(1_000);
    actor.stop();
    expect(clock.timers()).toBe(0);
  });
});
