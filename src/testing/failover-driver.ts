/** What the paths of an environment model are run against: types only. */
import type { Role } from '../../machines/index.ts';
import type { DataVersionInfo } from '../data-manager.ts';
import type { Duration } from '../duration.ts';

/** One pod that runs now, as a model's expectations may look at it. */
export type PodView = Readonly<{
  podId: string;
  role(): Role;
  isLeader(): boolean;
  get(dataset: string): unknown;
  version(dataset: string): DataVersionInfo;
}>;

/** The fleet in a state of the model. */
export type FleetView = Readonly<{
  /** Those that run: neither crashed nor paused nor stopped. */
  pods: readonly PodView[];
  /** Those of them that answer `isLeader()` with true. */
  leaders: readonly PodView[];
}>;

/** What a state of the model may say in its `meta`. */
export type FailoverMeta = {
  /** Throws, or resolves to nothing: checked when the fleet has had its time to settle. */
  holds?: (fleet: FleetView) => void | Promise<void>;
  /** How long the fleet has, in the driver's own time, before `holds` is asked. Default: the driver's. */
  settle?: Duration;
};

export type FailoverEvent = Readonly<{ type: string }>;

/** Does to a fleet what the events of a model say. One driver runs one path. */
export type FailoverDriver = {
  /** The events it knows, for the sentence that says so. */
  readonly events: readonly string[];
  /** Starts so many pods; resolves when they have converged. */
  start(pods: number): Promise<void>;
  perform(event: FailoverEvent): Promise<void>;
  /** Lets time pass. */
  settle(duration: Duration | undefined): Promise<void>;
  view(): FleetView;
  /** Ends all faults and waits until the fleet has converged; rejects when it doesn't in time. */
  recover(): Promise<void>;
  /** @throws Error that names every promise that was broken */
  judge(): void;
  /** Leaves nothing open. Called once, whatever happened. */
  stop(): Promise<void>;
};
