/** The pods' views of one virtual time: what skew, pauses and kills do to timers and messages. */
import { expect, test } from 'vitest';
import { PodClock } from '../../src/testing/pod-clock.ts';
import { Timeline } from '../../src/testing/timeline.ts';

function setUp() {
  const timeline = new Timeline();
  const ran: string[] = [];
  const clock = new PodClock(timeline, 'a');
  const set = (name: string, delayMs: number, of = clock) =>
    of.setTimeout(() => ran.push(`${name}@${timeline.nowMs}`), delayMs);
  return { timeline, clock, ran, set };
}

test('two clocks of one timeline run their timers in the order of true time', async () => {
  const { timeline, ran, set } = setUp();
  const fast = new PodClock(timeline, 'b');
  fast.setRate(2);
  set('a', 30);
  set('b', 50, fast);
  await timeline.advance(60);
  expect(ran).toEqual(['b@25', 'a@30']);
  expect(fast.monotonic()).toBe(120);
});

test('a rate that changes keeps what has passed and moves what is due', async () => {
  const { timeline, clock, ran, set } = setUp();
  set('a', 100);
  await timeline.advance(60);
  clock.setRate(0.5);
  await timeline.advance(80);
  expect([clock.monotonic(), ran]).toEqual([100, ['a@140']]);
});

test('a paused process runs nothing; resumed, it runs timers first, then messages, each in its order', async () => {
  const { timeline, clock, ran, set } = setUp();
  set('late', 20);
  set('early', 10);
  const cleared = set('cleared', 15);
  set('after', 90);
  clock.pause();
  timeline.after(5, () => clock.deliver(() => ran.push(`message@${timeline.nowMs}`)));
  await timeline.advance(50);
  expect([ran, clock.monotonic(), clock.timers()]).toEqual([[], 50, 4]);
  clock.clearTimeout(cleared);
  clock.resume();
  await timeline.advance(50);
  expect(ran).toEqual(['early@50', 'late@50', 'message@50', 'after@90']);
});

test('of a killed process nothing ever runs again', async () => {
  const { timeline, clock, ran, set } = setUp();
  set('before', 10);
  clock.kill();
  set('after', 10);
  clock.deliver(() => ran.push('message'));
  clock.resume();
  await timeline.advance(100);
  expect([ran, clock.timers(), timeline.pending()]).toEqual([[], 0, []]);
});

test('a step that runs can no longer be cleared, and tells whose it was', () => {
  const { timeline, set } = setUp();
  set('a', 10);
  timeline.after(10, () => {}, 'the world');
  expect(timeline.pending().map(({ what, owner }) => [what, owner])).toEqual([
    ['a timer', 'a'],
    ['the world', undefined],
  ]);
  expect(timeline.runNext(9)).toBeUndefined();
  expect(timeline.runNext(10)).toMatchObject({ owner: 'a', atMs: 10 });
  expect(timeline.nowMs).toBe(10);
});

test('no clock stands still or runs backwards', () => {
  const { clock } = setUp();
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clock.setRate(rate)).toThrow('no clock runs at the rate');
  }
});
