/** What a fleet did, as one list: the pods' own facts, and what a harness did to them and to Redis. */
import type { DatasetName, PodId, VersionRecord } from './protocol.ts';
import type { TraceEntry } from './trace.ts';

/** The keys of the namespace with which a promise is lost until pods have repaired it. */
export type GuardedKey = 'leader_lock' | 'lease' | 'data_version' | 'schedule';

/** What a harness did to a pod, told in the trace: a process that is killed or paused says nothing itself. */
type PodFault = Readonly<{ at: number; podId: PodId }> &
  Readonly<
    | { type: 'pod.crashed' }
    /** SIGSTOP: it answers nobody, so nobody hears that it leads. */
    | { type: 'pod.paused' }
    | { type: 'pod.resumed' }
    /** The harness asked `isLeader()`. */
    | { type: 'pod.answered'; isLeader: boolean }
  >;

/** Redis lost its data, or one key of it. */
type RedisFault = Readonly<{
  type: 'redis.wiped';
  at: number;
  podId?: never;
  key?: GuardedKey;
}>;

/** The harness looked at what Redis holds. */
type RedisSight = Readonly<{
  type: 'redis.holds';
  at: number;
  podId?: never;
  dataset: DatasetName;
  record: VersionRecord;
  /** It was published, not restored, when Redis remembered this epoch. */
  publishedAfter?: number;
}>;

/** A pod that knows the last source call has reached Redis since: its loss excuses no further call. */
type CallsTold = Readonly<{ type: 'calls.told'; at: number; podId?: never }>;

export type FaultEntry = PodFault | RedisFault | RedisSight | CallsTold;

/** What concerns no pod alone. */
export type FleetwideEntry = RedisFault | RedisSight | CallsTold;

export function isFleetwide(entry: FleetEntry): entry is FleetwideEntry {
  return entry.type === 'redis.wiped' || entry.type === 'redis.holds' || entry.type === 'calls.told';
}
export type FleetEntry = TraceEntry | FaultEntry;

/** In the order of `at`: `judge` sees to it. */
export type FleetTrace = readonly FleetEntry[];

/** Whether Redis lost one of these keys, or all. */
export function isLossOf(entry: FleetEntry, keys: readonly GuardedKey[]): boolean {
  return entry.type === 'redis.wiped' && (entry.key === undefined || keys.includes(entry.key));
}

/** When Redis lost one of these keys, or all. */
export function lossesOf(trace: FleetTrace, keys: readonly GuardedKey[]): number[] {
  return trace.filter((entry) => isLossOf(entry, keys)).map(({ at }) => at);
}
