/** Requests as a pod would make them, with every field that a test doesn't care about filled in. */
import { createHash } from 'node:crypto';
import type { VersionRecord } from '../../machines/index.ts';
import type {
  AcquireRequest,
  ClaimRequest,
  Holder,
  PollRequest,
  PublishRequest,
  RestoreRequest,
  TakeOverRequest,
} from '../../src/ports.ts';
import type { Member, World } from './world.ts';

export const ttlMs = 10_000;
export const beliefWindowMs = 1_250;
export const graceMs = 1_500;
export const intervalMs = 60_000;
export const pollIntervalMs = 30_000;

export function acquiring(podId: string, changes: Partial<AcquireRequest> = {}): AcquireRequest {
  const terms = { ttlMs, beliefWindowMs, graceMs };
  return { podId, seenEpoch: 0, ownEpoch: 0, ...terms, freshGeneration: `generation-of-${podId}`, ...changes };
}

export function takingOver(podId: string, observed: Holder, changes: Partial<AcquireRequest> = {}): TakeOverRequest {
  return { ...acquiring(podId, { seenEpoch: observed.epoch, ...changes }), observed };
}

export function polling(podId: string, changes: Partial<PollRequest> = {}): PollRequest {
  return {
    report: { podId, role: 'follower', epoch: 0, versions: {}, rejected: {} },
    seenEpoch: 0,
    freshGeneration: `generation-of-${podId}`,
    pollIntervalMs,
    datasets: ['rates', 'terms'],
    held: {},
    callAgesMs: {},
    ...changes,
  };
}

export function recordOf(
  payload: Buffer,
  { revision = 1, epoch = 1, podId = 'a' }: Partial<VersionRecord>,
): VersionRecord {
  const sha256 = createHash('sha256').update(payload).digest('hex');
  return { revision, epoch, podId, updatedAt: 0, checkedAt: 0, sha256, bytes: payload.length, encoding: 'json' };
}

export function payloadOf(revision: number): Buffer {
  return Buffer.from(JSON.stringify({ revision, rate: 'äöü€' }));
}

export function publishing(holder: Holder, changes: Partial<PublishRequest> = {}): PublishRequest {
  const payload = changes.payload ?? payloadOf(1);
  return {
    ...holder,
    dataset: 'rates',
    record: recordOf(payload, holder),
    payload,
    expected: undefined,
    freshGeneration: `generation-of-${holder.podId}`,
    isInline: false,
    permitId: undefined,
    ...changes,
  };
}

/** The next revision on top of what is stored. */
export function publishingNext(holder: Holder, stored: VersionRecord): PublishRequest {
  const payload = payloadOf(stored.revision + 1);
  const record = recordOf(payload, { ...holder, revision: stored.revision + 1 });
  return publishing(holder, { payload, record, expected: stored });
}

export function restoring(record: VersionRecord, changes: Partial<RestoreRequest> = {}): RestoreRequest {
  return { dataset: 'rates', record, payload: payloadOf(record.revision), freshGeneration: 'restored', ...changes };
}

export function claiming(holder: Holder, permitId: string, changes: Partial<ClaimRequest> = {}): ClaimRequest {
  const budget = { calls: 3, perMs: intervalMs };
  return { ...holder, dataset: 'rates', permitId, intervalMs, budget, callAgesMs: [], isRequested: false, ...changes };
}

/** Waits out the first grace and acquires. */
export async function lead(world: World, member: Member, changes: Partial<AcquireRequest> = {}): Promise<Holder> {
  await member.data.poll(polling(member.podId));
  world.advance(graceMs);
  const reply = await member.lease.acquire(acquiring(member.podId, changes));
  if (reply.outcome !== 'granted') throw new Error(`expected a grant, got ${JSON.stringify(reply)}`);
  return { podId: member.podId, epoch: reply.epoch };
}

/** Publishes and returns the record as stored. */
export async function published(member: Member, request: PublishRequest): Promise<VersionRecord> {
  const reply = await member.publications.publish(request);
  if (reply.outcome !== 'published') throw new Error(`expected a publication, got ${reply.outcome}`);
  return reply.record;
}
