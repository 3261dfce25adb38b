import { expect, test } from 'vitest';
import { ReconnectPace } from '../../src/redis/reconnect-pace.ts';

const longest = () => 0.999;

test('reconnecting is quick and never waits longer than half a second', () => {
  const pace = new ReconnectPace(10_000, longest);
  const delays = Array.from({ length: 50 }, () => pace.nextDelayMs('unreachable', false));
  expect(delays.slice(0, 6)).toEqual([25, 50, 100, 200, 400, 500]);
  expect(Math.max(...delays)).toBe(500);
});

test('what only a person can mend is tried again slowly, from half a second on', () => {
  const pace = new ReconnectPace(10_000, longest);
  for (let i = 0; i < 40; i += 1) pace.nextDelayMs('unreachable', false);
  const delays = Array.from({ length: 50 }, () => pace.nextDelayMs('misconfigured', false));
  expect(delays.slice(0, 3)).toEqual([500, 999, 1_998]);
  expect(Math.max(...delays)).toBe(9_990);
  expect(new ReconnectPace(100, longest).nextDelayMs('misconfigured', false)).toBe(100);
});

test('a connection that stayed up begins anew; one that flaps does not', () => {
  const pace = new ReconnectPace(10_000, longest);
  for (let i = 0; i < 9; i += 1) pace.nextDelayMs('unreachable', false);
  expect(pace.nextDelayMs('unreachable', false)).toBe(500);
  expect(pace.nextDelayMs('unreachable', true)).toBe(25);
});

test('pods that lost Redis at one moment come back at different ones', () => {
  const delays = Array.from({ length: 10 }, (_, i) => {
    const pace = new ReconnectPace(10_000, () => i / 10);
    for (let attempt = 0; attempt < 9; attempt += 1) pace.nextDelayMs('unreachable', false);
    return pace.nextDelayMs('unreachable', false);
  });
  expect(new Set(delays).size).toBeGreaterThanOrEqual(9);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
});
