/**
 * Version syncing: brings what Redis holds into this pod's memory, and back what Redis lost.
 *
 * Guarantee: only payloads whose checksum and schema were verified reach `applied`, in the order of versions, never
 * backwards. Announcements are hints; every entry begins with a poll, so a hint that was missed costs one poll.
 * Non-guarantee: how soon; an announcement takes milliseconds, a poll its interval.
 * Clock: none of its own but the delays.
 */
import { assign, enqueueActions, sendParent, setup } from 'xstate';
import { nextAttempt } from './backoff.ts';
import { type Failure, failureIn } from './failure.ts';
import type { PollOutcome, VerifyOutcome } from './outcomes.ts';
import { compareVersions, type DatasetName, type VersionRecord, type VersionRecords } from './protocol.ts';
import { clampDelay, type Timing } from './timing.ts';
import { unprovided, unprovidedReporter } from './unprovided.ts';

/** A version this pod doesn't serve, and why. */
export type Refused = Readonly<Record<DatasetName, { record: VersionRecord; reason: string }>>;

export type SyncInput = Readonly<{ held: VersionRecords; rejected: Refused; timing: Timing }>;

/** What syncing tells the pod. */
export type SyncReport =
  | { type: 'sync.checked'; poll: PollOutcome }
  /** What a poll showed is taken, or could not be for now. */
  | { type: 'sync.settled' }
  | { type: 'sync.applied'; records: VersionRecords }
  | { type: 'sync.rejected'; rejected: Refused }
  | { type: 'sync.damaged'; damaged: Refused }
  | { type: 'sync.restored'; datasets: DatasetName[] }
  | { type: 'redis.failed'; failure: Failure };

export type SyncEvent =
  /** Poll now: after a grant, a mismatch, a doubt. */
  | { type: 'sync.check' }
  /** A version was published; `isStaged` when its payload came with the announcement. */
  | { type: 'announcement.published'; dataset: DatasetName; record: VersionRecord; isStaged: boolean }
  /** A version was published, its payload came with the announcement, passed the checks and is served. */
  | { type: 'announcement.verified'; dataset: DatasetName; record: VersionRecord }
  | { type: 'announcement.suspected'; dataset: DatasetName }
  /** A call was announced among fewer than this pod knows of. */
  | { type: 'calls.forgotten' };

type Context = {
  timing: Timing;
  /** In memory, verified. */
  held: VersionRecords;
  /** In Redis, as last heard of. */
  stored: VersionRecords;
  /** Being downloaded and verified now. */
  work: VersionRecords;
  rejected: Refused;
  /** Found damaged, and neither verified nor refused since. */
  damaged: Refused;
  /** In the fleet, as of the last poll. */
  rank: number;
  /** What Redis lacks and this pod holds. */
  wanted: DatasetName[];
  /** Failures in a row. */
  attempt: number;
  /** A poll was made and what it showed is still being worked on. */
  isSettling: boolean;
  /** Somebody must know what Redis holds, and it is being mended just now. */
  isAskedMeanwhile: boolean;
};

/** What a pod never goes back behind: of what was verified, that which is newer than what it holds. */
function newerThanHeld({ held }: Context, records: VersionRecords): VersionRecords {
  return Object.fromEntries(
    Object.entries(records).filter(([name, record]) => compareVersions(record, held[name]) > 0),
  );
}

function isTheSame(known: { record: VersionRecord } | undefined, record: VersionRecord): boolean {
  return known !== undefined && compareVersions(known.record, record) === 0;
}

/** Newer than what is held, and neither refused by the schema nor known to be damaged until somebody restored it. */
function isWorthHaving(context: Context, dataset: DatasetName, record: VersionRecord): boolean {
  if (compareVersions(record, context.held[dataset]) <= 0) return false;
  if (isTheSame(context.rejected[dataset], record)) return false;
  return !(record.isSuspect && isTheSame(context.damaged[dataset], record));
}

function missing(context: Context): VersionRecords {
  return Object.fromEntries(
    Object.entries(context.stored).filter(([name, record]) => isWorthHaving(context, name, record)),
  );
}

/** Of what was worked on last. */
function foundDamaged({ damaged, work }: Context): VersionRecords {
  return Object.fromEntries(Object.entries(work).filter(([name, record]) => isTheSame(damaged[name], record)));
}

