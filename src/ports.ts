/**
 * The ports: what the actors need of the outside world. Types only.
 *
 * Two implementations keep one contract: `redis/` (ioredis and Lua) and `memory/`. Every method is one decision,
 * taken at one moment on the store's own clock. A method rejects with an error that carries a `kind`
 * (machines/failure.ts); after a `timeout` the command may have run, so every method may be sent again.
 */
import type {
  Announcement,
  DatasetName,
  Failure,
  ObservedLock,
  PodId,
  PodReport,
  Version,
  VersionRecord,
  VersionRecords,
} from '../machines/index.ts';

/** Wall and monotonic time in ms, and timers. XState takes it as its clock. */
export type Clock = {
  /** Milliseconds since 1970; may jump. For people and records, never for decisions. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(id: unknown): void;
};

/** In [0, 1). */
export type Random = () => number;

/** The lease that a command acts under. */
export type Holder = Readonly<{ podId: PodId; epoch: number }>;

export type AcquireRequest = Readonly<{
  podId: PodId;
  /** The highest epoch this pod has seen anywhere. */
  seenEpoch: number;
  /** The highest epoch of which this pod has received the grant; a lock of its own with a higher one is a lost reply. */
  ownEpoch: number;
  ttlMs: number;
  beliefWindowMs: number;
  graceMs: number;
  /** Becomes the generation if Redis has none. */
  freshGeneration: string;
}>;

export type AcquireReply =
  | { outcome: 'granted'; epoch: number }
  | { outcome: 'held'; lock: ObservedLock }
  | { outcome: 'onHold'; waitMs: number };

export type TakeOverRequest = AcquireRequest & Readonly<{ observed: Holder }>;

export type TakeOverReply =
  | { outcome: 'granted'; epoch: number }
  | { outcome: 'free' }
  | { outcome: 'changed'; lock: ObservedLock }
  | { outcome: 'present'; now: number; lock: ObservedLock }
  | { outcome: 'tooYoung'; waitMs: number }
  | { outcome: 'presenceUnknown'; reason: string };

export type YieldRequest = Holder &
  Readonly<{
    /** At most one yield of the whole fleet in so long. */
    minIntervalMs: number;
    /** Pods that polled within so long count as present. */
    presenceMs: number;
  }>;
export type YieldReply = { outcome: 'yielded' | 'alone' | 'tooSoon' | 'notHolder' };

/** The leader lock. See DESIGN "Lease": an epoch is granted once, a lost lease is never recreated. */
export type LeaseStore = {
  acquire(request: AcquireRequest): Promise<AcquireReply>;
  takeOver(request: TakeOverRequest): Promise<TakeOverReply>;
  /** `lost` unless the lock *and* the stored epoch are the caller's; a missing lock is lost. */
  renew(request: Holder & Readonly<{ ttlMs: number }>): Promise<{ outcome: 'renewed' | 'lost' }>;
  /** Compare and delete, then announce `released`. */
  release(request: Holder): Promise<{ outcome: 'released' | 'lost' }>;
  /** Releases because the source fails for this pod, if others are there and none yielded lately. */
  yield(request: YieldRequest): Promise<YieldReply>;
};

export type PollRequest = Readonly<{
  report: PodReport;
  seenEpoch: number;
  freshGeneration: string;
  /** Entries of pods that haven't polled for three of these are dropped. */
  pollIntervalMs: number;
  /** The datasets of this fleet. */
  datasets: readonly DatasetName[];
  /** What this pod holds in memory and could restore. */
  held: VersionRecords;
  /** Per dataset the ages of the source calls this pod knows of, youngest first. */
  callAgesMs: Readonly<Record<DatasetName, readonly number[]>>;
}>;

export type PollReply = {
  /** The store's clock. */
  now: number;
  generation: string;
  generatedAt: number;
  records: VersionRecords;
  lock?: ObservedLock;
  epoch: number;
  size: number;
  rank: number;
  turn: number;
  turns: number;
  /** Of these datasets the caller holds a version that is newer than the stored one, or the stored payload is gone. */
  wanted: DatasetName[];
  /** Ages of the calls in the stored schedule, youngest first. */
  callAgesMs: Record<DatasetName, number[]>;
  /** Presence could not be written (OOM, MISCONF); what was read is good. */
  writeFailure?: string;
};

export type RestoreRequest = Readonly<{
  dataset: DatasetName;
  record: VersionRecord;
  payload: Buffer;
  freshGeneration: string;
}>;

/** The fleet as its pods reported it with their polls, on the store's clock: some are half a minute old. */
export type FleetSight = Readonly<{
  now: number;
  epoch: number;
  lock?: ObservedLock;
  records: VersionRecords;
  /** How many pods are listed. */
  size: number;
  /** In the order in which they came: at most 2,000, with at most 64 KiB a report and 4 MiB of them together. */
  pods: readonly Readonly<{ polledAt: number; report: PodReport }>[];
}>;

/** Versions and payloads, and the presence of pods. */
export type DataStore = {
  /** Reads all and reports the pod: the idle pods' heartbeat. Writes a generation if there is none. */
  poll(request: PollRequest): Promise<PollReply>;
  /**
   * The stored payload; undefined when there is none. It may already belong to a newer version: check it. Of one that
   * is longer than `mostBytes` only the beginning may come: whatever stands there, no pod takes in more than it expects.
   */
  download(dataset: DatasetName, mostBytes?: number): Promise<Buffer | undefined>;
  /** Puts a version back that Redis lost. Needs no lease: it adds nothing that wasn't published. */
  restore(request: RestoreRequest): Promise<{ outcome: 'restored' | 'notWanted' }>;
  /** Marks a stored payload as missing or wrong, if that version is still the stored one, and announces it. */
  suspect(request: Readonly<{ dataset: DatasetName; version: Version }>): Promise<void>;
  /** Reads what the fleet tells of itself, for people. Changes nothing. */
  look(): Promise<FleetSight>;
  /** Takes the pod off the list. */
  leave(podId: PodId): Promise<void>;
};

export type PublishRequest = Holder &
  Readonly<{
    dataset: DatasetName;
    /** Its `updatedAt` and `checkedAt` are set by the store. */
    record: VersionRecord;
    payload: Buffer;
    /** The version the caller built on; undefined for none. */
    expected: Version | undefined;
    freshGeneration: string;
    /** Send the payload with the announcement. */
    isInline: boolean;
    /** Drop it if the source was called under another permit since: for results kept over an outage. */
    permitId: string | undefined;
  }>;

/** What the holder writes. Each is fenced: another lock or a higher stored epoch answers `notHolder`. */
export type PublicationStore = {
  publish(
    request: PublishRequest,
  ): Promise<{ outcome: 'published'; record: VersionRecord } | { outcome: 'mismatch' | 'notHolder' | 'outdated' }>;
  /** Moves `checkedAt` of the version, if it is still the stored one. */
  confirm(
    request: Holder &
      Readonly<{ dataset: DatasetName; version: Version; validators: VersionRecord['validators'] | undefined }>,
  ): Promise<{ outcome: 'confirmed'; record: VersionRecord } | { outcome: 'mismatch' | 'notHolder' }>;
};

export type ClaimRequest = Holder &
  Readonly<{
    dataset: DatasetName;
    permitId: string;
    intervalMs: number;
    budget: Readonly<{ calls: number; perMs: number }>;
    /** Ages of the source calls this pod knows of, youngest first: a wiped schedule is no excuse. */
    callAgesMs: readonly number[];
    /** Somebody asked: due at once, within the budget. */
    isRequested: boolean;
  }>;

export type ClaimReply =
  | { outcome: 'granted'; callAgesMs: number[] }
  | { outcome: 'notDue' | 'overBudget'; waitMs: number }
  | { outcome: 'notHolder' };

/** The fleet-wide right to call the source, on the store's clock. */
export type PermitStore = {
  /** Asking again with the same id moves the grant to now: no call was made under it yet. Announces `claimed`. */
  claim(request: ClaimRequest): Promise<ClaimReply>;
  /** The call under this permit failed: the next one is due in `delayMs`, whoever leads then. */
  defer(
    request: Holder & Readonly<{ dataset: DatasetName; permitId: string; delayMs: number }>,
  ): Promise<{ outcome: 'deferred' | 'notHolder' }>;
};

export type Stores = Readonly<{
  lease: LeaseStore;
  data: DataStore;
  publications: PublicationStore;
  permits: PermitStore;
}>;

/** Header and, of a small `published`, its payload. `receivedAtMs` is monotonic. */
export type Message = Readonly<{ announcement: Announcement; payload?: Buffer; receivedAtMs: number }>;

export type ConnectionEvents = Readonly<{
  /** Connected *and* subscribed: from here on no announcement is missed and this pod counts as present. */
  onUp(): void;
  onDown(failure: Failure): void;
  onMessage(message: Message): void;
  /** Something a person should know, told once per cause. */
  onWarning(sentence: string): void;
}>;

/**
 * The way to one store, for one pod: stores, announcements and presence.
 * Presence: while the connection is up, the pod counts as there; it ends with the connection.
 */
export type Connection = {
  readonly stores: Stores;
  /** For people and logs; holds no password. */
  readonly address: string;
  /** Connects, subscribes and goes on reconnecting for ever, until `close`. Call it once. */
  open(events: ConnectionEvents): void;
  /** Sends a hint to one pod. Resolves to whether anybody received it. */
  send(to: PodId, announcement: Announcement): Promise<boolean>;
  /** Closes at once; nothing is left open. */
  close(): Promise<void>;
};

/** Opens the way of one pod to the store. */
export type Connect = (podId: PodId, clock: Clock) => Connection;
