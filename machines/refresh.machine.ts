/**
 * Refreshing one dataset. One of these runs per dataset on the leader (and in a standalone pod).
 *
 * Guarantee: a source call only under a permit, a publication only of what the schema accepted; a result that could
 * not be published is kept and published later without another call; a bad answer replaces nothing.
 * Non-guarantee: a source call can't be fenced. One that was begun under a lease may end after it.
 * Clock: due times come from Redis with each claim; delays only wait for them.
 */
import { assign, enqueueActions, sendParent, setup } from 'xstate';
import { type Backoff, nextAttempt } from './backoff.ts';
import { type Failure, failureIn } from './failure.ts';
import {
  type CallOutcome,
  type ClaimOutcome,
  type ConfirmOutcome,
  outcomeOf,
  outputOf,
  type PublishOutcome,
  type ValidateOutcome,
} from './outcomes.ts';
import type { DatasetName, PodId, RefreshResult, Version, VersionRecord } from './protocol.ts';
import { clampDelay, type Timing } from './timing.ts';
import { unprovided } from './unprovided.ts';

/** What the machines know of a dataset. */
export type DatasetPlan = Readonly<{
  name: DatasetName;
  refreshIntervalMs: number;
  /** At most so many source calls of the whole fleet in any window of `perMs`. */
  budget: Readonly<{ calls: number; perMs: number }>;
  /** Waits after failed source calls. */
  backoff: Backoff;
  /** Refreshes that failed in a row before this pod thinks the fault may be its own. */
  failuresBeforeYield: number;
}>;

export type RefreshInput = Readonly<{
  podId: PodId;
  epoch: number;
  plan: DatasetPlan;
  timing: Timing;
  /** A result from before that was never published is waiting. */
  hasUnpublished: boolean;
}>;

/** The dataset and the lease that an actor acts under. */
export type RefreshTask = Readonly<{ podId: PodId; epoch: number; plan: DatasetPlan }>;

/** What refreshing tells the pod. */
export type RefreshReport =
  | { type: 'refresh.called'; dataset: DatasetName; permitId: string }
  | { type: 'refresh.published'; dataset: DatasetName; record: VersionRecord }
  | { type: 'refresh.unchanged'; dataset: DatasetName; record: VersionRecord }
  | { type: 'refresh.failed'; dataset: DatasetName; failure: Failure; attempt: number }
  | { type: 'refresh.failing'; dataset: DatasetName; refreshIntervalMs: number }
  | { type: 'refresh.refused'; dataset: DatasetName; waitMs: number }
  | { type: 'refresh.blocked'; dataset: DatasetName; failure: Failure }
  /** A validated result waits to be published; it was published by nobody and is out of date. */
  | { type: 'refresh.kept'; dataset: DatasetName }
  | { type: 'refresh.dropped'; dataset: DatasetName }
  | { type: 'refresh.mismatched'; dataset: DatasetName }
  | { type: 'refresh.fenced'; dataset: DatasetName }
  /** To those who asked for it. */
  | { type: 'refresh.answered'; dataset: DatasetName; result: RefreshResult }
  | { type: 'refresh.finished'; dataset: DatasetName }
  | { type: 'redis.failed'; failure: Failure };

export type RefreshEvent =
  /** The lease is confirmed and this pod has synced: go on. */
  | { type: 'refresh.resumed' }
  /** The lease is unconfirmed: begin nothing. */
  | { type: 'refresh.suspended' }
  /** Somebody asks for a refresh now. */
  | { type: 'refresh.requested' }
  /** A restore overrode what this leader published last: publish it again. */
  | { type: 'refresh.overridden' }
  /** Stop when what is under way is done. */
  | { type: 'refresh.finish' };

