/**
 * Claiming, calling, validating and publishing. Each asks the belief itself before it begins: a process that was
 * paused between two states must not act on what it believed before.
 */
import { fromPromise } from 'xstate';
import {
  backoffDelay,
  type CallOutcome,
  type ClaimOutcome,
  type ConfirmOutcome,
  compareVersions,
  type DatasetName,
  type PublishOutcome,
  type RefreshTask,
  type ValidateOutcome,
  type Version,
  type VersionRecord,
  versionOf,
} from '../../machines/index.ts';
import { momentOf } from '../belief.ts';
import { decodePayload, encodePayload } from '../codec.ts';
import type { Dataset } from '../dataset.ts';
import { formatDuration } from '../duration.ts';
import { BellwetherError } from '../errors.ts';
import type { Result } from '../pod-memory.ts';
import type { PermitStore, PublicationStore } from '../ports.ts';
import { type DeepReadonly, SourceAnswer, type SourceCall, UNCHANGED } from '../source/source.ts';
import type { PodParts } from './parts.ts';

/** Payloads up to this many bytes travel with their announcement; beyond that it gains nothing (measured). */
const inlineLimitBytes = 32 * 1024;

export type RefreshStores = Readonly<{ permits: PermitStore; publications: PublicationStore }>;

function datasetOf(parts: PodParts, name: DatasetName): Dataset {
  const dataset = parts.datasets.get(name);
  if (!dataset) throw new BellwetherError('unknownDataset', `There is no dataset "${name}".`);
  return dataset;
}

export const claimPermit = (parts: PodParts, { permits }: RefreshStores) =>
  fromPromise<ClaimOutcome, RefreshTask & { isRequested: boolean }>(async ({ input }) => {
    const { memory, clock } = parts;
    if (!memory.belief.isHeld()) return { outcome: 'uncertain' };
    const { podId, epoch, plan, isRequested } = input;
    const permitId = memory.permits.get(plan.name)?.permitId ?? parts.newId();
    const sentAt = momentOf(clock);
    memory.permits.set(plan.name, { permitId, sentAt });
    const reply = await permits.claim({
      podId,
      epoch,
      dataset: plan.name,
      permitId,
      intervalMs: plan.refreshIntervalMs,
      budget: plan.budget,
      callAgesMs: memory.calls.agesMs(plan.name),
      isRequested,
    });
    if (reply.outcome !== 'granted') return reply;
    // As of the sending: a reply that came late would make Redis take this call for another one when the same permit is
    // asked for again. Nothing is overstated by more than a belief window, beyond which the permit isn't used.
    memory.noteOwnGrant(plan.name, reply.callAgesMs, sentAt.monotonicMs);
    return { outcome: 'granted', permitId };
  });

export const callSource = (parts: PodParts) =>
  fromPromise<CallOutcome, RefreshTask>(async ({ input, signal }) => {
    const { memory, clock, timing } = parts;
    const { name } = input.plan;
    const permit = memory.permits.get(name);
    const isFresh = permit && clock.monotonic() - permit.sentAt.monotonicMs < timing.beliefWindowMs;
    if (!isFresh || !memory.belief.isHeld()) return { outcome: 'uncertain' };
    // From here on the permit is spent, whatever comes of it.
    memory.permits.delete(name);
    memory.spentPermits.set(name, permit.permitId);
    const { answer, asked } = await callOnce(parts, datasetOf(parts, name), signal);
    if (answer === UNCHANGED) {
      const version = asked ?? memory.stored.get(name);
      if (version) return { outcome: 'unchanged', version: versionOf(version) };
      throw new BellwetherError(
        'nothingPublished',
        `The source of "${name}" answered "unchanged", but nothing was published before: it must return the data.`,
        { kind: 'sourceFailed' },
      );
    }
    const isAnswer = answer instanceof SourceAnswer;
    memory.answers.set(name, {
      raw: isAnswer ? answer.data : answer,
      validators: isAnswer ? answer.validators : undefined,
      permitId: permit.permitId,
    });
    return { outcome: 'answered' };
  });

type Answered = { answer: unknown; asked: Version | undefined };

/**
 * One attempt; ends by itself at the time limit even if the source ignores its signal. `asked`: the version that the
 * source was told of as the previous one.
 */
