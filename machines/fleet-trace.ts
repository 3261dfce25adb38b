/** What a fleet did, as one list: the pods' own facts, and what a harness did to them and to Redis. */
import { z } from 'zod';
import { DatasetName, PodId, VersionRecord } from './protocol.ts';
import { TraceEntry } from './trace.ts';

/** The keys of the namespace with which a promise is lost until pods have repaired it. */
export const GuardedKey = z.enum(['leader_lock', 'lease', 'data_version', 'schedule']);
export type GuardedKey = z.infer<typeof GuardedKey>;

const ofPod = { at: z.number(), podId: PodId };
const ofNoPod = { at: z.number(), podId: z.never().optional() };

/** What a harness did to a pod, told in the trace: a process that is killed or paused says nothing itself. */
const PodFault = z.discriminatedUnion('type', [
  z.object({ type: z.literal('pod.crashed'), ...ofPod }),
  /** SIGSTOP: it answers nobody, so nobody hears that it leads. */
  z.object({ type: z.literal('pod.paused'), ...ofPod }),
  z.object({ type: z.literal('pod.resumed'), ...ofPod }),
  /** The harness asked `isLeader()`. */
  z.object({ type: z.literal('pod.answered'), isLeader: z.boolean(), ...ofPod }),
]);
type PodFault = Readonly<z.infer<typeof PodFault>>;

/** Redis lost its data, or one key of it. */
const RedisFault = z.object({ type: z.literal('redis.wiped'), key: z.exactOptional(GuardedKey), ...ofNoPod });
type RedisFault = Readonly<z.infer<typeof RedisFault>>;

/** The harness looked at what Redis holds. */
const RedisSight = z.object({
  type: z.literal('redis.holds'),
  dataset: DatasetName,
  record: VersionRecord,
  /** It was published, not restored, when Redis remembered this epoch. */
  publishedAfter: z.exactOptional(z.number()),
  ...ofNoPod,
});
type RedisSight = Readonly<z.infer<typeof RedisSight>>;

/** The harness saw Redis grant a new lease: its pod tells of it later, and perhaps after a newer one was granted. */
const RedisGrant = z.object({ type: z.literal('redis.granted'), holder: PodId, epoch: z.number(), ...ofNoPod });
type RedisGrant = Readonly<z.infer<typeof RedisGrant>>;

/** A pod that knows the last source call has reached Redis since: its loss excuses no further call. */
const CallsTold = z.object({ type: z.literal('calls.told'), ...ofNoPod });
type CallsTold = Readonly<z.infer<typeof CallsTold>>;

export const FaultEntry = z.union([PodFault, RedisFault, RedisSight, RedisGrant, CallsTold]);
export type FaultEntry = PodFault | RedisFault | RedisSight | RedisGrant | CallsTold;

/** What concerns no pod alone. */
export type FleetwideEntry = RedisFault | RedisSight | RedisGrant | CallsTold;

const fleetwide = new Set<FleetEntry['type']>(['redis.wiped', 'redis.holds', 'redis.granted', 'calls.told']);

export function isFleetwide(entry: FleetEntry): entry is FleetwideEntry {
  return fleetwide.has(entry.type);
}

export const FleetEntry = z.union([TraceEntry, FaultEntry]);
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