type Context = RefreshTask & {
  timing: Timing;
  /** The lease is confirmed. */
  isResumed: boolean;
  isRequested: boolean;
  isFinishing: boolean;
  /** A validated result that is not in Redis yet. */
  hasUnpublished: boolean;
  /** What the source has confirmed, as far as Redis doesn't hold that yet. */
  unconfirmed: Version | null;
  /** Source calls that failed in a row. */
  attempt: number;
  /** Failures of Redis in a row. */
  redisAttempt: number;
  /** How long the state that waits waits. */
  waitMs: number;
  retryAfterMs: number | null;
};

type Wait = { waitMs: number };
type Recorded = { record: VersionRecord };

const task = (context: Context): RefreshTask => ({ podId: context.podId, epoch: context.epoch, plan: context.plan });

export const refreshMachine = setup({
  types: {
    context: {} as Context,
    input: {} as RefreshInput,
    events: {} as RefreshEvent,
    emitted: {} as { type: never },
    tags: {} as 'calling' | 'publishing' | 'blocked' | 'backingOff',
  },
  actors: {
    claimPermit: unprovided<ClaimOutcome, RefreshTask & { isRequested: boolean }>('claimPermit'),
    callSource: unprovided<CallOutcome, RefreshTask>('callSource'),
    validateResult: unprovided<ValidateOutcome, RefreshTask>('validateResult'),
    publishRevision: unprovided<PublishOutcome, RefreshTask>('publishRevision'),
    confirmRevision: unprovided<ConfirmOutcome, RefreshTask & { version: Version | null }>('confirmRevision'),
    deferCall: unprovided<{ delayMs: number }, RefreshTask & { attempt: number; retryAfterMs: number | null }>(
      'deferCall',
    ),
  },
  actions: {
    noteResumed: assign({ isResumed: true }),
    noteSuspended: assign({ isResumed: false }),
    noteRequested: assign({ isRequested: true }),
    noteFinishing: assign({ isFinishing: true }),
    noteUnpublished: assign({ hasUnpublished: true }),
    forgetUnpublished: assign({ hasUnpublished: false }),
    noteUnconfirmed: assign({ unconfirmed: ({ event }) => outputOf<{ version: Version }>(event).version }),
    forgetUnconfirmed: assign({ unconfirmed: null }),
    forgetFailures: assign({ attempt: 0, redisAttempt: 0, retryAfterMs: null }),
    noteRedisFailure: assign({ redisAttempt: ({ context }) => nextAttempt(context.redisAttempt) }),
    noteWait: assign({ waitMs: (_, { waitMs }: { waitMs: number }) => waitMs, redisAttempt: 0 }),
    noteSourceFailure: assign({
      attempt: ({ context }) => nextAttempt(context.attempt),
      retryAfterMs: ({ event }) => failureIn(event).retryAfterMs ?? null,
    }),
    tellFailedCall: sendParent(({ context, event }) => ({
      type: 'refresh.failed',
      dataset: context.plan.name,
      failure: failureIn(event),
      attempt: context.attempt,
    })),
    tellFailing: enqueueActions(({ enqueue, context }) => {
      const { plan, attempt } = context;
      if (attempt < plan.failuresBeforeYield) return;
      enqueue.sendParent({
        type: 'refresh.failing',
        dataset: plan.name,
        refreshIntervalMs: plan.refreshIntervalMs,
      } satisfies RefreshReport);
    }),
    tellCalled: sendParent(({ context }, { permitId }: { permitId: string }) => ({
      type: 'refresh.called',
      dataset: context.plan.name,
      permitId,
    })),
    tellPublished: sendParent(({ context }, { record }: { record: VersionRecord }) => ({
      type: 'refresh.published',
      dataset: context.plan.name,
      record,
    })),
    tellUnchanged: sendParent(({ context }, { record }: { record: VersionRecord }) => ({
      type: 'refresh.unchanged',
      dataset: context.plan.name,
      record,
    })),
    tellRefused: sendParent(({ context }, { waitMs }: { waitMs: number }) => ({
      type: 'refresh.refused',
      dataset: context.plan.name,
      waitMs,
    })),
    tellBlocked: sendParent(({ context, event }) => ({
      type: 'refresh.blocked',
      dataset: context.plan.name,
      failure: failureIn(event),
    })),
    tellMismatched: sendParent(({ context }) => ({ type: 'refresh.mismatched', dataset: context.plan.name })),
    tellKept: sendParent(({ context }) => ({ type: 'refresh.kept', dataset: context.plan.name })),
    tellDropped: sendParent(({ context }) => ({ type: 'refresh.dropped', dataset: context.plan.name })),
    tellFenced: sendParent(({ context }) => ({ type: 'refresh.fenced', dataset: context.plan.name })),
    tellFinished: sendParent(({ context }) => ({ type: 'refresh.finished', dataset: context.plan.name })),
    tellRedisFailure: sendParent(({ event }) => ({ type: 'redis.failed', failure: failureIn(event) })),
    answerOverBudget: enqueueActions(({ enqueue, context, event }) => {
      if (!context.isRequested) return;
      const { waitMs } = outputOf<Wait>(event);
      const result: RefreshResult = { outcome: 'overBudget', retryAfterMs: waitMs };
      enqueue.sendParent({ type: 'refresh.answered', dataset: context.plan.name, result } satisfies RefreshReport);
      enqueue.assign({ isRequested: false });
    }),
    answer: enqueueActions(({ enqueue, context }, { result }: { result: RefreshResult }) => {
      if (!context.isRequested) return;
      enqueue.sendParent({ type: 'refresh.answered', dataset: context.plan.name, result } satisfies RefreshReport);
      enqueue.assign({ isRequested: false });
    }),
  },
  guards: {
    leaseIsUnconfirmed: ({ context }) => !context.isResumed,
    leaseIsConfirmed: ({ context }) => context.isResumed,
    isFinishing: ({ context }) => context.isFinishing,
    isToFinish: ({ context }) => context.isFinishing && !context.hasUnpublished && context.unconfirmed === null,
    somethingIsUnpublished: ({ context }) => context.hasUnpublished,
    somethingIsUnconfirmed: ({ context }) => context.unconfirmed !== null,
    nothingIsUnwritten: ({ context }) => !context.hasUnpublished && context.unconfirmed === null,
    requestIsNew: ({ context }) => !context.isRequested,
    permitIsGranted: ({ event }) => outcomeOf(event) === 'granted',
    leaseIsAnothers: ({ event }) => outcomeOf(event) === 'notHolder',
    beliefHasEnded: ({ event }) => outcomeOf(event) === 'uncertain',
    budgetIsSpent: ({ event }) => outcomeOf(event) === 'overBudget',
    sourceHasAnswered: ({ event }) => outcomeOf(event) === 'answered',
    nothingHasChanged: ({ event }) => outcomeOf(event) === 'unchanged',
    resultIsNew: ({ event }) => outcomeOf(event) === 'changed',
    revisionIsPublished: ({ event }) => outcomeOf(event) === 'published',
    redisHoldsAnother: ({ event }) => outcomeOf(event) === 'mismatch',
    revisionIsConfirmed: ({ event }) => outcomeOf(event) === 'confirmed',
    redisTakesNoWrites: ({ event }) => ['full', 'diskFailing'].includes(failureIn(event).kind),
  },
  delays: {
    dueIn: ({ context }) => clampDelay(context.waitMs),
    /** Jittered by whoever runs the machine. */
    redisRetry: ({ context }) => clampDelay(context.timing.retryBaseMs * 2 ** Math.min(context.redisAttempt, 6)),
    beliefRetry: ({ context }) => clampDelay(context.timing.retryBaseMs),
    resyncLimit: ({ context }) => clampDelay(context.timing.retryCapMs),
  },
}).createMachine({
  id: 'refresh',
  description: 'Fetches one dataset when it is due and publishes what changed.',
  context: ({ input }) => ({
    ...input,
    isResumed: false,
    isRequested: false,
    isFinishing: false,
    unconfirmed: null,
    attempt: 0,
    redisAttempt: 0,
    waitMs: 0,
    retryAfterMs: null,
  }),
  initial: 'suspended',
  on: {
    'refresh.resumed': { actions: 'noteResumed' },
    'refresh.suspended': {
      actions: 'noteSuspended',
      description: 'What is under way ends; nothing new begins.',
    },
    'refresh.requested': { actions: 'noteRequested' },
    'refresh.overridden': { actions: 'noteUnpublished' },
    'refresh.finish': { actions: 'noteFinishing' },
  },
  states: {
    suspended: {
      description: 'The lease is unconfirmed, or this pod has not synced under it yet: nothing is begun.',
      always: {
        guard: 'isFinishing',
        target: 'finished',
        description: 'Nothing can be done under this lease any more.',
      },
      after: {
        beliefRetry: {
          guard: 'leaseIsConfirmed',
          target: 'deciding',
          description: 'The belief had run out by its own clocks alone: a renewal may have been confirmed since.',
        },
      },
      on: {
        'refresh.resumed': { target: 'deciding', actions: 'noteResumed' },
        'refresh.finish': { target: 'finished', description: 'Nothing is under way.' },
      },
    },
    deciding: {
      description: 'What comes next: nothing, what is still to be published, or the next call.',
      always: [
        { guard: 'leaseIsUnconfirmed', target: 'suspended' },
        { guard: 'isToFinish', target: 'finished' },
        {
          guard: 'somethingIsUnpublished',
          target: 'publishing',
          description: 'A result of an earlier call is published without another one.',
        },
        {
          guard: 'somethingIsUnconfirmed',
          target: 'confirming',
          description: 'An earlier call found nothing new: that is written without another one.',
        },
        { target: 'claiming' },
      ],
    },
    claiming: {
      description: 'Asks Redis for a permit: due by its clock, and within the budget?',
      invoke: {
        id: 'claimPermit',
        src: 'claimPermit',
        input: ({ context }) => ({ ...task(context), isRequested: context.isRequested }),
        onDone: [
          {
            guard: 'leaseIsAnothers',
            target: 'fenced',
            description: 'Another pod holds a newer lease.',
          },
          {
            guard: 'leaseIsUnconfirmed',
            target: 'suspended',
            description: 'Unconfirmed meanwhile: a permit that was given is asked for again, under the same id.',
          },
          {
            guard: 'permitIsGranted',
            target: 'fetching',
            actions: { type: 'tellCalled', params: ({ event }) => outputOf<{ permitId: string }>(event) },
          },
          {
            guard: 'beliefHasEnded',
            target: 'suspended',
            description: 'The belief window is over: nothing is claimed.',
          },
          {
            guard: 'budgetIsSpent',
            target: 'waiting',
            actions: [
              { type: 'noteWait', params: ({ event }) => outputOf<Wait>(event) },
              { type: 'tellRefused', params: ({ event }) => outputOf<Wait>(event) },
              'answerOverBudget',
            ],
            description: 'The fleet has spent its budget: the call waits until the window has moved on.',
          },
          {
            target: 'waiting',
            actions: [{ type: 'noteWait', params: ({ event }) => outputOf<Wait>(event) }, 'answerOverBudget'],
          },
        ],
        onError: {
          target: 'retrying',
          actions: ['noteRedisFailure', 'tellRedisFailure'],
          description: 'Unknown whether a permit was given: asking again with the same id gives the same one.',
        },
      },
      on: {
        'refresh.requested': {
          guard: 'requestIsNew',
          target: 'claiming',
          reenter: true,
          actions: 'noteRequested',
          description: 'Asked again, as a request: the answer under way is about what is due.',
        },
      },
    },
    waiting: {
      description: 'Nothing is due.',
      always: { guard: 'isToFinish', target: 'finished' },
      after: { dueIn: { target: 'deciding' } },
      on: {
        'refresh.requested': { target: 'deciding', actions: 'noteRequested' },
        'refresh.overridden': {
          target: 'deciding',
          actions: 'noteUnpublished',
          description: 'A restore overrode the last publication: it is published again, as a higher revision.',
        },
        'refresh.suspended': { target: 'suspended', actions: 'noteSuspended' },
        'refresh.finish': { target: 'finished' },
      },
    },
    fetching: {
      description: 'One source call, with a time limit.',
      tags: ['calling'],
      invoke: {
        id: 'callSource',
        src: 'callSource',
        input: ({ context }) => task(context),
        onDone: [
          {
            guard: 'sourceHasAnswered',
            target: 'validating',
          },
          {
            guard: 'nothingHasChanged',
            target: 'deciding',
            actions: 'noteUnconfirmed',
            description: 'Confirmed next, or when the lease is.',
          },
          {
            target: 'suspended',
            description: 'Permit or belief ran out before the call began: nothing was called.',
          },
        ],
        onError: {
          target: 'deferring',
          actions: ['noteSourceFailure', 'tellFailedCall'],
          description: 'The source failed: the last good revision stays.',
        },
      },
    },
    validating: {
      description: "Checks the answer with the dataset's schema.",
      tags: ['calling'],
      invoke: {
        id: 'validateResult',
        src: 'validateResult',
        input: ({ context }) => task(context),
        onDone: [
          {
            guard: 'resultIsNew',
            target: 'deciding',
            actions: ['noteUnpublished', 'tellKept'],
            description: 'Published next, or kept while the lease is unconfirmed.',
          },
          {
            target: 'deciding',
            actions: 'noteUnconfirmed',
            description: 'Byte for byte what is published: no new revision.',
          },
        ],
        onError: {
          target: 'deferring',
          actions: ['noteSourceFailure', 'tellFailedCall'],
          description: 'The schema refuses the answer: the last good revision stays.',
        },
      },
    },
    publishing: {
      description: 'Writes payload and data version and announces them, all or nothing, if still the holder.',
      tags: ['publishing'],
      invoke: {
        id: 'publishRevision',
        src: 'publishRevision',
        input: ({ context }) => task(context),
        onDone: [
          {
            guard: 'revisionIsPublished',
            target: 'deciding',
            actions: [
              'forgetUnpublished',
              'forgetFailures',
              { type: 'tellPublished', params: ({ event }) => outputOf<Recorded>(event) },
              { type: 'answer', params: { result: { outcome: 'published' } } },
            ],
          },
          {
            guard: 'redisHoldsAnother',
            target: 'resyncing',
            actions: 'tellMismatched',
            description: 'Redis holds another version than this leader built on: sync, then propose anew.',
          },
          {
            guard: 'leaseIsAnothers',
            target: 'fenced',
            description: 'Fenced: another pod holds a newer lease. The result is kept.',
          },
          {
            guard: 'beliefHasEnded',
            target: 'suspended',
            description: 'The belief window is over: the result is kept until the lease is confirmed.',
          },
          {
            target: 'deciding',
            actions: ['forgetUnpublished', 'tellDropped'],
            description: 'Somebody has called the source since: what was kept is out of date.',
          },
        ],
        onError: [
          {
            guard: 'redisTakesNoWrites',
            target: 'blocked',
            actions: ['noteRedisFailure', 'tellBlocked'],
            description: 'Redis is full or cannot save: the lease is kept, the result too.',
          },
          {
            target: 'retrying',
            actions: ['noteRedisFailure', 'tellRedisFailure'],
            description: 'Unknown whether it was published: sent again, the script finds its own version.',
          },
        ],
      },
    },
    blocked: {
      description: 'Redis takes no writes (out of memory, or its disk fails). Publishing is tried again with backoff.',
      tags: ['blocked'],
      after: { redisRetry: { target: 'deciding' } },
      on: {
        'refresh.suspended': { target: 'suspended', actions: 'noteSuspended' },
        'refresh.finish': { target: 'finished', description: 'It could not be published: the next leader calls anew.' },
      },
    },
    resyncing: {
      description: 'Waits until this pod has seen what Redis holds now.',
      after: { resyncLimit: { target: 'deciding' } },
      on: {
        'refresh.resumed': { target: 'deciding', actions: 'noteResumed' },
        'refresh.suspended': { target: 'suspended', actions: 'noteSuspended' },
      },
    },
    confirming: {
      description: 'The source has nothing new: moves `checkedAt`, and no revision.',
      tags: ['publishing'],
      invoke: {
        id: 'confirmRevision',
        src: 'confirmRevision',
        input: ({ context }) => ({ ...task(context), version: context.unconfirmed }),
        onDone: [
          {
            guard: 'revisionIsConfirmed',
            target: 'deciding',
            actions: [
              'forgetUnconfirmed',
              'forgetFailures',
              { type: 'tellUnchanged', params: ({ event }) => outputOf<Recorded>(event) },
              { type: 'answer', params: { result: { outcome: 'unchanged' } } },
            ],
          },
          {
            guard: 'leaseIsAnothers',
            target: 'fenced',
            description: 'Another pod holds a newer lease.',
          },
          {
            guard: 'beliefHasEnded',
            target: 'suspended',
            description: 'The belief window is over: it is written when the lease is confirmed.',
          },
          {
            target: 'resyncing',
            actions: ['forgetUnconfirmed', 'forgetFailures', 'tellMismatched'],
            description: 'The confirmed version is not the stored one any more.',
          },
        ],
        onError: {
          target: 'retrying',
          actions: ['noteRedisFailure', 'tellRedisFailure'],
          description: 'Unknown whether it was written: it is written again.',
        },
      },
    },
    retrying: {
      description: 'A command failed. Waits with backoff.',
      after: { redisRetry: { target: 'deciding' } },
      on: {
        'refresh.suspended': { target: 'suspended', actions: 'noteSuspended' },
        'refresh.finish': { guard: 'nothingIsUnwritten', target: 'finished' },
      },
    },
    deferring: {
      description: 'Writes into the schedule when the source may be called again, whoever leads then.',
      invoke: {
        id: 'deferCall',
        src: 'deferCall',
        input: ({ context }) => ({ ...task(context), attempt: context.attempt, retryAfterMs: context.retryAfterMs }),
        onDone: {
          target: 'backingOff',
          actions: [
            { type: 'noteWait', params: ({ event }) => ({ waitMs: event.output.delayMs }) },
            {
              type: 'answer',
              params: ({ event }) => ({ result: { outcome: 'failed', retryAfterMs: event.output.delayMs } }),
            },
            'tellFailing',
          ],
        },
        onError: {
          target: 'backingOff',
          actions: [
            { type: 'noteWait', params: ({ context }) => ({ waitMs: context.plan.backoff.capMs }) },
            'tellRedisFailure',
            { type: 'answer', params: { result: { outcome: 'failed' } } },
            'tellFailing',
          ],
          description: 'Unknown whether the schedule holds it: this leader waits all the same.',
        },
      },
    },
    backingOff: {
      description: 'The source failed: waits with exponential backoff and full jitter, or as long as it asked for.',
      tags: ['backingOff'],
      always: { guard: 'isToFinish', target: 'finished' },
      after: { dueIn: { target: 'deciding' } },
      on: {
        'refresh.requested': { target: 'deciding', actions: 'noteRequested' },
        'refresh.suspended': { target: 'suspended', actions: 'noteSuspended' },
        'refresh.finish': { target: 'finished' },
      },
    },
    fenced: {
      description: 'Not the holder any more: waits for the pod to end this leadership.',
      entry: 'tellFenced',
    },
    finished: {
      type: 'final',
      description: 'Nothing is under way.',
      entry: 'tellFinished',
    },
  },
});
