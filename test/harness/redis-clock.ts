/**
 * A real redis-server whose wall clock stands still until the test moves it.
 *
 * With it a store with virtual time can be held against Redis to the millisecond: `TIME`, `PX`, `PTTL`, expiry and the
 * time inside scripts all follow the clock; pub/sub, sockets and Redis' own housekeeping go on in real time.
 *
 * A step holds for every command sent after it. What is on its way while the clock steps may see either time.
 * Redis 7 removes a key when the clock is *past* its expiry: at the very millisecond it is there, with a PTTL of 0.
 */
import { frozenAt, settableTime } from './faketime.ts';
import type { RedisOptions } from './redis-options.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

export type RedisClock = Readonly<{
  server: RedisServer;
  /** What Redis takes the time to be, in whole ms since 1970. */
  now(): number;
  /** Whole ms; negative steps it back. */
  advance(ms: number): void;
  set(now: number): void;
}>;

export async function startRedisClock({
  now: startAt = Date.UTC(2026, 0, 1),
  ...options
}: Omit<RedisOptions, 'fakeTime'> & { now?: number } = {}): Promise<RedisClock> {
  let current = startAt;
  const time = settableTime(frozenAt(startAt));
  const set = (now: number) => {
    if (!Number.isSafeInteger(now)) throw new Error(`expected a whole number of ms, got ${now}`);
    time.set(frozenAt(now));
    current = now;
  };
  const server = await startRedisServer({ ...options, fakeTime: { file: time.file } });
  return { server, now: () => current, advance: (ms) => set(current + ms), set };
}