async function callOnce(parts: PodParts, dataset: Dataset, signal: AbortSignal): Promise<Answered> {
  const { memory, clock, integrity } = parts;
  const { name } = dataset.plan;
  const current = memory.reader.get(name);
  const stored = memory.stored.get(name);
  // A version that this pod can't serve is none that a source could be asked about.
  const isCurrent = compareVersions(current?.record, stored) === 0 && isSignedAsNow(parts, name, stored);
  const asked = isCurrent ? stored : undefined;
  // Nobody signs validators: those of another publication could make a source hold back news.
  const validators = integrity && asked ? memory.ownResult(name, asked)?.validators : asked?.validators;
  const previous = current &&
    asked && {
      data: current.data as DeepReadonly<unknown>,
      revision: asked.revision,
      ...(validators && { validators }),
    };
  const limit = new AbortController();
  const tooSlow = new BellwetherError(
    'sourceTimeout',
    `The source of "${name}" did not answer within ${formatDuration(dataset.sourceLimitMs)}: raise its time limit or look at the source.`,
    { kind: 'sourceFailed' },
  );
  let timer: unknown;
  const isOver = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => {
      limit.abort(tooSlow);
      reject(tooSlow);
    }, dataset.sourceLimitMs);
  });
  const call: SourceCall<unknown> = { signal: AbortSignal.any([signal, limit.signal]), dataset: name, previous };
  try {
    return { answer: await Promise.race([dataset.source(call), isOver]), asked };
  } catch (error) {
    throw asSourceFailure(name, error);
  } finally {
    clock.clearTimeout(timer);
  }
}

/** Else its content is published again under a new number, so that a key that was replaced is needed no longer. */
function isSignedAsNow({ integrity }: PodParts, dataset: DatasetName, record: VersionRecord | undefined): boolean {
  return !integrity || (record !== undefined && integrity.isUpToDate(dataset, record));
}

/** What a source throws is the source's failure, whatever it is. */
function asSourceFailure(dataset: DatasetName, error: unknown): unknown {
  if ((error as { kind?: unknown } | undefined)?.kind === 'sourceFailed') return error;
  const message = error instanceof Error ? error.message : String(error);
  const retryAfterMs = (error as { retryAfterMs?: unknown } | undefined)?.retryAfterMs;
  return Object.assign(
    new BellwetherError('sourceFailed', `The source of "${dataset}" threw: ${message}`, {
      cause: error,
      kind: 'sourceFailed',
    }),
    typeof retryAfterMs === 'number' && { retryAfterMs },
  );
}

export const validateResult = (parts: PodParts) =>
  fromPromise<ValidateOutcome, RefreshTask>(async ({ input }) => {
    const { memory } = parts;
    const { name } = input.plan;
    const { schema, limits } = datasetOf(parts, name);
    const answer = memory.answers.get(name);
    memory.answers.delete(name);
    if (!answer) throw new BellwetherError('wrongShape', `The answer of "${name}" is gone.`);
    const encoded = encodePayload(answer.raw, limits);
    // Every pod will see the data as JSON, so that is what must pass.
    const decoded = decodePayload(encoded, encoded.payload, schema, limits.maxBytes);
    if (decoded.outcome !== 'verified') {
      throw new BellwetherError(
        'wrongShape',
        `The source of "${name}" answered with data that its schema refuses (${decoded.reason}): the last good revision stays; mend the source, or the schema of this dataset if the data is right.`,
        { kind: 'sourceFailed' },
      );
    }
    const result: Result = { ...encoded, data: decoded.data, validators: answer.validators, permitId: answer.permitId };
    const current = memory.reader.get(name)?.record;
    const stored = memory.stored.get(name);
    const isPublished =
      current?.sha256 === result.sha256 && compareVersions(current, stored) === 0 && isSignedAsNow(parts, name, stored);
    if (isPublished) {
      // Its validators may be new: they go along with the confirmation.
      memory.published.set(name, result);
      return { outcome: 'unchanged', version: versionOf(current) };
    }
    memory.unpublished.set(name, result);
    return { outcome: 'changed' };
  });

