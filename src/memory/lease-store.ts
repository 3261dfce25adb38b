/**
 * The leader lock in memory. One function a script of src/redis/lua, with the same conditions in the same order:
 * an epoch is granted once, a lost lease is never recreated. Decides on the store's clock.
 */
import { type DataVersion, formatHolder, highestEpoch } from '../../machines/index.ts';
import type {
  AcquireReply,
  AcquireRequest,
  Holder,
  LeaseStore,
  TakeOverReply,
  TakeOverRequest,
  YieldReply,
  YieldRequest,
} from '../ports.ts';
import { ensureDataVersion, holdLeft } from './data-version.ts';
import { isHolder, isLockOf, observeLock, observeMendedLock, setLock, termsOf } from './lock.ts';
import type { Namespace } from './namespace.ts';
import type { Run } from './run.ts';

export function createLeaseStore(space: Namespace, run: Run): LeaseStore {
  return {
    acquire: (request) => run(() => acquire(space, request)),
    takeOver: (request) => run(() => takeOver(space, request)),
    renew: (request) => run(() => ({ outcome: renew(space, request) ? 'renewed' : 'lost' })),
    release: (holder) => run(() => ({ outcome: release(space, holder) ? 'released' : 'lost' })),
    yield: (request) => run(() => yieldLease(space, request)),
  };
}

function acquire(space: Namespace, request: AcquireRequest): AcquireReply {
  const dataVersion = ensureDataVersion(space, request.freshGeneration);
  const lock = observeMendedLock(space, request.ttlMs);
  if (lock && lock.podId !== request.podId) return { outcome: 'held', lock };
  // The reply of the grant was lost: the caller's own lock, which it never heard of, and which nobody has fenced since.
  const isUnseen = lock && lock.epoch > request.ownEpoch && lock.epoch >= request.seenEpoch;
  if (isUnseen && space.keys.lease?.epoch === lock.epoch) {
    setLock(space, formatHolder(request.podId, lock.epoch), request.ttlMs);
    return { outcome: 'granted', epoch: lock.epoch };
  }
  const waitMs = holdLeft(space, dataVersion, request.graceMs);
  return waitMs > 0 ? { outcome: 'onHold', waitMs } : grant(space, dataVersion, request);
}

function takeOver(space: Namespace, request: TakeOverRequest): TakeOverReply {
  const { observed } = request;
  const lock = observeMendedLock(space, request.ttlMs);
  if (!lock) return { outcome: 'free' };
  if (!isLockOf(space, observed.podId, observed.epoch)) return { outcome: 'changed', lock };
  if (space.isPresent(observed.podId)) return { outcome: 'present', now: space.now(), lock };

  // The terms the holder was granted; without them (the hash was lost) only expiry ends its lease.
  const terms = termsOf(space, observed.podId);
  if (!terms) return { outcome: 'tooYoung', waitMs: lock.ttlLeftMs };
  const marginMs = request.graceMs - request.beliefWindowMs;
  const minAgeMs = Math.max(request.graceMs, terms.beliefWindowMs + marginMs);
  const ageMs = terms.ttlMs - lock.ttlLeftMs;
  if (ageMs < minAgeMs) return { outcome: 'tooYoung', waitMs: Math.min(minAgeMs - ageMs, lock.ttlLeftMs) };

  const dataVersion = ensureDataVersion(space, request.freshGeneration);
  const waitMs = holdLeft(space, dataVersion, request.graceMs);
  return waitMs > 0 ? { outcome: 'tooYoung', waitMs } : grant(space, dataVersion, request);
}

/** A new epoch: higher than all that the store remembers and than the highest the caller has seen. */
function grant(
  space: Namespace,
  { datasets }: DataVersion,
  request: AcquireRequest,
): { outcome: 'granted'; epoch: number } {
  const { podId, ttlMs, beliefWindowMs, seenEpoch } = request;
  const { keys } = space;
  const lockEpoch = observeLock(space)?.epoch ?? 0;
  const epoch = Math.max(keys.lease?.epoch ?? 0, lockEpoch, highestEpoch(datasets), seenEpoch) + 1;
  setLock(space, formatHolder(podId, epoch), ttlMs);
  keys.lease = { epoch, terms: { holder: podId, ttlMs, beliefWindowMs, since: space.now() } };
  space.announce({ kind: 'acquired', podId, epoch, ttlLeftMs: ttlMs });
  return { outcome: 'granted', epoch };
}

function renew(space: Namespace, request: Holder & Readonly<{ ttlMs: number }>): boolean {
  if (!isHolder(space, request)) return false;
  setLock(space, formatHolder(request.podId, request.epoch), request.ttlMs);
  return true;
}

function release(space: Namespace, { podId, epoch }: Holder): boolean {
  if (!isLockOf(space, podId, epoch)) return false;
  space.keys.leaderLock = undefined;
  space.announce({ kind: 'released', podId, epoch });
  return true;
}

function yieldLease(space: Namespace, request: YieldRequest): YieldReply {
  if (!isHolder(space, request)) return { outcome: 'notHolder' };
  const { keys } = space;
  const now = space.now();
  const since = now - request.presenceMs;
  const isListed = (keys.pods.score(request.podId) ?? Number.NEGATIVE_INFINITY) >= since;
  if (keys.pods.countFrom(since) - Number(isListed) < 1) return { outcome: 'alone' };
  // A yield in the future (the clock was set back) counts as now, from now on.
  if (keys.yieldedAt !== undefined) keys.yieldedAt = Math.min(keys.yieldedAt, now);
  if (keys.yieldedAt !== undefined && now - keys.yieldedAt < request.minIntervalMs) return { outcome: 'tooSoon' };
  keys.yieldedAt = now;
  release(space, request);
  return { outcome: 'yielded' };
}
