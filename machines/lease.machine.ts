/**
 * Lock renewal. One of these runs while a pod leads.
 *
 * Guarantee: `believed` ends no later than one belief window after the last confirmed renewal was *sent*; the actor
 * measures that and hands over what is left on arrival. Past it the machine is `uncertain`, and the pod begins no
 * source call and no publication.
 * Giving the lease back is not its business: the pod does that when it stops.
 * Non-guarantee: a paused process leaves `believed` only when it runs again. Whoever must know at once asks the
 * belief itself (`isLeader()` reads both clocks), not this state.
 * Clock: monotonic, through XState's clock port.
 */
import { assign, sendParent, setup } from 'xstate';
import { type Failure, failureIn } from './failure.ts';
import { outcomeOf, outputOf, type RenewOutcome } from './outcomes.ts';
import type { PodId } from './protocol.ts';
import { clampDelay, type Timing } from './timing.ts';
import { unprovided } from './unprovided.ts';

/** Why a lease ended: taken or expired; never confirmed for too long. */
export type LeaseEnd = 'lost' | 'unheard';

export type LeaseInput = Readonly<{ podId: PodId; epoch: number; beliefLeftMs: number; timing: Timing }>;
export type HolderInput = Readonly<{ podId: PodId; epoch: number; ttlMs: number }>;

/** What the lease tells the pod. */
export type LeaseReport =
  | { type: 'lease.uncertain' }
  | { type: 'lease.confirmed' }
  | { type: 'redis.failed'; failure: Failure };

type Context = LeaseInput & { end: LeaseEnd };

export const leaseMachine = setup({
  types: {
    context: {} as Context,
    input: {} as LeaseInput,
    output: {} as { end: LeaseEnd },
    events: {} as { type: 'time.jumped' },
    emitted: {} as { type: never },
    tags: {} as 'believed' | 'uncertain',
  },
  actors: {
    renewLease: unprovided<RenewOutcome, HolderInput>('renewLease'),
  },
  actions: {
    tellUncertain: sendParent({ type: 'lease.uncertain' }),
    tellConfirmed: sendParent({ type: 'lease.confirmed' }),
    tellFailure: sendParent(({ event }) => ({ type: 'redis.failed', failure: failureIn(event) })),
    keepBelief: assign({ beliefLeftMs: ({ event }) => outputOf<{ beliefLeftMs: number }>(event).beliefLeftMs }),
    endAsUnheard: assign({ end: 'unheard' }),
  },
  guards: {
    leaseIsLost: ({ event }) => outcomeOf(event) === 'lost',
    confirmationIsInTime: ({ event }) => {
      const outcome = outputOf<RenewOutcome>(event);
      return outcome.outcome === 'renewed' && outcome.beliefLeftMs > 0;
    },
  },
  delays: {
    beliefLeft: ({ context }) => clampDelay(context.beliefLeftMs),
    renewInterval: ({ context }) => clampDelay(context.timing.renewIntervalMs),
    renewRetry: ({ context }) => clampDelay(context.timing.retryBaseMs),
    uncertainLimit: ({ context }) => clampDelay(context.timing.uncertainLimitMs),
  },
}).createMachine({
  id: 'lease',
  description: 'Keeps the leader lock alive and knows for how long it may be believed in.',
  context: ({ input }) => ({ ...input, end: 'lost' }),
  output: ({ context }) => ({ end: context.end }),
  initial: 'believed',
  states: {
    believed: {
      description: 'A renewal was confirmed within the belief window: this pod may call the source and publish.',
      tags: ['believed'],
      initial: 'held',
      after: {
        beliefLeft: {
          target: 'uncertain',
          description: 'No confirmation within the belief window: nothing is begun under this lease until one comes.',
        },
      },
      on: {
        'time.jumped': {
          target: 'uncertain',
          description: 'The process was paused or a clock jumped: the lease is unconfirmed until a renewal succeeds.',
        },
      },
      states: {
        held: {
          description: 'Waits for the next renewal.',
          after: { renewInterval: { target: 'renewing' } },
        },
        renewing: {
          description: 'Asks Redis to renew: only if lock and epoch are still this lease.',
          invoke: {
            id: 'renewLease',
            src: 'renewLease',
            input: ({ context }) => ({ podId: context.podId, epoch: context.epoch, ttlMs: context.timing.leaseTtlMs }),
            onDone: [
              {
                guard: 'leaseIsLost',
                target: '#lease.lost',
                description: 'Somebody else holds it, or it is gone: it is never recreated.',
              },
              {
                guard: 'confirmationIsInTime',
                target: '#lease.believed',
                reenter: true,
                actions: 'keepBelief',
              },
              {
                target: '#lease.uncertain',
                description: 'The confirmation came when the belief window was over.',
              },
            ],
            onError: {
              target: 'retrying',
              actions: 'tellFailure',
              description: 'The renewal failed or timed out: it is tried again while the belief lasts.',
            },
          },
        },
        retrying: {
          description: 'Waits a moment before the next try.',
          after: { renewRetry: { target: 'renewing' } },
        },
      },
    },
    uncertain: {
      description: 'The belief window is over. Goes on renewing, but nothing is begun under this lease.',
      tags: ['uncertain'],
      entry: 'tellUncertain',
      initial: 'renewing',
      after: {
        uncertainLimit: {
          target: 'lost',
          actions: 'endAsUnheard',
          description: 'A leader that is heard but never hears would hold for ever: it stops renewing and steps down.',
        },
      },
      on: {
        'time.jumped': {
          target: '.renewing',
          description: 'Paused again: what was under way is not waited for; the limit runs on.',
        },
      },
      states: {
        renewing: {
          description: 'Asks Redis whether the lease is still this one.',
          invoke: {
            id: 'confirmLease',
            src: 'renewLease',
            input: ({ context }) => ({ podId: context.podId, epoch: context.epoch, ttlMs: context.timing.leaseTtlMs }),
            onDone: [
              {
                guard: 'leaseIsLost',
                target: '#lease.lost',
                description: 'Somebody took the lease over meanwhile.',
              },
              {
                guard: 'confirmationIsInTime',
                target: '#lease.believed',
                actions: ['keepBelief', 'tellConfirmed'],
                description: 'A renewal succeeded: nobody took over, the lease is believed in again.',
              },
              { target: 'retrying' },
            ],
            onError: {
              target: 'retrying',
              actions: 'tellFailure',
              description: 'Still unknown whose the lease is.',
            },
          },
        },
        retrying: {
          description: 'Waits a moment before the next try.',
          after: { renewRetry: { target: 'renewing' } },
        },
      },
    },
    lost: { type: 'final', description: 'Not the holder any more, or not for anybody who could know.' },
  },
});
