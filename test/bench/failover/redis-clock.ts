/** Brings moments of Redis' wall clock onto the monotonic clock of the machine, which all processes share. */
import type { Redis } from 'ioredis';

/**
 * ns on the monotonic clock for a moment of Redis' clock (ms since 1970). Asked when it is needed: a wall clock that
 * is being adjusted runs away from the monotonic one.
 */
export async function toMonotonicNs(redis: Redis, wallMs: number): Promise<bigint> {
  let best = { roundTripNs: 2n ** 62n, offsetNs: 0n };
  for (let i = 0; i < 5; i += 1) {
    const sentNs = process.hrtime.bigint();
    const [seconds = 0, micros = 0] = await redis.time();
    const roundTripNs = process.hrtime.bigint() - sentNs;
    const wallNs = BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1_000n;
    if (roundTripNs < best.roundTripNs) best = { roundTripNs, offsetNs: sentNs + roundTripNs / 2n - wallNs };
  }
  return BigInt(wallMs) * 1_000_000n + best.offsetNs;
}

/** When the key expires, on Redis' clock. */
export async function expiryOf(redis: Redis, key: string): Promise<number> {
  const at = Number(await redis.call('PEXPIRETIME', key));
  if (at < 0) throw new Error(`the key ${key} does not expire: ${at}`);
  return at;
}
