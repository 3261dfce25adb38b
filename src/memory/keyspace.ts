/**
 * The keys of one namespace, as in DESIGN "The protocol in Redis", in the shapes that their readers want.
 *
 * What hangs below the keys is immutable (records and data versions are frozen, payloads are never written to), so a
 * shallow copy is a snapshot. Times are the hub's; expiry is judged by whoever reads (`lock.ts`).
 */
import type { DatasetName, DataVersion, PodId, PodReport } from '../../machines/index.ts';
import { SortedSet } from './sorted-set.ts';

/** Key `leader_lock`. `expiresAt` is the last millisecond of its life; undefined when somebody else wrote it. */
export type StoredLock = Readonly<{ value: string; expiresAt: number | undefined }>;

/** The terms of the last grant. */
export type StoredTerms = Readonly<{ holder: PodId; ttlMs: number; beliefWindowMs: number; since: number }>;

/** Key `lease`: the highest epoch granted or reported, and what was granted last. */
export type StoredLease = Readonly<{ epoch: number; terms?: StoredTerms }>;

/** One dataset's fields of the key `schedule`. */
export type StoredSchedule = Readonly<{
  /** Times of the source calls in the window, youngest first. */
  calls: readonly number[];
  permitId?: string;
  /** After a failed call. */
  deferral?: Readonly<{ at: number; delayMs: number }>;
}>;

export type Keyspace = {
  leaderLock: StoredLock | undefined;
  lease: StoredLease | undefined;
  /** A text is what somebody else wrote there: see `data-version.ts`. */
  dataVersion: DataVersion | string | undefined;
  payloads: Map<DatasetName, Buffer>;
  schedule: Map<DatasetName, StoredSchedule>;
  /** The field `since` of the key `schedule`: when it began. */
  scheduleSince: number | undefined;
  /** The field `yielded` of the key `schedule`. */
  yieldedAt: number | undefined;
  /** By time of the last poll. */
  pods: SortedSet;
  /** By time of the first poll: the rank. */
  podsOrder: SortedSet;
  podReports: Map<PodId, PodReport>;
};

export function emptyKeyspace(): Keyspace {
  return {
    leaderLock: undefined,
    lease: undefined,
    dataVersion: undefined,
    payloads: new Map(),
    schedule: new Map(),
    scheduleSince: undefined,
    yieldedAt: undefined,
    pods: new SortedSet(),
    podsOrder: new SortedSet(),
    podReports: new Map(),
  };
}

export function copyKeyspace(keys: Keyspace): Keyspace {
  return {
    ...keys,
    payloads: new Map(keys.payloads),
    schedule: new Map(keys.schedule),
    pods: keys.pods.copy(),
    podsOrder: keys.podsOrder.copy(),
    podReports: new Map(keys.podReports),
  };
}
