/**
 * What the pods of a random history know, so that its commands are neither all nonsense nor all well-behaved: who
 * leads, which leases and versions there were, what each pod has seen, and how long the last answer said to wait.
 */
import type { VersionRecord, VersionRecords } from '../../../machines/index.ts';
import type { Holder } from '../../../src/ports.ts';
import type { Picker } from '../../../src/testing/random.ts';
import type { Heard } from '../world.ts';

export const datasets = ['rates', 'terms'] as const;
export type Dataset = (typeof datasets)[number];

type Notes = { seenEpoch: number; ownEpoch: number; held: VersionRecords; agesMs: Record<string, number[]> };

const kept = 8;

export class Fleet {
  readonly podIds: readonly [string, ...string[]];
  readonly connected = new Set<string>();
  readonly #notes: Map<string, Notes>;
  /** Granted leases, youngest first. */
  leases: Holder[] = [];
  /** The lock as it was last observed. */
  lock: Holder | undefined;
  /** What is stored, as last heard of. */
  stored: VersionRecords = {};
  /** Versions that there were, youngest first. */
  records: VersionRecord[] = [];
  permits: Record<Dataset, string[]> = { rates: [], terms: [] };
  /** Points in time that an answer named, youngest first. */
  boundaries: number[] = [];

  constructor(podCount: number) {
    this.podIds = ['pod-1', ...Array.from({ length: podCount - 1 }, (_, i) => `pod-${i + 2}`)];
    const fresh = () => ({ seenEpoch: 0, ownEpoch: 0, held: {}, agesMs: {} });
    this.#notes = new Map(this.podIds.map((podId) => [podId, fresh()]));
  }

  notes(podId: string): Notes {
    const notes = this.#notes.get(podId);
    if (!notes) throw new Error(`no pod ${podId}`);
    return notes;
  }

  /** Mostly the last lease that was granted. */
  lease(pick: Picker): Holder {
    const last = this.leases[0] ?? { podId: this.podIds[0], epoch: 1 };
    if (pick.chance(0.8)) return last;
    const older = pick.one([last, ...this.leases]);
    return pick.chance(0.3) ? { podId: pick.one(this.podIds), epoch: older.epoch } : older;
  }

  record(pick: Picker): VersionRecord | undefined {
    const [first, ...others] = this.records;
    return first && pick.one([first, first, ...others]);
  }

  /** A pod's lease, lock, version or wait, off whatever was answered to it. */
  learn(podId: string, reply: unknown, now: number): void {
    const notes = this.notes(podId);
    const { outcome, epoch, lock, waitMs, records, record, callAgesMs } = (reply ?? {}) as Partial<{
      outcome: string;
      epoch: number;
      lock: Holder & { ttlLeftMs: number };
      waitMs: number;
      records: VersionRecords;
      record: VersionRecord;
      callAgesMs: Record<string, number[]>;
    }>;
    if (outcome === 'granted' && epoch !== undefined) {
      notes.ownEpoch = Math.max(notes.ownEpoch, epoch);
      this.lock = { podId, epoch };
      this.leases = [this.lock, ...this.leases].slice(0, kept);
    }
    notes.seenEpoch = Math.max(notes.seenEpoch, epoch ?? 0, lock?.epoch ?? 0);
    if (lock) {
      this.lock = lock;
      if (lock.ttlLeftMs >= 0) this.#noteBoundary(now + lock.ttlLeftMs);
    }
    if (waitMs !== undefined) this.#noteBoundary(now + waitMs);
    if (records) this.stored = records;
    if (records && callAgesMs) Object.assign(notes, { held: { ...notes.held, ...records }, agesMs: callAgesMs });
    if (record) this.#noteRecord(record);
  }

  hear(podId: string, heard: readonly Heard[]): void {
    const notes = this.notes(podId);
    for (const announcement of heard) {
      if (announcement.kind === 'published') {
        this.stored = { ...this.stored, [announcement.dataset]: announcement.record };
        this.#noteRecord(announcement.record);
      }
      if (announcement.kind === 'acquired') notes.seenEpoch = Math.max(notes.seenEpoch, announcement.epoch);
      if (announcement.kind === 'claimed') notes.agesMs[announcement.dataset] = announcement.agesMs;
    }
  }

  notePermit(dataset: Dataset, permitId: string): void {
    this.permits[dataset] = [permitId, ...this.permits[dataset]].slice(0, kept);
  }

  #noteBoundary(at: number): void {
    this.boundaries = [at, ...this.boundaries].slice(0, kept);
  }

  #noteRecord(record: VersionRecord): void {
    this.records = [record, ...this.records].slice(0, kept);
  }
}
