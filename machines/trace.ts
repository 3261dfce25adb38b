/**
 * What happened, as facts: the one kind of event that production, simulation and model checker emit, so that the
 * same invariants (`invariants.ts`), logs and pictures serve all of them.
 */
import { z } from 'zod';
import { Failure } from './failure.ts';
import { DatasetName, PodId, Role, VersionRecord } from './protocol.ts';

/** How a lease came to a pod: nobody held it; its holder was gone. */
export const GrantCause = z.enum(['acquired', 'tookOver']);
export type GrantCause = z.infer<typeof GrantCause>;

/** How a follower learned that its leader's lease is over. */
export const LeaderEnd = z.enum(['released', 'expired', 'lockGone']);
export type LeaderEnd = z.infer<typeof LeaderEnd>;

const fact = <const Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape });

const epoch = z.number().int().nonnegative();
const ofDataset = { dataset: DatasetName };
const ofRevision = { dataset: DatasetName, record: VersionRecord };

export const TraceEvent = z.discriminatedUnion('type', [
  fact('role.changed', { from: Role, to: Role, cause: z.string() }),
  fact('redis.up', {}),
  fact('redis.down', { failure: Failure }),
  /** This pod holds a lease. */
  fact('lease.granted', { epoch, cause: GrantCause }),
  /** Told before Redis is asked anything else: from here on this pod does not believe that it leads. */
  fact('belief.ended', { epoch }),
  fact('lease.uncertain', { epoch }),
  /** `hasStayed`: this pod offered its lease, and nobody could take it. */
  fact('lease.confirmed', { epoch, hasStayed: z.literal(true).optional() }),
  fact('lease.ended', { epoch, cause: z.string() }),
  /** This pod learned who leads, be it itself. */
  fact('leader.elected', { leader: PodId, epoch }),
  /** The lease of the leader this pod knew has come to its end, as far as this pod can tell. */
  fact('leader.gone', { leader: PodId, epoch, cause: LeaderEnd }),
  /** This pod was asked to stop. */
  fact('pod.stopping', {}),
  fact('takeover.blind', { reason: z.string() }),
  fact('source.called', { ...ofDataset, permitId: z.string() }),
  fact('source.failed', { ...ofDataset, failure: Failure, attempt: z.number() }),
  fact('permit.refused', { ...ofDataset, waitMs: z.number() }),
  fact('revision.published', ofRevision),
  fact('revision.unchanged', ofRevision),
  fact('revision.applied', ofRevision),
  fact('revision.rejected', { ...ofRevision, reason: z.string() }),
  fact('revision.damaged', { ...ofRevision, reason: z.string() }),
  fact('revision.restored', ofDataset),
  fact('publishing.blocked', { ...ofDataset, failure: Failure }),
  fact('publishing.mismatched', ofDataset),
  fact('publishing.fenced', ofDataset),
  fact('generation.changed', { from: z.string(), to: z.string() }),
  fact('redis.failed', { failure: Failure }),
]);
export type TraceEvent = z.infer<typeof TraceEvent>;

/** With its place and time. `at` is the pod's wall clock in ms: for people, never for decisions. */
const Place = z.object({ at: z.number(), podId: PodId });

/** A fact with its place and time. */
export const TraceEntry = z.intersection(TraceEvent, Place);
export type TraceEntry = TraceEvent & Readonly<z.infer<typeof Place>>;