export const publishRevision = (parts: PodParts, { publications }: RefreshStores) =>
  fromPromise<PublishOutcome, RefreshTask>(async ({ input }) => {
    const { memory } = parts;
    const { podId, epoch, plan } = input;
    if (!memory.belief.isHeld()) return { outcome: 'uncertain' };
    const stored = memory.stored.get(plan.name);
    const result = memory.unpublished.get(plan.name) ?? overriddenResult(parts, plan.name, epoch);
    if (!result) return { outcome: 'outdated' };
    const proposal = propose(parts, plan.name, result, { podId, epoch });
    const reply = await publications.publish({
      podId,
      epoch,
      dataset: plan.name,
      record: recordOf(parts, plan.name, proposal, result),
      payload: result.payload,
      expected: stored && versionOf(stored),
      freshGeneration: parts.newId(),
      isInline: result.bytes <= inlineLimitBytes,
      permitId: result.permitId,
    });
    if (reply.outcome === 'mismatch') delete result.proposal;
    if (reply.outcome === 'outdated') memory.unpublished.delete(plan.name);
    if (reply.outcome !== 'published') return { outcome: reply.outcome };
    memory.stored.set(plan.name, reply.record);
    memory.unpublished.delete(plan.name);
    memory.published.set(plan.name, result);
    return { outcome: 'published', record: reply.record };
  });

function recordOf({ integrity }: PodParts, dataset: DatasetName, proposal: Version, result: Result): VersionRecord {
  const { sha256, bytes, encoding, validators } = result;
  const content = { ...proposal, sha256, bytes, encoding };
  return {
    ...content,
    updatedAt: 0,
    checkedAt: 0,
    ...(validators && { validators }),
    ...(integrity && { signature: integrity.sign(dataset, content) }),
  };
}

/** What this leader published under this very lease, if a restore has put another version over it. */
function overriddenResult({ memory }: PodParts, dataset: DatasetName, epoch: number): Result | undefined {
  const result = memory.published.get(dataset);
  if (!result?.proposal || result.proposal.epoch !== epoch) return undefined;
  const stored = memory.stored.get(dataset);
  if (!stored || compareVersions(stored, result.proposal) <= 0 || stored.sha256 === result.sha256) return undefined;
  const { proposal, ...again } = result;
  return again;
}

/**
 * The number to publish under: max(stored, own, last proposed) + 1. A proposal whose fate is unknown is made again
 * under its own number, so that one number never gets a second content.
 */
function propose(
  { memory }: PodParts,
  dataset: DatasetName,
  result: Result,
  holder: Omit<Version, 'revision'>,
): Version {
  const stored = memory.stored.get(dataset);
  const isOpen = result.proposal?.epoch === holder.epoch && compareVersions(result.proposal, stored) >= 0;
  if (result.proposal && isOpen) return result.proposal;
  const own = memory.reader.get(dataset)?.record.revision ?? 0;
  const revision = Math.max(stored?.revision ?? 0, own, memory.proposed.get(dataset) ?? 0) + 1;
  memory.proposed.set(dataset, revision);
  result.proposal = { revision, epoch: holder.epoch, podId: holder.podId };
  return result.proposal;
}

export const confirmRevision = (parts: PodParts, { publications }: RefreshStores) =>
  fromPromise<ConfirmOutcome, RefreshTask & { version: Version | null }>(async ({ input }) => {
    const { memory } = parts;
    const { podId, epoch, plan, version } = input;
    if (!memory.belief.isHeld()) return { outcome: 'uncertain' };
    const stored = memory.stored.get(plan.name);
    if (!stored || !version || compareVersions(stored, version) !== 0) return { outcome: 'mismatch' };
    const reply = await publications.confirm({
      podId,
      epoch,
      dataset: plan.name,
      version,
      validators: memory.ownResult(plan.name, stored)?.validators,
    });
    if (reply.outcome !== 'confirmed') return { outcome: reply.outcome };
    memory.stored.set(plan.name, reply.record);
    memory.reader.noteChecked(plan.name, reply.record, reply.record.checkedAt);
    return reply;
  });

export const deferCall = (parts: PodParts, { permits }: RefreshStores) =>
  fromPromise<{ delayMs: number }, RefreshTask & { attempt: number; retryAfterMs: number | null }>(
    async ({ input }) => {
      const { podId, epoch, plan, attempt, retryAfterMs } = input;
      const backoffMs = backoffDelay(plan.backoff, attempt, parts.random());
      const delayMs = Math.max(backoffMs, Math.min(retryAfterMs ?? 0, parts.timing.retryAfterCapMs));
      await permits.defer({
        podId,
        epoch,
        dataset: plan.name,
        permitId: parts.memory.spentPermits.get(plan.name) ?? '',
        delayMs,
      });
      return { delayMs };
    },
  );
