/** The options of a simulated fleet: one schema, every default in one place. */
import type { InspectionEvent } from 'xstate';
import { z } from 'zod';
import { DatasetName } from '../../machines/index.ts';
import { Duration } from '../duration.ts';
import type { Schemas } from '../manager-options.ts';
import { parseOptions } from '../options.ts';
import type { DatasetOptions, PodOptions } from '../pod-options.ts';
import { UNCHANGED } from '../source/source.ts';
import type { Delay } from './network.ts';
import { simulatedSchema } from './simulated-source.ts';

/** As in production; schema and source have defaults: an API that answers with something new each time. */
export type SimulatedDataset<S extends z.ZodType = z.ZodType> = Partial<DatasetOptions<S>>;

export type FleetOptions<S extends Schemas = Schemas> = {
  /** How many pods. */
  pods: number;
  /** Equal seed and equal orders, equal trace. Default 1. */
  seed?: number;
  datasets: { [Name in keyof S]: SimulatedDataset<S[Name]> };
  /** Pods start so far apart. Default: all at once. */
  startApart?: Duration;
  /** How long a message takes. Default: 0.2 to 2 ms. */
  network?: { delay: [from: Duration, to: Duration] };
  /** How far back `redis.loseLast` can go; keeping it takes memory. Default 60 s, 0: nowhere. */
  history?: Duration | 0;
  /** Receives every event of every machine of every pod. */
  inspect?: (event: InspectionEvent) => void;
} & Pick<PodOptions, 'leaseTtl' | 'timing'>;

/** More is a slip of the key, not a fleet. */
export const mostPods = 100_000;

const Options = z.strictObject({
  pods: z.number().int().min(1).max(mostPods),
  seed: z.number().int().default(1),
  datasets: z
    .record(DatasetName, z.record(z.string(), z.unknown()))
    .refine((datasets) => Object.keys(datasets).length > 0, 'expected at least one dataset'),
  startApart: z.union([z.literal(0), Duration]).default(0),
  network: z.strictObject({ delay: z.tuple([Duration, Duration]) }).optional(),
  history: z.union([z.literal(0), Duration]).default(60_000),
  inspect: z.unknown().optional(),
  leaseTtl: z.unknown().optional(),
  timing: z.unknown().optional(),
});

export type ResolvedFleetOptions = Omit<z.output<typeof Options>, 'network'> & { delay: Delay };

/** @throws BellwetherError `configuration`, naming every faulty option */
export function parseFleetOptions(options: unknown): ResolvedFleetOptions {
  const { network, ...parsed } = parseOptions('simulateFleet()', Options, options);
  const [fromMs, toMs] = network?.delay ?? [0.2, 2];
  return { ...parsed, delay: { fromMs, toMs } };
}

/** What every pod of the fleet is created with; the source is its own, or never asked. */
export function podOptionsOf<S extends Schemas>({ datasets, leaseTtl, timing }: FleetOptions<S>): PodOptions {
  const withDefaults = ([name, own]: [string, SimulatedDataset]) => [
    name,
    { schema: simulatedSchema, source: async () => UNCHANGED, refreshInterval: '5m', ...own },
  ];
  return {
    namespace: 'simulated',
    datasets: Object.fromEntries(Object.entries(datasets as Record<string, SimulatedDataset>).map(withDefaults)),
    ...(leaseTtl !== undefined && { leaseTtl }),
    ...(timing && { timing }),
  };
}
