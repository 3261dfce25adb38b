/**
 * The nouns of the protocol, each as one zod schema with its inferred type.
 *
 * What stands here is what travels: through Redis keys, announcements and the events of the machines.
 * All times are milliseconds; `…At` is a point on Redis' clock, `…Ms` a duration.
 */
import { z } from 'zod';

/** The number of the wire format. A pod that meets a higher one keeps what it has and says so. */
export const FORMAT = 1;

const count = z.number().int().nonnegative();
const instant = z.number().int().nonnegative();

/** `hostname-pid-nanoseconds`; never contains `#`, which separates it from the epoch in a holder. */
export const PodId = z.string().regex(/^[^#\s]{1,200}$/, 'expected 1 to 200 characters without "#" or white space');
export type PodId = z.infer<typeof PodId>;

/**
 * Part of keys, of fields of the schedule and of JavaScript objects. The pattern keeps it apart from the first two;
 * `constructor` and its like are there in every object before anybody has put them in.
 */
export const DatasetName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'expected a letter, then up to 63 letters, digits, "_" or "-"')
  .refine((name) => !(name in Object.prototype), 'expected a name that no JavaScript object has by itself');
export type DatasetName = z.infer<typeof DatasetName>;

/** A version is compared by revision, then epoch, then publisher: see {@link compareVersions}. */
export const Version = z.object({
  revision: count,
  epoch: count,
  /** The publisher. */
  podId: PodId,
});
export type Version = z.infer<typeof Version>;

/** How the payload's bytes are written: JSON text, or that text gzipped. */
export const Encoding = z.enum(['json', 'gzip']);
export type Encoding = z.infer<typeof Encoding>;

/** What a source said about the state it answered with, to be sent back as conditions of the next call. */
export const Validators = z.object({
  etag: z.string().max(512).optional(),
  lastModified: z.string().max(128).optional(),
});
export type Validators = z.infer<typeof Validators>;

/** All that is known of one revision except its payload. */
export const VersionRecord = Version.extend({
  /** When this revision was published. */
  updatedAt: instant,
  /** When the source last confirmed it; never before `updatedAt`. */
  checkedAt: instant,
  /** Of the payload as stored, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the payload as stored. */
  bytes: count,
  encoding: Encoding,
  validators: Validators.optional(),
  /** By a key of the fleet, over what no pod may change; see `src/integrity.ts`. What can't be one counts as none. */
  signature: z.string().max(128).optional().catch(undefined),
  /** A pod found the stored payload missing or wrong; the next pod that holds this version restores it. */
  isSuspect: z.boolean().optional(),
});
export type VersionRecord = z.infer<typeof VersionRecord>;

export const VersionRecords = z.record(DatasetName, VersionRecord);
export type VersionRecords = z.infer<typeof VersionRecords>;

/** The value of the key `data_version`. */
export const DataVersion = z.object({
  format: z.literal(FORMAT),
  /** Random id of the Redis data itself; a new one means that Redis was wiped or replaced. */
  generation: z.string().min(1).max(64),
  /** When this generation was first written. No lease is granted until one grace later. */
  generatedAt: instant,
  datasets: VersionRecords,
});
export type DataVersion = z.infer<typeof DataVersion>;

/** The leader lock as somebody saw it. */
export const ObservedLock = z.object({
  podId: z.string(),
  epoch: count,
  /** Left until the lock expires on its own. */
  ttlLeftMs: z.number(),
});
export type ObservedLock = z.infer<typeof ObservedLock>;

export const Role = z.enum([
  'starting',
  'candidate',
  'leader',
  'follower',
  'degraded',
  'standalone',
  'stopping',
  'stopped',
]);
export type Role = z.infer<typeof Role>;

/** What a pod says of itself with each poll. Kept in Redis as it was sent, for people and dashboards. */
export const PodReport = z.object({
  podId: PodId,
  role: Role,
  epoch: count,
  versions: z.record(DatasetName, Version),
  /** Versions this pod refuses to serve, and why; it keeps its last good one. */
  rejected: z.record(DatasetName, z.object({ version: Version, reason: z.string().max(500) })),
});
export type PodReport = z.infer<typeof PodReport>;

/** How a refresh that somebody asked for ended. */
export const RefreshResult = z.object({
  outcome: z.enum(['published', 'unchanged', 'overBudget', 'failed', 'noLeader']),
  /** When to ask again; only with `overBudget` and `failed`. */
  retryAfterMs: z.number().nonnegative().optional(),
  reason: z.string().max(500).optional(),
});
export type RefreshResult = z.infer<typeof RefreshResult>;

/** What came of asking a leader to give its lease to another pod. */
export const StepDownResult = z.object({
  /** `alone`: no other pod is there, so it stays. `notNow`: it leads on, for that reason; ask again. */
  outcome: z.enum(['steppedDown', 'alone', 'notNow', 'noLeader']),
  reason: z.string().max(500).optional(),
});
export type StepDownResult = z.infer<typeof StepDownResult>;

/** The hints on the channels. None is needed for correctness: the truth is in the keys. */
export const Announcement = z.discriminatedUnion('kind', [
  /** A revision was published or restored. Small payloads follow the header inline. */
  z.object({
    kind: z.literal('published'),
    dataset: DatasetName,
    record: VersionRecord,
    isRestored: z.boolean().optional(),
  }),
  /** The source confirmed the current revision. */
  z.object({ kind: z.literal('checked'), dataset: DatasetName, version: Version, checkedAt: instant }),
  /**
   * A permit was given at this time of Redis' clock. `agesMs`: of the source calls in the last `perMs`, this one first.
   * `isAskedAgain`: it had been given before, and was not used.
   */
  z.object({
    kind: z.literal('claimed'),
    dataset: DatasetName,
    podId: PodId,
    epoch: count,
    at: instant,
    agesMs: z.array(z.number().nonnegative()),
    perMs: z.number().positive().optional(),
    isAskedAgain: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('acquired'), podId: PodId, epoch: count, ttlLeftMs: z.number().nonnegative() }),
  z.object({ kind: z.literal('released'), podId: PodId, epoch: count }),
  /** A pod found a stored payload missing or wrong: whoever holds that version polls now, and restores it. */
  z.object({ kind: z.literal('suspected'), dataset: DatasetName }),
  /** To the leader's own channel: refresh this dataset now. */
  z.object({ kind: z.literal('requested'), dataset: DatasetName, requestId: z.string().max(64), from: PodId }),
  /** Back to the channel of the pod that asked. */
  z.object({ kind: z.literal('answered'), requestId: z.string().max(64), result: RefreshResult }),
  /** To the leader's own channel: give the lease to another pod. */
  z.object({ kind: z.literal('stepDownRequested'), requestId: z.string().max(64), from: PodId }),
  z.object({ kind: z.literal('stepDownAnswered'), requestId: z.string().max(64), result: StepDownResult }),
]);
export type Announcement = z.infer<typeof Announcement>;

/**
 * Negative when `a` is older than `b`, 0 when they are one version, positive when newer.
 * No version at all is older than every version.
 */
export function compareVersions(a: Version | undefined, b: Version | undefined): number {
  if (!a || !b) return Number(Boolean(a)) - Number(Boolean(b));
  if (a.revision !== b.revision) return a.revision - b.revision;
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  return a.podId < b.podId ? -1 : Number(a.podId > b.podId);
}

/** The three fields that order and identify a version, without the rest of its record. */
export function versionOf({ revision, epoch, podId }: Version): Version {
  return { revision, epoch, podId };
}

/** The value of the leader lock: readable with `redis-cli get`, and never the same twice. */
export function formatHolder(podId: PodId, epoch: number): string {
  return `${podId}#${epoch}`;
}

/** The highest epoch in any of these versions; 0 when there is none. */
export function highestEpoch(versions: Readonly<Record<string, Version>>): number {
  return Object.values(versions).reduce((highest, { epoch }) => Math.max(highest, epoch), 0);
}
