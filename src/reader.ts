/**
 * The current revision of every dataset, in memory.
 *
 * Guarantee: reading is a property read: no I/O, no promise, no copy. Only a newer version replaces one.
 * Clock: ages are measured on Redis' clock, as this pod last heard it, carried on by the monotonic clock; so they
 * are right on a pod whose wall clock is wrong.
 */
import { EventEmitter } from 'node:events';
import {
  compareVersions,
  type DatasetName,
  type Version,
  type VersionRecord,
  type VersionRecords,
} from '../machines/index.ts';
import type { Clock } from './ports.ts';

export type Revision<T = unknown> = Readonly<{ record: VersionRecord; data: T; payload: Buffer }>;

export class Reader {
  /** Told in the same turn of the event loop in which `get` returns something new. */
  readonly events = new EventEmitter<{ served: [DatasetName] }>().setMaxListeners(0);
  readonly #clock: Clock;
  readonly #revisions = new Map<DatasetName, Revision>();
  /** Redis' clock minus our monotonic clock. */
  #redisOffsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(dataset: DatasetName): Revision | undefined {
    return this.#revisions.get(dataset);
  }

  /** Makes it the current revision, unless a newer one is. Returns whether it did. */
  serve(dataset: DatasetName, revision: Revision): boolean {
    if (compareVersions(revision.record, this.#revisions.get(dataset)?.record) <= 0) return false;
    this.#revisions.set(dataset, revision);
    this.events.emit('served', dataset);
    return true;
  }

  /** The source confirmed this version at that time of Redis' clock. */
  noteChecked(dataset: DatasetName, version: Version, checkedAt: number): void {
    const current = this.#revisions.get(dataset);
    if (!current || compareVersions(current.record, version) !== 0 || current.record.checkedAt >= checkedAt) return;
    this.#revisions.set(dataset, { ...current, record: { ...current.record, checkedAt } });
  }

  /** Redis' clock said so at that moment of the monotonic clock. */
  noteRedisTime(redisNow: number, monotonicMs: number): void {
    this.#redisOffsetMs = redisNow - monotonicMs;
  }

  /** Time since the source last confirmed what is served, in ms. */
  ageMs(record: VersionRecord): number {
    return Math.max(0, Math.round((this.redisTime() ?? this.#clock.now()) - record.checkedAt));
  }

  /** Redis' clock as far as this pod knows; undefined before it was told. */
  redisTime(): number | undefined {
    return this.#redisOffsetMs === undefined ? undefined : this.#clock.monotonic() + this.#redisOffsetMs;
  }

  records(): VersionRecords {
    return Object.fromEntries([...this.#revisions].map(([name, { record }]) => [name, record]));
  }
}
