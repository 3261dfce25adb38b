/** Plain values for tests: each with every field set, each field to be overridden. */
import type { DatasetPlan, Failure, FailureKind, PollOutcome, VersionRecord } from '../../machines/index.ts';
import { Timing } from '../../machines/timing.ts';

export const timing: Timing = Timing.parse({});

export function record(revision: number, fields: Partial<VersionRecord> = {}): VersionRecord {
  return {
    revision,
    epoch: 1,
    podId: 'pod-a',
    updatedAt: 1_000 + revision,
    checkedAt: 1_000 + revision,
    sha256: revision.toString(16).padStart(64, '0'),
    bytes: 100,
    encoding: 'json',
    ...fields,
  };
}

/** The source has nothing newer than this version. */
export const unchanged = { outcome: 'unchanged', version: { revision: 4, epoch: 1, podId: 'pod-a' } } as const;

export function lockOf(podId: string, epoch: number, ttlLeftMs = timing.leaseTtlMs) {
  return { podId, epoch, ttlLeftMs };
}

/** Redis is empty, nobody leads, this pod is alone. */
export function poll(fields: Partial<PollOutcome> = {}): PollOutcome {
  return {
    now: 1_000_000,
    generation: 'generation-1',
    records: {},
    epoch: 0,
    fleet: { size: 1, rank: 0, turn: 0, turns: 1 },
    untilTurnMs: 750,
    wanted: [],
    ...fields,
  };
}

export function failure(kind: FailureKind, message: string = kind): Failure {
  return { kind, message };
}

export function plan(name = 'rates', fields: Partial<DatasetPlan> = {}): DatasetPlan {
  return {
    name,
    refreshIntervalMs: 300_000,
    budget: { calls: 4, perMs: 300_000 },
    backoff: { baseMs: 15_000, capMs: 60_000 },
    failuresBeforeYield: 3,
    ...fields,
  };
}
