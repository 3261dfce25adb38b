/**
 * Binds the machines to the outside world: `podMachine.provide(createPodActors({...}))` is a pod that runs.
 *
 * This is the one place where actors, jitter and machines meet; `DataManager` is built on it, and so can a service
 * that embeds the interpreter itself.
 */
import { EventEmitter } from 'node:events';
import { nanoid } from 'nanoid';
import {
  backoffDelay,
  clampDelay,
  type DatasetName,
  leaseMachine,
  type PodContext,
  type PodInput,
  type RefreshResult,
  refreshMachine,
  type StepDownResult,
  syncMachine,
  type VersionRecords,
} from '../machines/index.ts';
import { announcements } from './actors/announcements.ts';
import { connection } from './actors/connection.ts';
import { acquireLease, leaveFleet, releaseLease, renewLease, takeOverLease, yieldLease } from './actors/lease.ts';
import type { PodParts } from './actors/parts.ts';
import {
  callSource,
  claimPermit,
  confirmRevision,
  deferCall,
  publishRevision,
  type RefreshStores,
  validateResult,
} from './actors/refresh.ts';
import { downloadRevisions, poll, reportDamage, restoreRevisions, verifyRevisions } from './actors/sync.ts';
import { watchTime } from './actors/watch-time.ts';
import { momentOf } from './belief.ts';
import { PodMemory } from './pod-memory.ts';
import { type PodOptions, parsePodOptions, type ResolvedOptions } from './pod-options.ts';
import { RefreshRequests } from './refresh-requests.ts';
import { standaloneStores } from './standalone.ts';
import { StepDownRequests } from './step-down-requests.ts';

export type PodActors = ReturnType<typeof bindPod>;

/**
 * Everything a pod machine needs: pass the result to `podMachine.provide(...)`, and its `input` and `clock` to
 * `createActor`. Connects only when the actor starts.
 *
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export function createPodActors(options: PodOptions): PodActors {
  return bindPod(parsePodOptions(options));
}

export function bindPod(options: ResolvedOptions) {
  const { podId, mode, datasets, timing, integrity, clock, random } = options;
  const memory = new PodMemory(clock, podId);
  const link = options.connect(podId, clock);
  const requests = new RefreshRequests(link);
  const stepDowns = new StepDownRequests(link);
  const parts: PodParts = {
    podId,
    datasets,
    timing,
    integrity,
    clock,
    random,
    newId: options.newId ?? (() => nanoid()),
    connection: link,
    memory,
    requests,
    stepDowns,
    feed: new EventEmitter(),
    own: {},
    onWarning: options.onWarning,
  };
  const isStandalone = mode === 'standalone';
  const stores: RefreshStores = isStandalone ? standaloneStores(memory, clock) : link.stores;
  if (isStandalone) memory.belief.confirm(momentOf(clock), Number.POSITIVE_INFINITY);
  const input: PodInput = { podId, mode, timing, plans: [...datasets.values()].map(({ plan }) => plan) };
  return {
    ...bindMachines(parts, stores),
    input,
    clock,
    memory,
    requests,
    stepDowns,
    connection: link,
  };
}

function bindMachines(parts: PodParts, stores: RefreshStores) {
  return {
    actors: {
      connection: connection(parts),
      watchTime: watchTime(parts),
      acquireLease: acquireLease(parts),
      takeOverLease: takeOverLease(parts),
      yieldLease: yieldLease(parts),
      releaseLease: releaseLease(parts),
      leaveFleet: leaveFleet(parts),
      lease: leaseMachine.provide({ actors: { renewLease: renewLease(parts) } }),
      sync: bindSync(parts),
      refresh: bindRefresh(parts, stores),
    },
    actions: {
      endBelief: () => parts.memory.belief.end(),
      dismissRequests: (_: unknown, { isLeaseYielded }: { isLeaseYielded: boolean }) => {
        const reason = 'the leader no longer leads';
        parts.requests.dismiss(reason);
        parts.stepDowns.answer(isLeaseYielded ? { outcome: 'steppedDown' } : { outcome: 'noLeader', reason });
      },
      answerRequests: (_: unknown, { dataset, result }: { dataset: DatasetName; result: RefreshResult }) =>
        parts.requests.answer(dataset, result),
      answerStepDown: (_: unknown, { outcome, reason }: StepDownResult) =>
        parts.stepDowns.answer({ outcome, ...(reason !== undefined && { reason }) }),
    },
    delays: {
      acquireRetry: ({ context }: { context: PodContext }) => retryDelay(parts, context.attempt),
      refusedRetry: ({ context }: { context: PodContext }) =>
        context.failure?.kind === 'misconfigured'
          ? jittered(parts, parts.timing.misconfiguredRetryMs)
          : retryDelay(parts, context.attempt),
    },
  };
}

function bindSync(parts: PodParts) {
  return syncMachine.provide({
    actors: {
      announcements: announcements(parts),
      poll: poll(parts),
      downloadRevisions: downloadRevisions(parts),
      verifyRevisions: verifyRevisions(parts),
      reportDamage: reportDamage(parts),
      restoreRevisions: restoreRevisions(parts),
    },
    actions: { serveRevisions: (_, { records }: { records: VersionRecords }) => parts.memory.serve(records) },
    delays: {
      pollInterval: () => jittered(parts, parts.timing.pollIntervalMs),
      offerJitter: () => clampDelay(parts.random() * parts.timing.graceMs),
      syncRetry: ({ context }) => retryDelay(parts, context.attempt),
    },
  });
}

function bindRefresh(parts: PodParts, stores: RefreshStores) {
  return refreshMachine.provide({
    actors: {
      claimPermit: claimPermit(parts, stores),
      callSource: callSource(parts),
      validateResult: validateResult(parts),
      publishRevision: publishRevision(parts, stores),
      confirmRevision: confirmRevision(parts, stores),
      deferCall: deferCall(parts, stores),
    },
    delays: { redisRetry: ({ context }) => retryDelay(parts, context.redisAttempt) },
  });
}

function retryDelay({ timing, random }: PodParts, attempt: number): number {
  return backoffDelay({ baseMs: timing.retryBaseMs, capMs: timing.retryCapMs }, attempt, random());
}

/** Between 0.8 and 1.2 of it, so that pods that started together spread out. */
function jittered({ random }: PodParts, meanMs: number): number {
  return clampDelay(meanMs * (0.8 + 0.4 * random()));
}
