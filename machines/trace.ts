/**
 * What happened, as facts: the one kind of event that production, simulation and model checker emit, so that the
 * same invariants (`invariants.ts`), logs and pictures serve all of them.
 */
import type { Failure } from './failure.ts';
import type { DatasetName, PodId, Role, VersionRecord } from './protocol.ts';

/** How a lease came to a pod: nobody held it; its holder was gone. */
export type GrantCause = 'acquired' | 'tookOver';

/** How a follower learned that its leader's lease is over. */
export type LeaderEnd = 'released' | 'expired' | 'lockGone';

export type TraceEvent =
  | { type: 'role.changed'; from: Role; to: Role; cause: string }
  | { type: 'redis.up' }
  | { type: 'redis.down'; failure: Failure }
  /** This pod holds a lease. */
  | { type: 'lease.granted'; epoch: number; cause: GrantCause }
  /** Told before Redis is asked anything else: from here on this pod does not believe that it leads. */
  | { type: 'belief.ended'; epoch: number }
  | { type: 'lease.uncertain'; epoch: number }
  | { type: 'lease.confirmed'; epoch: number }
  | { type: 'lease.ended'; epoch: number; cause: string }
  /** This pod learned who leads. */
  | { type: 'leader.elected'; leader: PodId; epoch: number }
  /** The lease of the leader this pod knew has come to its end, as far as this pod can tell. */
  | { type: 'leader.gone'; leader: PodId; epoch: number; cause: LeaderEnd }
  /** This pod was asked to stop. */
  | { type: 'pod.stopping' }
  | { type: 'takeover.blind'; reason: string }
  | { type: 'source.called'; dataset: DatasetName; permitId: string }
  | { type: 'source.failed'; dataset: DatasetName; failure: Failure; attempt: number }
  | { type: 'permit.refused'; dataset: DatasetName; waitMs: number }
  | { type: 'revision.published'; dataset: DatasetName; record: VersionRecord }
  | { type: 'revision.unchanged'; dataset: DatasetName; record: VersionRecord }
  | { type: 'revision.applied'; dataset: DatasetName; record: VersionRecord }
  | { type: 'revision.rejected'; dataset: DatasetName; record: VersionRecord; reason: string }
  | { type: 'revision.damaged'; dataset: DatasetName; record: VersionRecord; reason: string }
  | { type: 'revision.restored'; dataset: DatasetName }
  | { type: 'publishing.blocked'; dataset: DatasetName; failure: Failure }
  | { type: 'publishing.mismatched'; dataset: DatasetName }
  | { type: 'publishing.fenced'; dataset: DatasetName }
  | { type: 'generation.changed'; from: string; to: string }
  | { type: 'redis.failed'; failure: Failure };

/** A fact with its place and time. `at` is the pod's wall clock in ms: for people, never for decisions. */
export type TraceEntry = TraceEvent & Readonly<{ at: number; podId: PodId }>;
