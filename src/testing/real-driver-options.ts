/** The options of `realDriver`: checked before any pod is made, all faults in one error. */
import { nanoid } from 'nanoid';
import { z } from 'zod';
import { Duration } from '../duration.ts';
import type { DistributedDataManager } from '../manager.ts';
import type { DataManagerOptions, Schemas } from '../manager-options.ts';
import { type PodOptions, parsePodOptions, type ResolvedOptions } from '../pod-options.ts';
import { DriverOptions } from './driver-options.ts';
import type { TransitionCoverage } from './transition-coverage.ts';

/** The server, and how to stop, start and empty it. */
export type RealRedis = Readonly<{
  url: string;
  stop?(): Promise<void>;
  start?(): Promise<void>;
  wipe?(): Promise<void>;
}>;

export type RealDriverOptions<S extends Schemas> = Pick<DataManagerOptions<S>, 'datasets' | 'leaseTtl' | 'timing'> & {
  redis: RealRedis;
  /** Default: one of its own for each driver, so that paths don't see each other. */
  namespace?: string;
  /** What events of your own model do, beside those of `failoverModel`. */
  on?: Record<string, (fleet: RealFleet<S>, event: never) => void | Promise<void>>;
  /** How long the fleet has after each event. Default 3 s. */
  settle?: Duration;
  /** How long it may take to converge. Default 60 s. */
  convergesWithin?: Duration;
  coverage?: TransitionCoverage;
};

/** What orders of one's own may act upon. */
export type RealFleet<S extends Schemas> = Readonly<{
  redis: RealRedis;
  /** Those that run. */
  managers: readonly DistributedDataManager<S>[];
  /** The one that led when the path began. */
  leader: DistributedDataManager<S>;
  crash(manager: DistributedDataManager<S>): void;
  stop(manager: DistributedDataManager<S>): Promise<void>;
}>;

const order = z.custom<() => Promise<void>>((value) => typeof value === 'function', 'expected a function').optional();

const Options = z.strictObject({
  ...DriverOptions.shape,
  redis: z.strictObject({ url: z.string(), stop: order, start: order, wipe: order }),
  settle: Duration.default(3_000),
  convergesWithin: Duration.default(60_000),
  // Those of the pods, which check them.
  namespace: z.unknown().optional(),
  datasets: z.unknown().optional(),
  leaseTtl: z.unknown().optional(),
  timing: z.unknown().optional(),
});

export type ResolvedRealOptions = Readonly<{
  settleMs: number;
  convergesWithinMs: number;
  /** What each pod is made with. */
  podOptions: PodOptions;
  /** The same with its defaults. */
  pod: ResolvedOptions;
}>;

/** @throws BellwetherError `configuration`, naming every faulty option */
export function parseRealDriverOptions<S extends Schemas>(options: RealDriverOptions<S>): ResolvedRealOptions {
  const parsed = Options.safeParse(options);
  const { redis, datasets, leaseTtl, timing, namespace = newNamespace() } = { ...options };
  const podOptions = {
    namespace,
    datasets: datasets as PodOptions['datasets'],
    ...(redis?.url !== undefined && { redis: redis.url }),
    ...(leaseTtl !== undefined && { leaseTtl }),
    ...(timing && { timing }),
  };
  const pod = parsePodOptions(podOptions, parsed.error?.issues);
  const { settle, convergesWithin } = parsed.data as z.output<typeof Options>;
  return { settleMs: settle, convergesWithinMs: convergesWithin, podOptions, pod };
}

function newNamespace(): string {
  return `test-${nanoid(8).replace(/[^a-zA-Z0-9]/g, 'x')}`;
}
