/**
 * Asking Redis about the lease. Each actor measures belief from the moment of *sending*, and hands over what is left
 * of the window when the answer arrives.
 */
import { fromPromise } from 'xstate';
import {
  type AcquireOutcome,
  type FleetView,
  type HolderInput,
  type PodId,
  type RenewOutcome,
  type TakeOverOutcome,
  type Timing,
  untilNextTurn,
  type YieldOutcome,
} from '../../machines/index.ts';
import { momentOf } from '../belief.ts';
import type { AcquireRequest } from '../ports.ts';
import type { PodParts } from './parts.ts';

function acquireRequest({ memory, newId }: PodParts, podId: PodId, timing: Timing): AcquireRequest {
  return {
    podId,
    seenEpoch: memory.seenEpoch,
    ownEpoch: memory.ownEpoch,
    ttlMs: timing.leaseTtlMs,
    beliefWindowMs: timing.beliefWindowMs,
    graceMs: timing.graceMs,
    freshGeneration: newId(),
  };
}

/** A grant begins the belief, counted from its sending. */
function believe({ memory, timing }: PodParts, epoch: number, sentAt: ReturnType<typeof momentOf>) {
  memory.noteGrant(epoch);
  return { outcome: 'granted' as const, epoch, beliefLeftMs: memory.belief.confirm(sentAt, timing.beliefWindowMs) };
}

export const acquireLease = (parts: PodParts) =>
  fromPromise<AcquireOutcome, { podId: PodId; timing: Timing }>(async ({ input, signal }) => {
    const sentAt = momentOf(parts.clock);
    const reply = await parts.connection.stores.lease.acquire(acquireRequest(parts, input.podId, input.timing));
    if (reply.outcome === 'held') parts.memory.noteEpoch(reply.lock.epoch);
    if (reply.outcome !== 'granted') return reply;
    // Nobody waits for the answer any more: the lock is found as our own next time, or expires.
    if (signal.aborted) return { ...reply, beliefLeftMs: 0 };
    return believe(parts, reply.epoch, sentAt);
  });

export const takeOverLease = (parts: PodParts) =>
  fromPromise<
    TakeOverOutcome,
    { podId: PodId; timing: Timing; observed: { podId: PodId; epoch: number }; fleet: FleetView }
  >(async ({ input, signal }) => {
    const { podId, timing, observed, fleet } = input;
    const sentAt = momentOf(parts.clock);
    const reply = await parts.connection.stores.lease.takeOver({ ...acquireRequest(parts, podId, timing), observed });
    if (reply.outcome === 'present') {
      return { outcome: 'present', untilTurnMs: untilNextTurn(reply.now, fleet, timing.checkSlotMs) };
    }
    if (reply.outcome === 'changed') parts.memory.noteEpoch(reply.lock.epoch);
    if (reply.outcome !== 'granted') return reply;
    if (signal.aborted) return { ...reply, beliefLeftMs: 0 };
    return believe(parts, reply.epoch, sentAt);
  });

export const renewLease = (parts: PodParts) =>
  fromPromise<RenewOutcome, HolderInput>(async ({ input, signal }) => {
    const { memory, timing, connection, clock } = parts;
    const sentAt = momentOf(clock);
    const reply = await connection.stores.lease.renew(input);
    // A reply to a lease that is over says nothing about the next one.
    if (signal.aborted) return { outcome: 'lost' };
    if (reply.outcome === 'renewed') {
      return { outcome: 'renewed', beliefLeftMs: memory.belief.confirm(sentAt, timing.beliefWindowMs) };
    }
    memory.belief.end();
    return { outcome: 'lost' };
  });

export const releaseLease = (parts: PodParts) =>
  fromPromise<{ outcome: 'released' | 'lost' }, HolderInput>(({ input }) => {
    parts.memory.belief.end();
    return parts.connection.stores.lease.release(input);
  });

export const yieldLease = (parts: PodParts) =>
  fromPromise<YieldOutcome, { podId: PodId; epoch: number; minIntervalMs: number; timing: Timing }>(
    async ({ input }) => {
      const { podId, epoch, minIntervalMs, timing } = input;
      // Before the answer arrives another pod may hold the lease.
      parts.memory.belief.suspend();
      const reply = await parts.connection.stores.lease.yield({
        podId,
        epoch,
        minIntervalMs,
        presenceMs: 3 * timing.pollIntervalMs,
      });
      if (reply.outcome === 'yielded' || reply.outcome === 'notHolder') parts.memory.belief.end();
      else parts.memory.belief.resume();
      return reply;
    },
  );

export const leaveFleet = (parts: PodParts) =>
  fromPromise<void, { podId: PodId }>(({ input }) => parts.connection.stores.data.leave(input.podId));
