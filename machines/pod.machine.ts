/**
 * One pod. Its role reads off the chart: starting, online (candidate, leader, follower), degraded, standalone,
 * stopping, stopped. Every failover path of the fleet is a transition here or in the three machines it runs.
 *
 * Guarantee: refreshing exists only in `leader` and `standalone`; any loss of Redis leads to `degraded` at once.
 * Non-guarantee: this chart doesn't decide who leads. Redis does; the chart knows what this pod was told.
 * Clock: none but delays; points in time arrive as durations that are left.
 */
import { assertEvent, assign, emit, enqueueActions, sendTo, setup, stateIn, stopChild } from 'xstate';
import { nextAttempt } from './backoff.ts';
import { factsOf } from './facts.ts';
import { endsService, type Failure, failureIn } from './failure.ts';
import { type LeaseEnd, type LeaseReport, leaseMachine } from './lease.machine.ts';
import { isNewLeader, type Lease, leaderOf, withoutLock } from './observed-leader.ts';
import { type AcquireOutcome, outcomeOf, outputOf, type TakeOverOutcome, type YieldOutcome } from './outcomes.ts';
import type { PodContext, PodInput } from './pod-context.ts';
import type { DatasetName, ObservedLock, PodId, RefreshResult, StepDownResult } from './protocol.ts';
import { type RefreshEvent, type RefreshReport, refreshMachine } from './refresh.machine.ts';
import { type SyncReport, syncMachine } from './sync.machine.ts';
import { clampDelay, type FleetView, type Timing } from './timing.ts';
import type { GrantCause, LeaderEnd, TraceEvent } from './trace.ts';
import { unprovided, unprovidedReporter } from './unprovided.ts';

export type PodEvent =
  /** Connected and subscribed. */
  | { type: 'redis.up' }
  | { type: 'redis.down'; failure: Failure }
  | { type: 'announcement.acquired'; podId: PodId; epoch: number; ttlLeftMs: number }
  | { type: 'announcement.released'; podId: PodId; epoch: number }
  /** Somebody asks this pod, as the leader, for a refresh. */
  | { type: 'announcement.requested'; dataset: DatasetName }
  /** Somebody asks this pod, as the leader, to give its lease to another. */
  | { type: 'announcement.stepdown' }
  /** A pause of the process or a jump of a clock was noticed. */
  | { type: 'time.jumped' }
  | { type: 'pod.stop' }
  | LeaseReport
  | SyncReport
  | RefreshReport;

type Grant = { epoch: number; beliefLeftMs: number };
type Held = { lock: ObservedLock };
const mostYields = 3;
const noFleet: FleetView = { size: 0, rank: 0, turn: 0, turns: 0 };

/** Whatever ended the leadership. */
const hasYielded = (event: unknown) => outputOf<{ outcome: string } | undefined>(event)?.outcome === 'yielded';

export const refreshId = (dataset: DatasetName) => `refresh:${dataset}`;

/** Another version of the service may have more: an event to a machine that isn't there would end the pod. */
const hasDataset = ({ plans }: PodContext, dataset: DatasetName) => plans.some(({ name }) => name === dataset);