export const syncMachine = setup({
  types: {
    context: {} as Context,
    input: {} as SyncInput,
    events: {} as SyncEvent,
    emitted: {} as { type: never },
    tags: {} as 'syncing',
  },
  actors: {
    /** Reports `announcement.…` and `calls.forgotten`. */
    announcements: unprovidedReporter<SyncEvent, undefined>('announcements'),
    poll: unprovided<PollOutcome, { held: VersionRecords; rejected: Refused }>('poll'),
    downloadRevisions: unprovided<void, { records: VersionRecords }>('downloadRevisions'),
    verifyRevisions: unprovided<VerifyOutcome, { records: VersionRecords }>('verifyRevisions'),
    reportDamage: unprovided<void, { records: VersionRecords }>('reportDamage'),
    restoreRevisions: unprovided<void, { datasets: DatasetName[] }>('restoreRevisions'),
  },
  actions: {
    /** Swaps the served revisions: provided by whoever runs the machine. */
    serveRevisions: (_, _params: { records: VersionRecords }) => {},
    notePoll: assign((_, { poll }: { poll: PollOutcome }) => ({
      stored: poll.records,
      wanted: poll.wanted,
      rank: poll.fleet.rank,
      isSettling: true,
      isAskedMeanwhile: false,
    })),
    noteAnnouncement: assign({
      stored: ({ context }, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) => ({
        ...context.stored,
        [dataset]: record,
      }),
    }),
    takeUpMissing: assign({ work: ({ context }) => missing(context) }),
    takeUpAnnounced: assign({
      work: (_, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) => ({ [dataset]: record }),
    }),
    noteVerified: assign(({ context }, { outcome }: { outcome: VerifyOutcome }) => ({
      held: { ...context.held, ...newerThanHeld(context, outcome.verified) },
      rejected: { ...context.rejected, ...outcome.rejected },
      damaged: {
        ...Object.fromEntries(Object.entries(context.damaged).filter(([name]) => !(name in context.work))),
        ...outcome.damaged,
      },
    })),
    noteServed: assign({
      stored: ({ context }, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) => ({
        ...context.stored,
        [dataset]: record,
      }),
      held: ({ context }, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) => ({
        ...context.held,
        [dataset]: record,
      }),
    }),
    noteFailure: assign({ attempt: ({ context }) => nextAttempt(context.attempt) }),
    tellChecked: sendParent((_, { poll }: { poll: PollOutcome }) => ({ type: 'sync.checked', poll })),
    tellVerified: enqueueActions(({ enqueue, context }, { outcome }: { outcome: VerifyOutcome }) => {
      const { rejected, damaged } = outcome;
      const verified = newerThanHeld(context, outcome.verified);
      if (Object.keys(verified).length > 0) {
        enqueue.sendParent({ type: 'sync.applied', records: verified } satisfies SyncReport);
      }
      if (Object.keys(rejected).length > 0)
        enqueue.sendParent({ type: 'sync.rejected', rejected } satisfies SyncReport);
      if (Object.keys(damaged).length > 0) enqueue.sendParent({ type: 'sync.damaged', damaged } satisfies SyncReport);
    }),
    tellServed: sendParent((_, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) => ({
      type: 'sync.applied',
      records: { [dataset]: record },
    })),
    tellRestored: sendParent(({ context }) => ({ type: 'sync.restored', datasets: context.wanted })),
    tellSettled: enqueueActions(({ enqueue, context }) => {
      if (!context.isSettling) return;
      enqueue.assign({ isSettling: false });
      enqueue.sendParent({ type: 'sync.settled' } satisfies SyncReport);
    }),
    tellFailure: sendParent(({ event }) => ({ type: 'redis.failed', failure: failureIn(event) })),
    forgetWanted: assign({ wanted: [] }),
    // What was polled before is no answer to that.
    noteAskedMeanwhile: assign({ isAskedMeanwhile: true, isSettling: false }),
    forgetFailures: assign({ attempt: 0 }),
  },
  guards: {
    redisHasNewer: ({ context }) => Object.keys(missing(context)).length > 0,
    isAskedMeanwhile: ({ context }) => context.isAskedMeanwhile,
    redisLacksOurs: ({ context }) => context.wanted.length > 0,
    somethingIsDamaged: ({ context }) => Object.keys(foundDamaged(context)).length > 0,
    announcementIsNewsWithPayload: (
      { context },
      event: { dataset: DatasetName; record: VersionRecord; isStaged: boolean },
    ) => event.isStaged && isWorthHaving(context, event.dataset, event.record),
    announcementIsNews: ({ context }, event: { dataset: DatasetName; record: VersionRecord }) =>
      isWorthHaving(context, event.dataset, event.record),
    isNewerThanHeld: ({ context }, { dataset, record }: { dataset: DatasetName; record: VersionRecord }) =>
      compareVersions(record, context.held[dataset]) > 0,
    weHoldIt: ({ context }, { dataset }: { dataset: DatasetName }) => context.held[dataset] !== undefined,
  },
  delays: {
    rankDelay: ({ context }) => clampDelay(context.rank * context.timing.rankStepMs),
    /** Jittered by whoever runs the machine, as all that follow. */
    pollInterval: ({ context }) => clampDelay(context.timing.pollIntervalMs),
    offerJitter: ({ context }) => clampDelay(context.timing.retryBaseMs),
    syncRetry: ({ context }) => clampDelay(context.timing.retryBaseMs * 2 ** Math.min(context.attempt, 6)),
  },
}).createMachine({
  id: 'sync',
  description: 'Keeps this pod on the newest version, and Redis too.',
  context: ({ input }) => ({
    timing: input.timing,
    held: input.held,
    rejected: input.rejected,
    stored: {},
    work: {},
    damaged: {},
    rank: 0,
    wanted: [],
    attempt: 0,
    isSettling: false,
    isAskedMeanwhile: false,
  }),
  initial: 'checking',
  invoke: { id: 'announcements', src: 'announcements' },
  on: {
    'sync.check': { target: '.checking', description: 'Somebody must know what Redis holds now.' },
    'announcement.published': {
      actions: { type: 'noteAnnouncement', params: ({ event }) => event },
      description: 'Heard while busy: looked at when the work under way is done.',
    },
    'announcement.verified': {
      guard: { type: 'isNewerThanHeld', params: ({ event }) => event },
      actions: [
        { type: 'noteServed', params: ({ event }) => event },
        { type: 'tellServed', params: ({ event }) => event },
      ],
      description: 'Came with its payload: readers have it already.',
    },
    'calls.forgotten': {
      target: '.telling',
      description: 'Redis fell back behind source calls that this pod knows of: told at once, they are not made again.',
    },
  },
  states: {
    idle: {
      description: 'On the newest version known. Waits for an announcement or the next poll.',
      entry: ['forgetFailures', 'tellSettled'],
      after: { pollInterval: { target: 'checking' } },
      on: {
        'announcement.published': [
          {
            guard: { type: 'announcementIsNewsWithPayload', params: ({ event }) => event },
            target: 'verifying',
            actions: [
              { type: 'noteAnnouncement', params: ({ event }) => event },
              { type: 'takeUpAnnounced', params: ({ event }) => event },
            ],
            description: 'A small payload came with its announcement.',
          },
          {
            guard: { type: 'announcementIsNews', params: ({ event }) => event },
            target: 'downloading',
            actions: { type: 'noteAnnouncement', params: ({ event }) => event },
          },
          { actions: { type: 'noteAnnouncement', params: ({ event }) => event } },
        ],
        'announcement.suspected': {
          guard: { type: 'weHoldIt', params: ({ event }) => event },
          target: 'offering',
          description: 'Redis lost a payload that this pod may hold.',
        },
      },
    },
    offering: {
      description: 'Waits a jittered moment, so that not every pod offers the same version at once.',
      after: { offerJitter: { target: 'checking' } },
    },
    telling: {
      description: 'Waits for its turn in the order of rank, a few ms apart: the fleet does not tell Redis at once.',
      after: { rankDelay: { target: 'checking' } },
      on: { 'calls.forgotten': { description: 'About to be told: its turn comes no later for it.' } },
    },
    checking: {
      description:
        'Polls: reads the data version and reports this pod, its epoch, its versions and the calls it knows of.',
      tags: ['syncing'],
      invoke: {
        id: 'poll',
        src: 'poll',
        input: ({ context }) => ({ held: context.held, rejected: context.rejected }),
        onDone: {
          target: 'comparing',
          actions: [
            { type: 'notePoll', params: ({ event }) => ({ poll: event.output }) },
            { type: 'tellChecked', params: ({ event }) => ({ poll: event.output }) },
          ],
        },
        onError: {
          target: 'retrying',
          actions: ['noteFailure', 'tellFailure'],
          description: 'Redis did not answer or refused: what is in memory stays.',
        },
      },
    },
    comparing: {
      description: 'Compares what Redis holds with what this pod holds.',
      always: [
        { guard: 'isAskedMeanwhile', target: 'checking', description: 'Somebody asked while something was restored.' },
        { guard: 'redisHasNewer', target: 'downloading' },
        {
          guard: 'redisLacksOurs',
          target: 'restoring',
          description: 'Redis lost a version that this pod holds: nothing published may be lost.',
        },
        { target: 'idle' },
      ],
    },
    downloading: {
      description: 'Fetches from Redis the payloads that this pod lacks, and only these.',
      tags: ['syncing'],
      entry: 'takeUpMissing',
      invoke: {
        id: 'downloadRevisions',
        src: 'downloadRevisions',
        input: ({ context }) => ({ records: context.work }),
        onDone: { target: 'verifying' },
        onError: {
          target: 'retrying',
          actions: ['noteFailure', 'tellFailure'],
          description: 'The download failed: the last good revision stays.',
        },
      },
    },
    verifying: {
      description: 'Checks checksum and schema.',
      tags: ['syncing'],
      invoke: {
        id: 'verifyRevisions',
        src: 'verifyRevisions',
        input: ({ context }) => ({ records: context.work }),
        onDone: {
          target: 'applied',
          actions: [
            { type: 'serveRevisions', params: ({ event }) => ({ records: event.output.verified }) },
            { type: 'tellVerified', params: ({ event }) => ({ outcome: event.output }) },
            { type: 'noteVerified', params: ({ event }) => ({ outcome: event.output }) },
          ],
        },
        onError: {
          target: 'retrying',
          actions: ['noteFailure', 'tellFailure'],
          description: 'Neither verified nor refused: what is in memory stays.',
        },
      },
    },
    applied: {
      description: 'What was verified is served now; what was not is known by its reason.',
      always: [
        {
          guard: 'somethingIsDamaged',
          target: 'reportingDamage',
          description: 'A payload is missing or its checksum fails: the last good revision stays.',
        },
        { guard: 'redisHasNewer', target: 'downloading' },
        { guard: 'redisLacksOurs', target: 'restoring' },
        { target: 'idle' },
      ],
    },
    reportingDamage: {
      description: 'Marks the damaged payload in Redis, so that a pod that holds this version restores it.',
      tags: ['syncing'],
      entry: 'noteFailure',
      invoke: {
        id: 'reportDamage',
        src: 'reportDamage',
        input: ({ context }) => ({ records: foundDamaged(context) }),
        onDone: { target: 'retrying' },
        onError: {
          target: 'retrying',
          actions: 'tellFailure',
          description: 'Unknown whether it is marked: if it is not, the next look finds it again.',
        },
      },
    },
    restoring: {
      description: 'Puts back what Redis lost. Needs no lease: it adds nothing that was not published.',
      tags: ['syncing'],
      invoke: {
        id: 'restoreRevisions',
        src: 'restoreRevisions',
        input: ({ context }) => ({ datasets: context.wanted }),
        onDone: { target: 'comparing', actions: ['tellRestored', 'forgetWanted'] },
        onError: {
          target: 'retrying',
          actions: ['noteFailure', 'tellFailure'],
          description: 'Unknown what was restored: the next poll says what is still wanted.',
        },
      },
      on: {
        'sync.check': {
          actions: 'noteAskedMeanwhile',
          description: 'Looked at when it is restored: broken off, it would be done all the same and told by nobody.',
        },
        'calls.forgotten': {
          actions: 'noteAskedMeanwhile',
          description: 'Told when it is restored.',
        },
      },
    },
    retrying: {
      description: 'Waits with jittered backoff, then looks again.',
      // What Redis holds is known, though not all of it could be taken: a new leader need not wait for that.
      entry: 'tellSettled',
      after: { syncRetry: { target: 'checking' } },
      on: {
        'announcement.published': [
          {
            guard: { type: 'announcementIsNewsWithPayload', params: ({ event }) => event },
            target: 'verifying',
            actions: [
              { type: 'noteAnnouncement', params: ({ event }) => event },
              { type: 'takeUpAnnounced', params: ({ event }) => event },
            ],
          },
          { actions: { type: 'noteAnnouncement', params: ({ event }) => event } },
        ],
      },
    },
  },
});
