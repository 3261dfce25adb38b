/**
 * The leader lock and the fence. The same rules as src/redis/lua/lib/lock.lua and holder.lua, on the store's clock.
 */
import { formatHolder, type ObservedLock, type PodId } from '../../machines/index.ts';
import type { Holder } from '../ports.ts';
import type { StoredLock, StoredTerms } from './keyspace.ts';
import type { Namespace } from './namespace.ts';

/** A value that somebody else wrote there names no epoch, and is still a lock. Redis' JSON has 14 digits at most. */
function parseHolder(value: string): Holder {
  const [, podId, epoch] = /^(.+)#(\d{1,14})$/s.exec(value) ?? [];
  return podId === undefined ? { podId: value, epoch: 0 } : { podId, epoch: Number(epoch) };
}

/** The lock, unless it has expired. It lives through the millisecond of its expiry, as in Redis. */
export function readLock({ keys, now }: Namespace): StoredLock | undefined {
  const lock = keys.leaderLock;
  if (lock?.expiresAt !== undefined && now() > lock.expiresAt) keys.leaderLock = undefined;
  return keys.leaderLock;
}

export function setLock({ keys, now }: Namespace, value: string, ttlMs: number): void {
  keys.leaderLock = { value, expiresAt: now() + ttlMs };
}

/** What others may know of the lock; undefined when it is free. */
export function observeLock(space: Namespace): ObservedLock | undefined {
  const lock = readLock(space);
  if (!lock) return undefined;
  return { ...parseHolder(lock.value), ttlLeftMs: lock.expiresAt === undefined ? -1 : lock.expiresAt - space.now() };
}

/**
 * The terms under which the holder of the lock was granted it; undefined when they were lost. Told apart by holder, not
 * by epoch: a poll that raises the epoch fences the holder and leaves them as they are.
 */
export function termsOf({ keys }: Namespace, holder: PodId): StoredTerms | undefined {
  const terms = keys.lease?.terms;
  return terms?.holder === holder ? terms : undefined;
}

/**
 * Observes the lock after mending an expiry that nobody could wait for: a lock without one gets `ttlMs`, and one that
 * outlives the terms of its grant (the clock was set back) lives on for just these, from now.
 */
export function observeMendedLock(space: Namespace, ttlMs: number): ObservedLock | undefined {
  const lock = observeLock(space);
  const { leaderLock } = space.keys;
  if (!lock || !leaderLock) return undefined;
  const grantedTtlMs = termsOf(space, lock.podId)?.ttlMs;
  if (lock.ttlLeftMs < 0) setLock(space, leaderLock.value, ttlMs);
  else if (grantedTtlMs !== undefined && lock.ttlLeftMs > grantedTtlMs) setLock(space, leaderLock.value, grantedTtlMs);
  return observeLock(space);
}

export function isLockOf(space: Namespace, podId: PodId, epoch: number): boolean {
  return readLock(space)?.value === formatHolder(podId, epoch);
}

/** The fence: the lock is the caller's *and* no higher epoch was granted or reported since. */
export function isHolder(space: Namespace, { podId, epoch }: Holder): boolean {
  return isLockOf(space, podId, epoch) && space.keys.lease?.epoch === epoch;
}
