/**
 * What one pod remembers between its actors: the part of its state that is no business of a statechart (bytes,
 * belief, what was heard). It lives as long as the process, so it outlasts every lease and every outage.
 */
import {
  type Announcement,
  compareVersions,
  type DatasetName,
  highestEpoch,
  type PodId,
  type Validators,
  type Version,
  type VersionRecord,
  type VersionRecords,
} from '../machines/index.ts';
import { Belief, type Moment } from './belief.ts';
import { CallMemory } from './call-memory.ts';
import type { EncodedPayload } from './codec.ts';
import type { Clock, Message, PollReply } from './ports.ts';
import { Reader, type Revision } from './reader.ts';

/** A permit that was asked for, and not spent yet. */
export type Permit = { permitId: string; sentAt: Moment };

/** What a source answered, before and after it was validated. */
export type Answer = { raw: unknown; validators: Validators | undefined; permitId: string };
export type Result = EncodedPayload &
  Readonly<{ data: unknown; validators: Validators | undefined; permitId: string }> & {
    /** The number under which it was last proposed: never another content under that number. */
    proposal?: Version;
  };

/** Longer than any pause from which a connection is likely to come back. */
const mostLagMs = 60_000;
/** No fleet elects so often while a pod is away: an announcement that is further ahead is none of a pod's. */
const mostEpochsAhead = 1_000_000;

export class PodMemory {
  readonly belief: Belief;
  readonly reader: Reader;
  readonly calls: CallMemory;
  /** The highest epoch seen anywhere, and the highest of which a grant arrived here. */
  seenEpoch = 0;
  ownEpoch = 0;
  /** The last question about the lease was not answered in time: Redis may hear this pod though it hears nothing. */
  isUnheard = false;
  /** What Redis holds, as last heard of; announcements and replies arrive in Redis' order. */
  readonly stored = new Map<DatasetName, VersionRecord>();
  /** The highest revision this process ever proposed. */
  readonly proposed = new Map<DatasetName, number>();
  readonly permits = new Map<DatasetName, Permit>();
  /** Under which this pod last called. */
  readonly spentPermits = new Map<DatasetName, string>();
  readonly answers = new Map<DatasetName, Answer>();
  /** Validated, not in Redis yet. */
  readonly unpublished = new Map<DatasetName, Result>();
  /** What this process published last. */
  readonly published = new Map<DatasetName, Result>();
  /** Payloads on the way to verification. */
  readonly staged = new Map<DatasetName, { record: VersionRecord; payload: Buffer | undefined }>();
  /** Verified, about to be served. */
  readonly verified = new Map<DatasetName, Revision>();
  readonly #podId: PodId;

  constructor(clock: Clock, podId: PodId) {
    this.#podId = podId;
    this.belief = new Belief(clock);
    this.reader = new Reader(clock);
    this.calls = new CallMemory(clock);
  }

  noteEpoch(epoch: number): void {
    this.seenEpoch = Math.max(this.seenEpoch, epoch);
  }

  noteGrant(epoch: number): void {
    this.noteEpoch(epoch);
    this.ownEpoch = Math.max(this.ownEpoch, epoch);
  }

  /** @param askedAtMs when Redis answered, as well as this pod can tell: on the monotonic clock */
  notePoll(reply: PollReply, askedAtMs: number): void {
    this.noteEpoch(Math.max(reply.epoch, reply.lock?.epoch ?? 0, highestEpoch(reply.records)));
    this.reader.noteRedisTime(reply.now, askedAtMs);
    this.stored.clear();
    for (const [dataset, record] of Object.entries(reply.records)) {
      this.stored.set(dataset, record);
      this.reader.noteChecked(dataset, record, record.checkedAt);
    }
    for (const [dataset, agesMs] of Object.entries(reply.callAgesMs)) {
      this.calls.note(dataset, agesMs, askedAtMs);
      this.calls.noteAsOf(dataset, reply.now);
    }
  }

  /** Takes from an announcement what every pod remembers, whatever state it is in. */
  hear({ announcement, payload }: Message): void {
    switch (announcement.kind) {
      case 'published':
        this.#hearEpoch(announcement.record.epoch);
        this.stored.set(announcement.dataset, announcement.record);
        if (payload) this.staged.set(announcement.dataset, { record: announcement.record, payload });
        break;
      case 'checked':
        this.reader.noteChecked(announcement.dataset, announcement.version, announcement.checkedAt);
        break;
      case 'claimed':
        this.#hearEpoch(announcement.epoch);
        // Of an own permit the reply tells, with the moment of its sending.
        if (announcement.podId !== this.#podId) this.#noteCalls(announcement);
        break;
      case 'acquired':
      case 'released':
        this.#hearEpoch(announcement.epoch);
        break;
      default:
    }
  }

  /** Anybody may announce a number that Redis never gave, and that no lease gets past. What Redis answers is believed. */
  #hearEpoch(epoch: number): void {
    if (epoch <= this.seenEpoch + mostEpochsAhead) this.noteEpoch(epoch);
  }

  /**
   * A process that lags hears of a call late. Taken for one of this moment, it would be told to Redis as another call
   * than the one that Redis knows. Limited, because a step of Redis' clock looks like lag.
   */
  #noteCalls({ dataset, agesMs, at, isAskedAgain }: Extract<Announcement, { kind: 'claimed' }>): void {
    const redisTime = this.reader.redisTime() ?? at;
    const lagMs = Math.min(Math.max(0, redisTime - at), mostLagMs);
    this.calls.noteGrant(dataset, { agesMs: agesMs.map((ageMs) => ageMs + lagMs), at, isAskedAgain });
  }

  /** What Redis answered with a permit for this pod, which asked at that moment of the monotonic clock. */
  noteOwnGrant(dataset: DatasetName, agesMs: readonly number[], askedAtMs: number): void {
    this.calls.note(dataset, agesMs, askedAtMs);
    const redisTime = this.reader.redisTime();
    if (redisTime !== undefined) this.calls.noteAsOf(dataset, redisTime);
  }

  /** The payload of exactly this version, if it is at hand. */
  stagedPayload(dataset: DatasetName, record: VersionRecord): Buffer | undefined {
    const staged = this.staged.get(dataset);
    return staged && compareVersions(staged.record, record) === 0 ? staged.payload : undefined;
  }

  /** A result of this process with exactly these bytes: they need not be fetched or parsed again. */
  ownResult(dataset: DatasetName, { sha256 }: VersionRecord): Result | undefined {
    return [this.unpublished.get(dataset), this.published.get(dataset)].find((result) => result?.sha256 === sha256);
  }

  /** Swaps in what was verified. */
  serve(records: VersionRecords): void {
    for (const [dataset, record] of Object.entries(records)) {
      const revision = this.verified.get(dataset);
      if (revision && compareVersions(revision.record, record) === 0) this.reader.serve(dataset, revision);
      this.verified.delete(dataset);
      this.staged.delete(dataset);
    }
  }
}