export const podMachine = setup({
  types: {
    context: {} as PodContext,
    input: {} as PodInput,
    events: {} as PodEvent,
    emitted: {} as Exclude<TraceEvent, { type: 'role.changed' }>,
    tags: {} as 'candidate' | 'leader' | 'follower' | 'degraded' | 'standalone' | 'starting' | 'stopping' | 'stopped',
    children: {} as { sync: 'sync'; lease: 'lease' },
  },
  actors: {
    lease: leaseMachine,
    refresh: refreshMachine,
    sync: syncMachine,
    /** Reports `redis.up`, `redis.down` and announcements for as long as the pod lives. */
    connection: unprovidedReporter<PodEvent, { podId: PodId; mode: PodInput['mode'] }>('connection'),
    /** Reports `time.jumped`. */
    watchTime: unprovidedReporter<PodEvent, { limitMs: number }>('watchTime'),
    acquireLease: unprovided<AcquireOutcome, { podId: PodId; timing: Timing }>('acquireLease'),
    takeOverLease: unprovided<TakeOverOutcome, { podId: PodId; timing: Timing; observed: Lease; fleet: FleetView }>(
      'takeOverLease',
    ),
    yieldLease: unprovided<YieldOutcome, { podId: PodId; epoch: number; minIntervalMs: number; timing: Timing }>(
      'yieldLease',
    ),
    releaseLease: unprovided<{ outcome: 'released' | 'lost' }, { podId: PodId; epoch: number; ttlMs: number }>(
      'releaseLease',
    ),
    leaveFleet: unprovided<void, { podId: PodId }>('leaveFleet'),
  },
  actions: {
    // Four that whoever runs the machine provides. (A parameter, else TypeScript infers the types of all actions
    // before it has seen the guards.) Ends the belief in the lease at once:
    endBelief: (_) => {},
    // Answers those who wait for what only a leader does; those whose refresh is done; those who asked for a step-down:
    dismissRequests: (_, _params: { isLeaseYielded: boolean }) => {},
    answerRequests: (_, _params: { dataset: DatasetName; result: RefreshResult }) => {},
    answerStepDown: (_, _params: StepDownResult) => {},
    noteFailure: assign({
      failure: ({ event }) => failureIn(event),
      attempt: ({ context }) => nextAttempt(context.attempt),
    }),
    forgetFailure: assign({ failure: null, attempt: 0 }),
    noteWait: assign({ waitMs: (_, { waitMs }: { waitMs: number }) => waitMs }),
    noteAnsweredWait: assign({ waitMs: ({ event }) => outputOf<{ waitMs: number }>(event).waitMs }),
    noteGrant: assign(({ context, event }, { cause }: { cause: GrantCause }) => {
      const { epoch, beliefLeftMs } = outputOf<Grant>(event);
      return { epoch, beliefLeftMs, grantCause: cause, leader: { podId: context.podId, epoch }, attempt: 0 };
    }),
    noteLeader: enqueueActions(({ enqueue, context, event }) => {
      const lock = event.type === 'announcement.acquired' ? event : outputOf<Held>(event).lock;
      if (isNewLeader(context.leader, lock))
        enqueue.emit({ type: 'leader.elected', leader: lock.podId, epoch: lock.epoch });
      enqueue.assign(leaderOf(lock));
    }),
    forgetLock: assign(withoutLock),
    forgetOwnLock: assign(({ context }) => (context.leader?.podId === context.podId ? withoutLock : {})),
    notePoll: enqueueActions(({ enqueue, context, event }) => {
      assertEvent(event, 'sync.checked');
      const { lock, fleet, untilTurnMs, generation } = event.poll;
      if (context.generation && generation !== context.generation) {
        enqueue.emit({ type: 'generation.changed', from: context.generation, to: generation });
      }
      if (lock && isNewLeader(context.leader, lock)) {
        enqueue.emit({ type: 'leader.elected', leader: lock.podId, epoch: lock.epoch });
      }
      const known = lock ? leaderOf(lock) : withoutLock;
      enqueue.assign({ ...known, fleet, untilTurnMs, generation, failure: null, attempt: 0 });
    }),
    noteTurn: assign({ untilTurnMs: (_, { untilTurnMs }: { untilTurnMs: number }) => untilTurnMs }),
    noteApplied: assign(({ context, event }) => {
      assertEvent(event, 'sync.applied');
      return { held: { ...context.held, ...event.records } };
    }),
    noteOwn: assign(({ context, event }) => {
      assertEvent(event, 'refresh.published');
      return { held: { ...context.held, [event.dataset]: event.record } };
    }),
    noteRejected: assign(({ context, event }) => {
      assertEvent(event, 'sync.rejected');
      return { rejected: { ...context.rejected, ...event.rejected } };
    }),
    noteBlindness: assign({ canSeePresence: false }),
    noteYield: assign({
      waitMs: ({ context }) => context.waitMs * 2 ** context.yields,
      yields: ({ context }) => Math.min(context.yields + 1, mostYields),
    }),
    forgetYields: assign({ yields: 0 }),
    noteRest: assign({ waitMs: ({ context }) => Math.min(...context.plans.map((plan) => plan.refreshIntervalMs)) }),
    noteUnfinished: assign({ unfinished: ({ context }) => context.plans.map(({ name }) => name) }),
    noteFinished: assign(({ context, event }) => {
      assertEvent(event, 'refresh.finished');
      return { unfinished: context.unfinished.filter((name) => name !== event.dataset) };
    }),
    noteKept: assign(({ context, event }) => {
      assertEvent(event, 'refresh.kept');
      return { kept: [...new Set([...context.kept, event.dataset])] };
    }),
    forgetKept: assign(({ context, event }) => {
      assertEvent(event, ['refresh.published', 'refresh.dropped']);
      return { kept: context.kept.filter((name) => name !== event.dataset) };
    }),
    noteFailing: assign(({ context, event }) => {
      assertEvent(event, 'refresh.failed');
      return { failing: { ...context.failing, [event.dataset]: event.failure } };
    }),
    forgetFailing: assign(({ context, event }) => {
      assertEvent(event, ['refresh.published', 'refresh.unchanged']);
      const { [event.dataset]: _, ...others } = context.failing;
      return { failing: others };
    }),
    forgetAllFailing: assign({ failing: {} }),
    startRefreshing: enqueueActions(({ enqueue, context }) => {
      const { podId, epoch, timing, kept } = context;
      for (const plan of context.plans) {
        const input = { podId, epoch, plan, timing, hasUnpublished: kept.includes(plan.name) };
        enqueue.spawnChild('refresh', { id: refreshId(plan.name), input });
      }
    }),
    stopRefreshing: enqueueActions(({ enqueue, context }) => {
      for (const { name } of context.plans) enqueue(stopChild(refreshId(name)));
    }),
    tellRefreshing: enqueueActions(({ enqueue, context }, event: RefreshEvent) => {
      for (const { name } of context.plans) enqueue.sendTo(refreshId(name), event);
    }),
    requestRefresh: enqueueActions(({ enqueue, context, event }) => {
      assertEvent(event, 'announcement.requested');
      if (hasDataset(context, event.dataset)) enqueue.sendTo(refreshId(event.dataset), { type: 'refresh.requested' });
    }),
    republishOverridden: enqueueActions(({ enqueue, context, event }) => {
      assertEvent(event, 'sync.applied');
      for (const [dataset, record] of Object.entries(event.records)) {
        const isOurs = record.epoch === context.epoch && record.podId === context.podId;
        if (!isOurs && hasDataset(context, dataset)) enqueue.sendTo(refreshId(dataset), { type: 'refresh.overridden' });
      }
    }),
    checkSync: sendTo('sync', { type: 'sync.check' }),
    syncOwn: sendTo('sync', ({ event }) => {
      assertEvent(event, 'refresh.published');
      const { dataset, record } = event;
      return { type: 'announcement.published', dataset, record, isStaged: true };
    }),
    passJump: sendTo('lease', { type: 'time.jumped' }),
    /** Emits the facts that the event tells; see facts.ts. */
    recordFacts: enqueueActions(({ enqueue, event }) => {
      for (const fact of factsOf(event)) enqueue.emit(fact as Exclude<TraceEvent, { type: 'role.changed' }>);
    }),
    recordOwn: emit(({ event }) => {
      assertEvent(event, 'refresh.published');
      return { type: 'revision.applied', dataset: event.dataset, record: event.record };
    }),
    recordUp: emit({ type: 'redis.up' }),
    recordOwnElection: emit(({ context }) => ({
      type: 'leader.elected',
      leader: context.podId,
      epoch: context.epoch,
    })),
    recordGrant: emit(({ context }) => ({ type: 'lease.granted', epoch: context.epoch, cause: context.grantCause })),
    recordUncertainty: emit(({ context }) => ({ type: 'lease.uncertain', epoch: context.epoch })),
    recordConfirmation: emit(({ context }) => ({ type: 'lease.confirmed', epoch: context.epoch })),
    recordStaying: emit(({ context }) => ({ type: 'lease.confirmed', epoch: context.epoch, hasStayed: true })),
    recordEnd: emit(({ context }, { cause }: { cause: string }) => ({
      type: 'lease.ended',
      epoch: context.epoch,
      cause,
    })),
    recordLeaseEnd: emit(({ context, event }) => ({
      type: 'lease.ended',
      epoch: context.epoch,
      cause: outputOf<{ end: LeaseEnd }>(event).end,
    })),
    recordGone: enqueueActions(({ enqueue, context }, { cause }: { cause: LeaderEnd }) => {
      if (context.leader) {
        enqueue.emit({ type: 'leader.gone', leader: context.leader.podId, epoch: context.leader.epoch, cause });
      }
    }),
    recordBeliefEnd: emit(({ context }) => ({ type: 'belief.ended', epoch: context.epoch })),
    recordStopping: emit({ type: 'pod.stopping' }),
    recordBlindness: emit(({ event }) => ({
      type: 'takeover.blind',
      reason: outputOf<{ reason: string }>(event).reason,
    })),
  },
  guards: {
    isStandalone: ({ context }) => context.mode === 'standalone',
    redisRefusesService: ({ event }) => endsService(failureIn(event)),
    failureEndsService: ({ context }) => context.failure !== null && endsService(context.failure),
    leaseIsGranted: ({ event }) => outcomeOf(event) === 'granted',
    dataIsTooNew: ({ event }) => outcomeOf(event) === 'onHold',
    holderIsPresent: ({ event }) => outcomeOf(event) === 'present',
    lockIsTooYoung: ({ event }) => outcomeOf(event) === 'tooYoung',
    lockIsGone: ({ event }) => outcomeOf(event) === 'free',
    holderHasChanged: ({ event }) => outcomeOf(event) === 'changed',
    leaseIsYielded: ({ event }) => outcomeOf(event) === 'yielded',
    leaseIsAnothers: ({ event }) => outcomeOf(event) === 'notHolder',
    canSeePresence: ({ context }) => context.canSeePresence && context.leader !== null,
    lockIsFree: ({ event }) => {
      assertEvent(event, 'sync.checked');
      return event.poll.lock === undefined;
    },
    lockIsOurs: ({ context, event }) => {
      assertEvent(event, 'sync.checked');
      return event.poll.lock?.podId === context.podId;
    },
    weAreTheHolder: ({ context, event }) =>
      outcomeOf(event) === 'changed' && outputOf<Held>(event).lock.podId === context.podId,
    releaseIsOfTheLeader: ({ context, event }) => {
      assertEvent(event, 'announcement.released');
      return !context.leader || (context.leader.podId === event.podId && context.leader.epoch <= event.epoch);
    },
    grantIsAnothers: ({ context, event }) => {
      assertEvent(event, 'announcement.acquired');
      return event.podId !== context.podId && event.epoch >= (context.leader?.epoch ?? 0);
    },
    grantIsNewerThanOurs: ({ context, event }) => {
      assertEvent(event, 'announcement.acquired');
      return event.podId !== context.podId && event.epoch > context.epoch;
    },
    anotherLeads: ({ context }) => context.leader !== null && context.leader.podId !== context.podId,
    isFirstInRank: ({ context }) => context.fleet.turn === 0,
    nothingIsUnfinished: ({ context }) => context.unfinished.length === 0,
    isStopping: stateIn({ online: { leader: 'finishing' } }),
  },
  delays: {
    lockExpiry: ({ context }) => clampDelay(context.lockLeftMs + 1 + context.fleet.turn * context.timing.rankStepMs),
    checkTurn: ({ context }) => clampDelay(context.untilTurnMs),
    rankDelay: ({ context }) => clampDelay(context.fleet.turn * context.timing.rankStepMs),
    waitOver: ({ context }) => clampDelay(context.waitMs),
    finishLimit: ({ context }) => clampDelay(context.timing.finishLimitMs),
    stopLimit: ({ context }) => clampDelay(context.timing.leaseCommandLimitMs),
    /** Jittered by whoever runs the machine. */
    acquireRetry: ({ context }) => clampDelay(context.timing.retryBaseMs * 2 ** Math.min(context.attempt, 6)),
    refusedRetry: ({ context }) =>
      context.failure?.kind === 'misconfigured'
        ? clampDelay(context.timing.misconfiguredRetryMs)
        : clampDelay(context.timing.retryBaseMs * 2 ** Math.min(context.attempt, 6)),
  },
}).createMachine({
  id: 'pod',
  description: 'One of many identical pods: one of them leads and fetches, all of them serve.',
  context: ({ input }) => ({
    podId: input.podId,
    mode: input.mode,
    plans: input.plans,
    timing: input.timing,
    leader: null,
    epoch: 0,
    beliefLeftMs: 0,
    grantCause: 'acquired',
    lockLeftMs: 0,
    fleet: noFleet,
    untilTurnMs: input.timing.checkSlotMs,
    waitMs: 0,
    canSeePresence: true,
    generation: '',
    held: {},
    rejected: {},
    failure: null,
    attempt: 0,
    unfinished: [],
    kept: [],
    failing: {},
    yields: 0,
  }),
  initial: 'starting',
  invoke: {
    id: 'connection',
    src: 'connection',
    input: ({ context }) => ({ podId: context.podId, mode: context.mode }),
    onError: {
      target: '.degraded',
      actions: ['noteFailure', 'recordFacts'],
      description: 'The connection could not even be made: nothing here can mend it.',
    },
  },
  on: {
    'sync.applied': {
      actions: ['noteApplied', 'recordFacts'],
    },
    'sync.rejected': {
      actions: ['noteRejected', 'recordFacts'],
      description: 'The schema of this pod refuses a version: it keeps its last good one and says so.',
    },
    'sync.damaged': { actions: 'recordFacts' },
    'sync.restored': { actions: 'recordFacts' },
    'refresh.called': { actions: 'recordFacts' },
    'refresh.published': {
      actions: ['forgetYields', 'forgetFailing', 'forgetKept', 'recordFacts'],
    },
    'refresh.kept': { actions: 'noteKept' },
    'refresh.dropped': { actions: 'forgetKept' },
    'refresh.unchanged': {
      actions: ['forgetYields', 'forgetFailing', 'recordFacts'],
    },
    'refresh.failed': { actions: ['noteFailing', 'recordFacts'] },
    'refresh.refused': { actions: 'recordFacts' },
    'refresh.blocked': { actions: 'recordFacts' },
    'refresh.answered': { actions: { type: 'answerRequests', params: ({ event }) => event } },
    'announcement.requested': {
      actions: {
        type: 'answerRequests',
        params: ({ event }) => ({ dataset: event.dataset, result: { outcome: 'noLeader' } }),
      },
      description: 'This pod does not lead (any more).',
    },
    'announcement.stepdown': { actions: { type: 'answerStepDown', params: { outcome: 'noLeader' } } },
  },
  states: {
    starting: {
      description: 'Connecting to Redis for the first time.',
      tags: 'starting',
      always: { guard: 'isStandalone', target: 'standalone' },
      on: {
        'redis.up': {
          target: 'online',
          actions: 'recordUp',
          description: 'Connected and subscribed for the first time.',
        },
        'redis.down': {
          target: 'degraded',
          actions: ['noteFailure', 'recordFacts'],
          description: 'Redis is not there at start: connecting goes on.',
        },
        'pod.stop': { target: 'stopped', actions: 'recordStopping' },
      },
    },
    online: {
      description: 'Redis answers: this pod syncs, and one of the fleet leads.',
      initial: 'candidate',
      invoke: {
        id: 'sync',
        src: 'sync',
        input: ({ context }) => ({ held: context.held, rejected: context.rejected, timing: context.timing }),
      },
      on: {
        'redis.down': {
          target: 'degraded',
          actions: ['noteFailure', 'recordFacts'],
          description: 'The connection is lost: elections and calls stop at once, reads go on.',
        },
        'redis.failed': [
          {
            guard: 'redisRefusesService',
            target: '#pod.degraded.refused',
            actions: ['noteFailure', 'recordFacts'],
            description: 'Redis answers but refuses (password, ACL, read-only, loading): elections and calls stop.',
          },
          {
            actions: 'recordFacts',
            description: 'One command failed or timed out: whoever sent it tries again.',
          },
        ],
        'sync.checked': {
          actions: ['notePoll'],
        },
        'announcement.acquired': {
          guard: 'grantIsAnothers',
          actions: ['noteLeader'],
        },
        'pod.stop': {
          target: 'stopping.leaving',
          actions: 'recordStopping',
          description: 'Holds no lease: only takes its name off the list.',
        },
      },
      states: {
        candidate: {
          description: 'Nobody is known to lead, or this pod just came: it tries to acquire the lease.',
          tags: 'candidate',
          initial: 'acquiring',
          on: {
            'announcement.acquired': {
              guard: 'grantIsAnothers',
              target: 'follower',
              actions: ['noteLeader'],
              description: 'Another pod was granted the lease first.',
            },
          },
          states: {
            acquiring: {
              description: 'Asks Redis for the lease.',
              on: {
                'announcement.acquired': {
                  guard: 'grantIsAnothers',
                  actions: ['noteLeader'],
                  description: 'The answer under way tells more.',
                },
              },
              invoke: {
                id: 'acquireLease',
                src: 'acquireLease',
                input: ({ context }) => ({ podId: context.podId, timing: context.timing }),
                onDone: [
                  {
                    guard: 'leaseIsGranted',
                    target: '#pod.online.leader',
                    actions: { type: 'noteGrant', params: { cause: 'acquired' } },
                    description: 'The lease was free and is granted under a new epoch.',
                  },
                  {
                    guard: 'dataIsTooNew',
                    target: 'onHold',
                    actions: 'noteAnsweredWait',
                    description:
                      "Redis' data is new: leases are held back for one grace while pods report what they saw.",
                  },
                  {
                    target: '#pod.online.follower',
                    actions: ['noteLeader'],
                    description: 'Another pod holds it.',
                  },
                ],
                onError: {
                  target: 'retrying',
                  actions: ['noteFailure', 'recordFacts'],
                  description: 'Unknown whether it was granted: a lock of our own is found and re-adopted.',
                },
              },
            },
            onHold: {
              description: 'Waits one grace after the first write of new Redis data; tells Redis what this pod saw.',
              entry: 'checkSync',
              after: { waitOver: { target: 'acquiring' } },
            },
            queueing: {
              description: 'The lease is free: waiters act in the order of their rank, a few ms apart.',
              always: { guard: 'isFirstInRank', target: 'acquiring', description: 'Nobody is waited for.' },
              after: { rankDelay: { target: 'acquiring' } },
            },
            retrying: {
              description: 'Waits with jittered backoff, then asks again.',
              always: {
                guard: 'failureEndsService',
                target: '#pod.degraded.refused',
                description: 'Redis answers but refuses.',
              },
              after: { acquireRetry: { target: 'acquiring' } },
            },
          },
        },
        follower: {
          description: 'Another pod leads. Watches its lock: takes over when its holder is gone, or when it expires.',
          tags: 'follower',
          initial: 'watching',
          on: {
            'announcement.released': {
              guard: 'releaseIsOfTheLeader',
              target: '#pod.online.candidate.queueing',
              actions: [{ type: 'recordGone', params: { cause: 'released' } }, 'forgetLock'],
              description: 'The leader gave the lease back: the next in rank takes it within milliseconds.',
            },
            'announcement.acquired': {
              guard: 'grantIsAnothers',
              target: '.watching',
              actions: ['noteLeader'],
              description: 'Another pod was granted the lease: its lock is watched from now on.',
            },
            'sync.checked': [
              {
                guard: 'lockIsFree',
                target: '#pod.online.candidate.queueing',
                actions: [{ type: 'recordGone', params: { cause: 'lockGone' } }, 'notePoll'],
                description: 'The poll shows no lock: it was lost, or its release was not heard.',
              },
              {
                guard: 'lockIsOurs',
                target: '#pod.online.candidate',
                actions: 'notePoll',
                description: 'An orphan lock of our own, whose grant never arrived: acquiring re-adopts it.',
              },
              { target: '.watching', actions: 'notePoll' },
            ],
          },
          states: {
            watching: {
              description: "Waits for this pod's turn to check, or for the lock to expire.",
              after: {
                lockExpiry: {
                  target: '#pod.online.candidate',
                  actions: { type: 'recordGone', params: { cause: 'expired' } },
                  description: 'The lock has expired: the upper bound of any takeover.',
                },
                checkTurn: { guard: 'canSeePresence', target: 'checking' },
              },
            },
            checking: {
              description:
                'Takes over if the holder is gone and its lock is old enough; one check a slot in the whole fleet.',
              on: {
                'sync.checked': { actions: 'notePoll', description: 'The answer under way decides.' },
              },
              invoke: {
                id: 'takeOverLease',
                src: 'takeOverLease',
                input: ({ context }) => ({
                  podId: context.podId,
                  timing: context.timing,
                  observed: context.leader ?? { podId: '', epoch: 0 },
                  fleet: context.fleet,
                }),
                onDone: [
                  {
                    guard: 'holderIsPresent',
                    target: 'watching',
                    actions: [
                      'noteLeader',
                      { type: 'noteTurn', params: ({ event }) => outputOf<{ untilTurnMs: number }>(event) },
                    ],
                    description: 'It keeps its lease. When its lock expires is known anew, should it never be renewed.',
                  },
                  {
                    guard: 'leaseIsGranted',
                    target: '#pod.online.leader',
                    actions: { type: 'noteGrant', params: { cause: 'tookOver' } },
                    description: 'The holder is gone and can no longer believe in its lease: taken over.',
                  },
                  {
                    guard: 'lockIsTooYoung',
                    target: 'ripening',
                    actions: 'noteAnsweredWait',
                    description: 'The holder is gone, but might still believe.',
                  },
                  {
                    guard: 'lockIsGone',
                    target: '#pod.online.candidate',
                    actions: [{ type: 'recordGone', params: { cause: 'lockGone' } }, 'forgetLock'],
                    description: 'The lock is gone.',
                  },
                  {
                    guard: 'weAreTheHolder',
                    target: '#pod.online.candidate',
                    description: 'An orphan lock of our own: acquiring re-adopts it.',
                  },
                  {
                    guard: 'holderHasChanged',
                    target: 'watching',
                    actions: ['noteLeader'],
                    description: 'Another pod holds it by now.',
                  },
                  {
                    target: 'watching',
                    actions: ['noteBlindness', 'recordBlindness'],
                    description: 'Presence cannot be seen here (ACL, Cluster): only expiry ends a lease.',
                  },
                ],
                onError: [
                  {
                    guard: 'redisRefusesService',
                    target: '#pod.degraded.refused',
                    actions: ['noteFailure', 'recordFacts'],
                    description: 'Redis answers but refuses.',
                  },
                  {
                    target: 'watching',
                    actions: [
                      { type: 'noteTurn', params: ({ context }) => ({ untilTurnMs: context.timing.checkSlotMs }) },
                      'recordFacts',
                    ],
                    description: 'Unknown whether it was granted: the next check finds out.',
                  },
                ],
              },
            },
            ripening: {
              description: 'Comes back exactly when the lock is old enough.',
              on: {
                'sync.checked': [
                  {
                    guard: 'lockIsFree',
                    target: '#pod.online.candidate.queueing',
                    actions: [{ type: 'recordGone', params: { cause: 'lockGone' } }, 'notePoll'],
                    description: 'The poll shows no lock.',
                  },
                  { actions: 'notePoll', description: 'Goes on waiting for the moment it was told.' },
                ],
              },
              after: { waitOver: { target: 'checking' } },
            },
            resting: {
              description:
                'Gave its lease away, because its source calls failed or on request: leaves it to others for a while.',
              after: {
                waitOver: { target: 'watching', description: 'Rested: takes part again.' },
              },
              on: {
                'announcement.released': { description: 'Left to the others.' },
                'announcement.acquired': {
                  guard: 'grantIsAnothers',
                  actions: ['noteLeader'],
                },
                'sync.checked': [
                  {
                    guard: 'lockIsFree',
                    target: '#pod.online.candidate',
                    actions: 'notePoll',
                    description: 'Nobody else took it: better a leader whose source fails than none.',
                  },
                  {
                    actions: ['notePoll'],
                  },
                ],
              },
            },
          },
        },
        leader: {
          description: 'Holds the lease: renews it, calls the sources and publishes.',
          tags: 'leader',
          entry: ['recordOwnElection', 'recordGrant', 'startRefreshing'],
          exit: [
            'endBelief',
            'recordBeliefEnd',
            'stopRefreshing',
            { type: 'dismissRequests', params: ({ event }) => ({ isLeaseYielded: hasYielded(event) }) },
            'forgetAllFailing',
          ],
          initial: 'catchingUp',
          invoke: [
            {
              id: 'lease',
              src: 'lease',
              input: ({ context }) => ({
                podId: context.podId,
                epoch: context.epoch,
                beliefLeftMs: context.beliefLeftMs,
                timing: context.timing,
              }),
              onDone: [
                {
                  guard: 'isStopping',
                  target: '#pod.stopping.leaving',
                  actions: 'recordLeaseEnd',
                  description: 'Lost while stopping: there is nothing to hand over any more.',
                },
                {
                  target: 'candidate',
                  actions: ['forgetLock', 'recordLeaseEnd'],
                  description: 'The lease was lost, or never confirmed for too long: stepped down.',
                },
              ],
            },
            {
              id: 'watchTime',
              src: 'watchTime',
              input: ({ context }) => ({ limitMs: context.timing.beliefWindowMs }),
            },
          ],
          on: {
            'time.jumped': {
              actions: 'passJump',
              description: 'The process was paused or a clock jumped: the lease is unconfirmed until it is renewed.',
            },
            'sync.applied': {
              actions: ['republishOverridden', 'noteApplied', 'recordFacts'],
            },
            'sync.checked': {
              actions: ['notePoll'],
            },
            'announcement.acquired': {
              guard: 'grantIsNewerThanOurs',
              target: 'follower',
              actions: [{ type: 'recordEnd', params: { cause: 'lost' } }, 'noteLeader'],
              description: 'Another pod was granted a newer epoch: this lease is over.',
            },
            'announcement.requested': { actions: 'requestRefresh' },
            'announcement.stepdown': {
              actions: {
                type: 'answerStepDown',
                params: { outcome: 'notNow', reason: 'it is taking up, confirming or giving away its lease just now' },
              },
            },
            'refresh.published': {
              actions: ['forgetYields', 'forgetFailing', 'forgetKept', 'recordFacts', 'syncOwn'],
            },
            'refresh.mismatched': {
              actions: ['checkSync', 'recordFacts'],
              description: 'Redis holds another version than this leader built on.',
            },
            'refresh.fenced': {
              target: 'candidate',
              actions: ['recordFacts', { type: 'recordEnd', params: { cause: 'fenced' } }, 'forgetLock'],
              description: 'A script refused this epoch: another pod holds a newer lease.',
            },
            'sync.settled': { actions: { type: 'tellRefreshing', params: { type: 'refresh.resumed' } } },
            'pod.stop': {
              target: '.finishing',
              actions: [
                'recordStopping',
                'noteUnfinished',
                { type: 'tellRefreshing', params: { type: 'refresh.finish' } },
              ],
              description: 'Ends what is under way, then hands the lease over.',
            },
          },
          states: {
            catchingUp: {
              description: 'Syncs before its first claim: it must know what was published and called before it.',
              entry: 'checkSync',
              on: {
                'sync.settled': { target: 'refreshing' },
                'lease.uncertain': { target: 'uncertain', actions: 'recordUncertainty' },
              },
            },
            refreshing: {
              description: 'The lease is confirmed and this pod is synced: datasets are refreshed when due.',
              entry: { type: 'tellRefreshing', params: { type: 'refresh.resumed' } },
              on: {
                'lease.uncertain': {
                  target: 'uncertain',
                  actions: 'recordUncertainty',
                  description: 'No renewal was confirmed within the belief window.',
                },
                'refresh.failing': {
                  target: 'yielding',
                  actions: { type: 'noteWait', params: ({ event }) => ({ waitMs: event.refreshIntervalMs }) },
                  description: 'The source has failed too often in a row: perhaps for this pod alone.',
                },
                'announcement.stepdown': {
                  target: 'handingOver',
                  actions: [
                    'noteUnfinished',
                    'noteRest',
                    { type: 'tellRefreshing', params: { type: 'refresh.finish' } },
                  ],
                  description: 'Asked to give its lease to another pod.',
                },
              },
            },
            uncertain: {
              description: 'The lease is unconfirmed: no call and no publication is begun.',
              entry: { type: 'tellRefreshing', params: { type: 'refresh.suspended' } },
              on: {
                'lease.confirmed': {
                  target: 'catchingUp',
                  actions: 'recordConfirmation',
                  description: 'A renewal succeeded: nobody took over.',
                },
                'sync.settled': { description: 'Synced, but the lease is still unconfirmed.' },
                'pod.stop': {
                  target: '#pod.stopping',
                  actions: 'recordStopping',
                  description: 'Nothing may be finished under this lease.',
                },
              },
            },
            yielding: {
              description: 'Offers the lease to others, if it may: from here on it can be theirs.',
              entry: 'recordBeliefEnd',
              invoke: {
                id: 'yieldLease',
                src: 'yieldLease',
                input: ({ context }) => ({
                  podId: context.podId,
                  epoch: context.epoch,
                  minIntervalMs: context.waitMs,
                  timing: context.timing,
                }),
                onDone: [
                  {
                    guard: 'leaseIsYielded',
                    target: '#pod.online.follower.resting',
                    actions: ['noteYield', 'forgetOwnLock', { type: 'recordEnd', params: { cause: 'yielded' } }],
                    description: 'Given to another pod; this one rests.',
                  },
                  {
                    guard: 'leaseIsAnothers',
                    target: '#pod.online.candidate',
                    actions: ['forgetLock', { type: 'recordEnd', params: { cause: 'lost' } }],
                    description: 'Another pod holds a newer lease.',
                  },
                  {
                    guard: 'anotherLeads',
                    target: '#pod.online.follower',
                    actions: { type: 'recordEnd', params: { cause: 'lost' } },
                    description: 'It was to stay, and has lost the lease since.',
                  },
                  { target: 'refreshing', actions: 'recordStaying', description: 'Alone, or too soon: it stays.' },
                ],
                onError: [
                  {
                    guard: 'redisRefusesService',
                    target: '#pod.degraded.refused',
                    actions: ['noteFailure', 'recordFacts'],
                    description: 'Redis answers but refuses.',
                  },
                  {
                    target: 'refreshing',
                    actions: 'recordFacts',
                    description: 'Unknown whether it was yielded: the next renewal tells.',
                  },
                ],
              },
              on: {
                'lease.uncertain': { target: 'uncertain', actions: 'recordUncertainty' },
                'refresh.failing': { description: 'One yield at a time.' },
                'announcement.acquired': {
                  guard: 'grantIsNewerThanOurs',
                  actions: 'noteLeader',
                  description:
                    'Heard before the answer to the offer, which tells whether this pod gave its lease or lost it.',
                },
              },
            },
            handingOver: {
              description: 'Asked to step down: lets a call or publication under way end, so that none is lost.',
              always: {
                guard: 'nothingIsUnfinished',
                target: 'offering',
                description: 'Nothing is under way any more: the lease can go.',
              },
              after: { finishLimit: { target: 'offering', description: 'Waited long enough.' } },
              on: {
                'refresh.finished': { actions: 'noteFinished' },
                'announcement.stepdown': { description: 'Asked again: one answer for all.' },
                'lease.uncertain': {
                  target: 'uncertain',
                  actions: [
                    'recordUncertainty',
                    'stopRefreshing',
                    'startRefreshing',
                    { type: 'answerStepDown', params: { outcome: 'notNow', reason: 'its lease became unconfirmed' } },
                  ],
                  description: 'The lease is unconfirmed: there may be nothing to give away.',
                },
                'pod.stop': {
                  target: 'finishing',
                  actions: 'recordStopping',
                  description: 'Stops instead, when what is under way has ended.',
                },
              },
            },
            offering: {
              description: 'Gives the lease to others, if there are any: from here on it can be theirs.',
              entry: 'recordBeliefEnd',
              invoke: {
                id: 'offerLease',
                src: 'yieldLease',
                input: ({ context: { podId, epoch, timing } }) => ({ podId, epoch, minIntervalMs: 0, timing }),
                onDone: [
                  {
                    guard: 'leaseIsYielded',
                    target: '#pod.online.follower.resting',
                    actions: ['forgetOwnLock', { type: 'recordEnd', params: { cause: 'yielded' } }],
                    description: 'Released and announced: the next in rank has it within milliseconds; this one rests.',
                  },
                  {
                    guard: 'leaseIsAnothers',
                    target: '#pod.online.candidate',
                    actions: ['forgetLock', { type: 'recordEnd', params: { cause: 'lost' } }],
                    description: 'Another pod holds a newer lease.',
                  },
                  {
                    guard: 'anotherLeads',
                    target: '#pod.online.follower',
                    actions: { type: 'recordEnd', params: { cause: 'lost' } },
                    description: 'It was to stay, and has lost the lease since.',
                  },
                  {
                    target: 'refreshing',
                    actions: [
                      'recordStaying',
                      'stopRefreshing',
                      'startRefreshing',
                      { type: 'answerStepDown', params: { outcome: 'alone' } },
                    ],
                    description: 'Nobody else is there: it stays.',
                  },
                ],
                onError: [
                  {
                    guard: 'redisRefusesService',
                    target: '#pod.degraded.refused',
                    actions: ['noteFailure', 'recordFacts'],
                    description: 'Redis answers but refuses.',
                  },
                  {
                    target: 'refreshing',
                    actions: [
                      'recordFacts',
                      'stopRefreshing',
                      'startRefreshing',
                      {
                        type: 'answerStepDown',
                        params: { outcome: 'notNow', reason: 'Redis did not answer it in time' },
                      },
                    ],
                    description: 'Unknown whether it was given away: the next renewal tells.',
                  },
                ],
              },
              on: {
                'announcement.stepdown': { description: 'Asked again: one answer for all.' },
                'lease.uncertain': {
                  target: 'uncertain',
                  actions: [
                    'recordUncertainty',
                    'stopRefreshing',
                    'startRefreshing',
                    { type: 'answerStepDown', params: { outcome: 'notNow', reason: 'its lease became unconfirmed' } },
                  ],
                  description: 'Not answered within the belief window: a renewal tells whose the lease is.',
                },
                'announcement.acquired': {
                  guard: 'grantIsNewerThanOurs',
                  actions: 'noteLeader',
                  description: 'Heard before the answer, which tells whether this pod gave its lease or lost it.',
                },
                'pod.stop': {
                  target: '#pod.stopping',
                  actions: 'recordStopping',
                  description: 'Nothing is under way: releases what it may have given away already.',
                },
              },
            },
            finishing: {
              description: 'Stopping: lets a call or publication under way end, so that no refresh is missed.',
              always: {
                guard: 'nothingIsUnfinished',
                target: '#pod.stopping',
                description: 'Nothing is under way any more: hands the lease over.',
              },
              after: {
                finishLimit: { target: '#pod.stopping', description: 'Waited long enough.' },
              },
              on: {
                'refresh.finished': { actions: 'noteFinished' },
                'lease.uncertain': {
                  target: '#pod.stopping',
                  actions: 'recordUncertainty',
                  description: 'Nothing may be finished under this lease any more.',
                },
                'pod.stop': { target: '#pod.stopping', description: 'Asked twice: at once.' },
                'refresh.fenced': {
                  target: '#pod.stopping.leaving',
                  actions: ['recordFacts', { type: 'recordEnd', params: { cause: 'fenced' } }],
                  description: 'Another pod holds a newer lease: there is nothing to hand over any more.',
                },
                'announcement.acquired': {
                  guard: 'grantIsNewerThanOurs',
                  target: '#pod.stopping.leaving',
                  actions: [{ type: 'recordEnd', params: { cause: 'lost' } }, 'noteLeader'],
                  description: 'Another pod was granted a newer epoch: there is nothing to hand over any more.',
                },
                'redis.down': {
                  target: '#pod.stopped',
                  actions: 'recordFacts',
                  description: 'Nothing can be handed over: takeover or expiry ends the lease.',
                },
                'redis.failed': [
                  {
                    guard: 'redisRefusesService',
                    target: '#pod.stopped',
                    actions: 'recordFacts',
                    description: 'Nothing can be handed over: takeover or expiry ends the lease.',
                  },
                  { actions: 'recordFacts' },
                ],
              },
            },
          },
        },
      },
    },
    degraded: {
      description: 'Redis cannot be used: this pod serves what it has, and elects and fetches nothing.',
      tags: 'degraded',
      initial: 'disconnected',
      on: {
        'redis.down': {
          target: '.disconnected',
          actions: ['noteFailure', 'recordFacts'],
        },
        'pod.stop': { target: 'stopped', actions: 'recordStopping' },
      },
      states: {
        disconnected: {
          description: 'No connection. Reconnecting goes on for ever, with jitter.',
          on: {
            'redis.up': {
              target: '#pod.online',
              actions: ['recordUp', 'forgetFailure'],
              description: 'Connected and subscribed again: polls before anything else.',
            },
          },
        },
        refused: {
          description:
            'Connected, but Redis refuses to serve. Tried again with backoff, slowly where a person must act.',
          after: {
            refusedRetry: { target: '#pod.online', actions: 'recordUp', description: 'Tries again: polls first.' },
          },
          on: {
            'redis.up': { target: '#pod.online', actions: 'recordUp', description: 'Reconnected, perhaps elsewhere.' },
          },
        },
      },
    },
    standalone: {
      description: 'By configuration: refreshes for itself, asks nobody, and its calls are outside the budget.',
      tags: 'standalone',
      entry: ['startRefreshing', { type: 'tellRefreshing', params: { type: 'refresh.resumed' } }],
      exit: 'stopRefreshing',
      on: {
        'announcement.requested': { actions: 'requestRefresh' },
        'refresh.published': {
          actions: ['forgetFailing', 'forgetKept', 'recordFacts', 'noteOwn', 'recordOwn'],
        },
        'pod.stop': { target: 'stopped', actions: 'recordStopping' },
      },
    },
    stopping: {
      description: 'Hands the lease over and takes its name off the list.',
      tags: 'stopping',
      initial: 'releasing',
      on: {
        'redis.down': {
          target: 'stopped',
          description: 'Nothing can be handed over: takeover or expiry ends the lease.',
        },
      },
      states: {
        releasing: {
          description: 'Belief has ended; compare and delete, then announce.',
          invoke: {
            id: 'releaseOnStop',
            src: 'releaseLease',
            input: ({ context }) => ({
              podId: context.podId,
              epoch: context.epoch,
              ttlMs: context.timing.leaseTtlMs,
            }),
            onDone: {
              target: 'leaving',
              actions: { type: 'recordEnd', params: ({ event }) => ({ cause: event.output.outcome }) },
              description: 'The next leader acts within milliseconds.',
            },
            onError: {
              target: 'leaving',
              actions: ['recordFacts', { type: 'recordEnd', params: { cause: 'unconfirmed' } }],
              description: 'Unknown whether it was released: takeover or expiry ends it.',
            },
          },
        },
        leaving: {
          description: 'Takes its name off the list of pods.',
          after: { stopLimit: { target: '#pod.stopped', description: 'Waited long enough.' } },
          invoke: {
            id: 'leaveFleet',
            src: 'leaveFleet',
            input: ({ context }) => ({ podId: context.podId }),
            onDone: { target: '#pod.stopped' },
            onError: {
              target: '#pod.stopped',
              actions: 'recordFacts',
              description: 'The list drops it by itself after three polls.',
            },
          },
        },
      },
    },
    stopped: {
      type: 'final',
      description: 'Nothing is open. Reads still answer with the last revision.',
      tags: 'stopped',
    },
  },
});
