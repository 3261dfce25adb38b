import { clampDelay } from '../machines/index.ts';
import type { Clock, Random } from './ports.ts';

/** Node's clocks and timers; a delay that is longer than a timer takes (24 days) is cut, else it would be none. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, delayMs) => setTimeout(run, clampDelay(delayMs)),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

export const systemRandom: Random = () => Math.random();

/** Nanoseconds since 1970, as fine as this machine tells (microseconds). */
export function wallNanoseconds(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n;
}
