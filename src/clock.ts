import type { Clock, Random } from './ports.ts';

/** Node's clocks and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

export const systemRandom: Random = () => Math.random();

/** Nanoseconds since 1970, as fine as this machine tells (microseconds). */
export function wallNanoseconds(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n;
}
