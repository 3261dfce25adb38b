/**
 * Asking Redis about the lease. Each actor measures belief from the moment of *sending*, and hands over what is left
 * of the window when the answer arrives.
 */
import { fromPromise } from 'xstate';
import {
  type AcquireOutcome,
  type FleetView,
  failureOf,
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

/** Notes whether the answer came in time. */
async function listen<Reply>({ memory }: PodParts, answer: Promise<Reply>): Promise<Reply> {
  try {
    const reply = await answer;
    memory.isUnheard = false;
    return reply;
  } catch (error) {
    if (failureOf(error).kind === 'timeout') memory.isUnheard = true;
    throw error;
  }
}

/**
 * Each acquisition that arrives holds the lease for a whole TTL, heard or not. A pod that is heard but never hears
 * would so keep the fleet without a leader for ever: after a silence it first has an answer to a question that changes
 * nothing, since no lease has epoch 0.
 */
async function hearFirst(parts: PodParts, podId: PodId): Promise<void> {
  const { memory, connection, timing } = parts;
  if (!memory.isUnheard) return;
  await listen(parts, connection.stores.lease.renew({ podId, epoch: 0, ttlMs: timing.leaseTtlMs }));
}

export const acquireLease = (parts: PodParts) =>
  fromPromise<AcquireOutcome, { podId: PodId; timing: Timing }>(async ({ input, signal }) => {
    await hearFirst(parts, input.podId);
    // Nobody waits for a lease any more.
    signal.throwIfAborted();
    const sentAt = momentOf(parts.clock);
    const { lease } = parts.connection.stores;
    const reply = await listen(parts, lease.acquire(acquireRequest(parts, input.podId, input.timing)));
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
    const { lease } = parts.connection.stores;
    const reply = await listen(parts, lease.takeOver({ ...acquireRequest(parts, podId, timing), observed }));
    if (reply.outcome === 'present') {
      return { outcome: 'present', untilTurnMs: untilNextTurn(reply.now, fleet, timing.checkSlotMs), lock: reply.lock };
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
    const reply = await listen(parts, connection.stores.lease.renew(input));
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
      const presenceMs = 3 * timing.pollIntervalMs;
      const offer = { podId, epoch, minIntervalMs, presenceMs };
      const reply = await parts.connection.stores.lease.yield(offer).catch((error: unknown) => {
        parts.memory.belief.resumeWhenConfirmed();
        throw error;
      });
      if (reply.outcome === 'yielded' || reply.outcome === 'notHolder') parts.memory.belief.end();
      else parts.memory.belief.resume();
      return reply;
    },
  );

export const leaveFleet = (parts: PodParts) =>
  fromPromise<void, { podId: PodId }>(({ input }) => parts.connection.stores.data.leave(input.podId));
