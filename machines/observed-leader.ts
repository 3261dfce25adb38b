/** Who leads, as a pod has observed it: the part of the pod's context that a lock, or its absence, tells. */
import type { ObservedLock, PodId } from './protocol.ts';

export type Lease = { podId: PodId; epoch: number };

export const withoutLock = { leader: null, lockLeftMs: 0 } as const;

export const leaderOf = (lock: ObservedLock) => ({
  leader: { podId: lock.podId, epoch: lock.epoch },
  lockLeftMs: lock.ttlLeftMs,
});

export const isNewLeader = (known: Lease | null, { podId, epoch }: Lease) =>
  epoch !== known?.epoch || podId !== known.podId;
