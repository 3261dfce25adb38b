/** What a service needs of a data manager: kept by the real one and by the fixture that stands in for it in tests. */
import type { RefreshResult, Role, StepDownResult, TraceEntry, TraceEvent } from '../machines/index.ts';
import type { Duration } from './duration.ts';
import type { DeepReadonly } from './source/source.ts';
import type { StartOptions } from './start.ts';

/** What is known of the revision that is served. */
export type DataVersionInfo = Readonly<{
  revision: number;
  epoch: number;
  /** Verified, and confirmed by the source within `maxAge`. */
  isValid: boolean;
  /** When it was published: ms since 1970 on Redis' clock. */
  updatedAt: number;
  /** Since the source last confirmed it. */
  ageMs: number;
  /** The pod that published it. */
  podId: string;
  /** Read from this pod's own disk at start: neither Redis nor the source has been heard since. */
  isFromBackup?: true;
}>;

/** Before the first revision. */
export const noVersion: DataVersionInfo = {
  revision: 0,
  epoch: 0,
  isValid: false,
  updatedAt: 0,
  ageMs: Number.POSITIVE_INFINITY,
  podId: '',
};

/** Listens to facts of one kind, or to all of them. */
export type TraceListener<Type extends TraceEvent['type'] | '*'> = (
  entry: Type extends '*' ? TraceEntry : Extract<TraceEntry, { type: Type }>,
) => void;

/** `Data`: per dataset the type of its data. */
export type DataManager<Data extends Record<string, unknown>> = {
  readonly podId: string;
  /**
   * Starts the pod; resolves when every required dataset has data.
   *
   * @throws BellwetherError `startTimeout`, `startAborted`, `redisDown` (only with `whenRedisIsDown: 'fail'`), `stopped`
   */
  start(options?: StartOptions): Promise<void>;
  /**
   * The current data: typed, frozen, shared by all readers. Synchronous, never I/O.
   *
   * @throws BellwetherError `noData` before the first revision, `unknownDataset`
   */
  get<Name extends keyof Data & string>(name: Name): DeepReadonly<Data[Name]>;
  /** What is known of the data that `get` returns. Before the first revision: revision 0, not valid, infinitely old. */
  version(name: keyof Data & string): DataVersionInfo;
  /**
   * Asks the leader for a refresh now, within the budget of source calls. Resolves to what came of it; nothing is
   * thrown for a refusal. The new data arrives like any other revision.
   */
  refresh(name: keyof Data & string, options?: { timeout?: Duration }): Promise<RefreshResult>;
  /**
   * Asks the leader, be it this pod, to give its lease to another: it ends what is under way, releases, and rests for
   * a refresh interval. Alone, it stays. Nothing is thrown for a refusal.
   */
  stepDown(options?: { timeout?: Duration }): Promise<StepDownResult>;
  /** Whether this pod holds the lease and may believe in it at this very moment, by both clocks. */
  isLeader(): boolean;
  role(): Role;
  /** Who leads, as far as this pod knows. */
  leader(): { podId: string; epoch: number } | null;
  /** Calls back with every new revision of a dataset, after `get` returns it. Returns what ends it. */
  subscribe<Name extends keyof Data & string>(
    name: Name,
    listener: (data: DeepReadonly<Data[Name]>, version: DataVersionInfo) => void,
  ): () => void;
  /** Calls back with everything of one kind that happens to this pod, or with all of it. Returns what ends it. */
  on<Type extends TraceEvent['type'] | '*'>(type: Type, listener: TraceListener<Type>): () => void;
  /** Hands the lease over if this pod leads, and leaves nothing open. Called again, it hurries. */
  stop(): Promise<void>;
};
