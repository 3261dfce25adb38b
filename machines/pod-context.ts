/** What the pod machine is given and what it remembers. */
import type { Failure } from './failure.ts';
import type { Lease } from './observed-leader.ts';
import type { DatasetName, PodId, VersionRecords } from './protocol.ts';
import type { DatasetPlan } from './refresh.machine.ts';
import type { Refused } from './sync.machine.ts';
import type { FleetView, Timing } from './timing.ts';
import type { GrantCause } from './trace.ts';

export type PodInput = Readonly<{
  podId: PodId;
  /** `standalone`: this pod refreshes for itself and never asks Redis. A matter of configuration only. */
  mode: 'distributed' | 'standalone';
  plans: readonly DatasetPlan[];
  timing: Timing;
}>;

export type PodContext = {
  podId: PodId;
  mode: PodInput['mode'];
  plans: readonly DatasetPlan[];
  timing: Timing;
  /** Who leads, as far as this pod knows. */
  leader: Lease | null;
  /** The epoch of this pod's own lease, or of its last one; 0 before the first. */
  epoch: number;
  /** What was left of the belief window when the grant arrived. */
  beliefLeftMs: number;
  grantCause: GrantCause;
  /** Left, when it was observed, until the leader's lock expires. */
  lockLeftMs: number;
  fleet: FleetView;
  untilTurnMs: number;
  /** How long the state that waits waits. */
  waitMs: number;
  /** `PUBSUB` sees whether the holder is there. */
  canSeePresence: boolean;
  generation: string;
  /** Verified and served. */
  held: VersionRecords;
  rejected: Refused;
  /** Why Redis can't be used, or the last failure that mattered. */
  failure: Failure | null;
  /** Failures in a row at what the pod itself asks. */
  attempt: number;
  /** Datasets whose refreshing has not finished yet, while a leader stops. */
  unfinished: DatasetName[];
  /** Datasets with a fetched and validated result that is not in Redis yet. */
  kept: DatasetName[];
  /** Why the last source call of a dataset failed, while this pod leads and no call has succeeded since. */
  failing: Readonly<Record<DatasetName, Failure>>;
  /** Yields in a row without a good refresh between; saturates. */
  yields: number;
};
