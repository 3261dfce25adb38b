/**
 * The options of a pod: one zod schema, every default in one place, all faults in one error.
 */
import { hostname } from 'node:os';
import { z } from 'zod';
import { DatasetName, type DatasetPlan, PodId, Timing } from '../machines/index.ts';
import { systemClock, systemRandom, wallNanoseconds } from './clock.ts';
import type { Dataset, Datasets } from './dataset.ts';
import { Duration } from './duration.ts';
import { Integrity, IntegrityOptions } from './integrity.ts';
import { sharedMemoryConnect } from './memory/shared.ts';
import { configurationError, type OptionIssue } from './options.ts';
import type { Clock, Connect, Random } from './ports.ts';
import { parseRedisAddress, type RedisAddress, type RedisTarget } from './redis/address.ts';
import { redisConnect } from './redis/connection.ts';
import { Namespace } from './redis/keys.ts';
import type { Source } from './source/source.ts';

const mib = 1024 * 1024;

const byteCount = z.number().int().positive().meta({ unit: 'bytes' });

const isSchema = (value: unknown): value is z.ZodType => value instanceof z.ZodType;

/** At most so many source calls of the whole fleet in any window of this length. */
const Budget = z.strictObject({ calls: z.number().int().min(1).max(64), per: Duration });

export const DatasetOptionsSchema = z.strictObject({
  schema: z.custom<z.ZodType>(isSchema, 'expected a zod schema (zod 4)'),
  source: z.custom<Source<unknown>>(
    (value) => typeof value === 'function',
    'expected a function such as httpSource({ url })',
  ),
  refreshInterval: Duration,
  maxAge: Duration.optional(),
  budget: Budget.optional(),
  sourceTimeLimit: Duration.default(30_000),
  required: z.boolean().default(true),
  maxBytes: byteCount.default(16 * mib),
  compressAboveBytes: byteCount.default(mib),
});

const timingNames = [
  'leaseTtl',
  'renewInterval',
  'beliefWindow',
  'grace',
  'leaseCommandLimit',
  'uncertainLimit',
  'pollInterval',
  'checkSlot',
  'rankStep',
  'retryBase',
  'retryCap',
  'misconfiguredRetry',
  'finishLimit',
  'retryAfterCap',
] as const;
type TimingName = (typeof timingNames)[number];

const TimingOptions = z.strictObject(
  Object.fromEntries(timingNames.map((name) => [name, Duration.optional()])) as Record<
    TimingName,
    z.ZodOptional<typeof Duration>
  >,
);

const functionOf = <T>() => z.custom<T>((value) => typeof value === 'function', 'expected a function');

const clockMethods = ['now', 'monotonic', 'setTimeout', 'clearTimeout'] as const;
const isClock = (value: unknown) =>
  clockMethods.every((method) => typeof (value as Clock | null)?.[method] === 'function');

export const PodOptionsSchema = z.strictObject({
  namespace: Namespace,
  redis: z.unknown().default('memory:'),
  datasets: z
    .record(DatasetName, DatasetOptionsSchema)
    .refine((datasets) => Object.keys(datasets).length > 0, 'expected at least one dataset'),
  mode: z.enum(['distributed', 'standalone']).default('distributed'),
  podId: PodId.optional(),
  integrity: IntegrityOptions.optional(),
  leaseTtl: Duration.optional(),
  timing: TimingOptions.default({}),
  clock: z.custom<Clock>(isClock, `expected an object with ${clockMethods.join(', ')}`).optional(),
  random: functionOf<Random>().optional(),
  newId: functionOf<() => string>().optional(),
  connect: functionOf<Connect>().optional(),
  onWarning: functionOf<(sentence: string) => void>().optional(),
});

/** One dataset's options. `T` flows from the schema to `get`. */
export type DatasetOptions<S extends z.ZodType = z.ZodType> = {
  /**
   * A zod 4 schema of plain data: checked before publishing and again by every pod. A `Map`, `Set` or `Date` that it
   * makes can't be frozen.
   */
  schema: S;
  /** Where it comes from. One call is one attempt. */
  source: Source<z.output<S>>;
  /** Time between two source calls of the whole fleet. */
  refreshInterval: Duration;
  /** Older data is served, but `isValid` is false. Default: three refresh intervals. */
  maxAge?: Duration;
  /** At most so many source calls of the whole fleet in any such window. Default: 4 per refresh interval. */
  budget?: { calls: number; per: Duration };
  /** A source call that takes longer has failed. Default 30 s. */
  sourceTimeLimit?: Duration;
  /** `start()` waits for it. Default true. */
  required?: boolean;
  /** Largest payload, in bytes of JSON. Default 16 MiB. */
  maxBytes?: number;
  /** JSON longer than this is gzipped in Redis. Default 1 MiB. */
  compressAboveBytes?: number;
};

export type DatasetsOptions = Record<string, DatasetOptions>;

export type PodOptions = {
  /**
   * Prefix of every key and channel: letters, digits, `_`, `.`, `-`, in parts that `:` separates. Fleets with different
   * namespaces never see each other.
   */
  namespace: string;
  /**
   * An address, an object with credentials and TLS beside it, or a ready ioredis instance, whose options are taken and
   * which is never used itself. `memory:` is one process without Redis.
   */
  redis?: RedisAddress | `memory:${string}`;
  /** What the fleet fetches, by name; at least one. */
  datasets: DatasetsOptions;
  /** `standalone`: refresh for this pod alone, ask nobody. */
  mode?: 'distributed' | 'standalone';
  /**
   * Default: hostname-pid-nanoseconds. No two processes may share one, not even one after the other (a name that a
   * restarted container has again): they take each other's lease for their own, and both lead.
   */
  podId?: string;
  /** How long the leader lock lives without a renewal: the upper bound of any takeover. Default: `timing.leaseTtl`. */
  leaseTtl?: Duration;
  /** Signs what this pod publishes and refuses what no pod of the fleet has signed. Default: neither. */
  integrity?: IntegrityOptions;
  /** The other durations of the protocol; see `Timing`. The relations between them are checked. */
  timing?: Partial<Record<TimingName, Duration>>;
  /** Replaced in simulations. Default: the system's. */
  clock?: Clock;
  /** The same of random numbers. Default: the system's. */
  random?: Random;
  /** The same of random ids. Default: nanoid's. */
  newId?: () => string;
  /** The same of Redis: with it `redis` is not looked at. Default: what `redis` says. */
  connect?: Connect;
  /** Told what a person should know and no transition shows. */
  onWarning?: (sentence: string) => void;
};

export type ResolvedOptions = Readonly<{
  podId: string;
  namespace: string;
  mode: 'distributed' | 'standalone';
  datasets: Datasets;
  timing: Timing;
  integrity: Integrity | undefined;
  clock: Clock;
  random: Random;
  newId: (() => string) | undefined;
  connect: Connect;
  onWarning: (sentence: string) => void;
}>;

/**
 * `found`: what is wrong with options beside them, told in the same error.
 *
 * @throws BellwetherError `configuration`, with every fault: the option's path and what is expected
 */
export function parsePodOptions(options: PodOptions, found: readonly OptionIssue[] = []): ResolvedOptions {
  const parsed = PodOptionsSchema.safeParse(options);
  const issues = [...found, ...(parsed.error?.issues ?? [])];
  const timing = parseTiming(options, issues);
  const random = options?.random ?? systemRandom;
  const connect = connectTo(options, timing, random, issues);
  if (issues.length > 0 || !parsed.success || !timing || !connect) throw configurationError('Bellwether', issues);
  const { namespace, mode, datasets, podId, integrity, clock, newId, onWarning } = parsed.data;
  return {
    podId: podId ?? newPodId(),
    namespace,
    mode,
    datasets: new Map(Object.entries(datasets).map(([name, dataset]) => [name, resolveDataset(name, dataset)])),
    timing,
    integrity: integrity && new Integrity(namespace, integrity),
    clock: clock ?? systemClock,
    random,
    newId,
    connect,
    onWarning: onWarning ?? (() => {}),
  };
}

function parseTiming(options: PodOptions, issues: OptionIssue[]): Timing | undefined {
  const given = TimingOptions.safeParse(options?.timing ?? {});
  const ttl = Duration.optional().safeParse(options?.leaseTtl);
  if (!given.success || !ttl.success) return undefined; // already among the issues
  const inMs = Object.entries({ ...given.data, leaseTtl: ttl.data ?? given.data.leaseTtl })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [`${name}Ms`, value]);
  const timing = Timing.safeParse(Object.fromEntries(inMs));
  if (timing.success) return timing.data;
  for (const { path, message } of timing.error.issues) {
    const name = String(path[0]).replace(/Ms$/, '');
    issues.push({ path: name === 'leaseTtl' ? [name] : ['timing', name], message: inWordsOfOptions(message) });
  }
  return undefined;
}

/** `beliefWindowMs (1250)` is written `beliefWindow` among the options. */
function inWordsOfOptions(message: string): string {
  return message.replace(/\b([a-z]\w*)Ms\b/g, '$1').replace(/\((\d+)\)/, '($1 ms)');
}

function connectTo(
  options: PodOptions,
  timing: Timing | undefined,
  random: Random,
  issues: OptionIssue[],
): Connect | undefined {
  if (typeof options?.connect === 'function') return options.connect;
  // Anything but leaving it out is a wish for a Redis: a pod must not end up alone because of a variable that is empty.
  const address = options?.redis === undefined ? 'memory:' : options.redis;
  const memory = typeof address === 'string' && address.startsWith('memory:') ? address.slice('memory:'.length) : null;
  const target = memory === null ? targetOf(address, issues) : undefined;
  const { data: namespace } = Namespace.safeParse(options?.namespace);
  if (namespace === undefined) return undefined; // already among the issues
  if (memory !== null) return sharedMemoryConnect(memory, namespace);
  return target && timing && redisConnect({ address: target, namespace, timing, random });
}

function targetOf(address: RedisAddress, issues: OptionIssue[]): RedisTarget | undefined {
  try {
    return parseRedisAddress(address);
  } catch (error) {
    issues.push({ path: ['redis'], message: (error as Error).message });
    return undefined;
  }
}

function resolveDataset(name: string, options: z.output<typeof DatasetOptionsSchema>): Dataset {
  const { refreshInterval: refreshIntervalMs, budget } = options;
  const plan: DatasetPlan = {
    name,
    refreshIntervalMs,
    budget: budget ? { calls: budget.calls, perMs: budget.per } : { calls: 4, perMs: refreshIntervalMs },
    failuresBeforeYield: 3,
    backoff: {
      baseMs: Math.max(50, Math.min(15_000, Math.round(refreshIntervalMs / 20))),
      capMs: Math.max(100, Math.min(60_000, Math.round(refreshIntervalMs / 2))),
    },
  };
  return {
    plan,
    schema: options.schema,
    source: options.source,
    sourceLimitMs: options.sourceTimeLimit,
    maxAgeMs: options.maxAge ?? 3 * refreshIntervalMs,
    isRequired: options.required,
    limits: { maxBytes: options.maxBytes, compressAboveBytes: options.compressAboveBytes },
  };
}

/** `hostname-pid-nanoseconds`: unique for as long as a machine's clock isn't set back by its own uptime. */
function newPodId(): string {
  const nanoseconds = wallNanoseconds() + BigInt(podCount++);
  return `${hostname().replace(/[#\s]/g, '_').slice(0, 100)}-${process.pid}-${nanoseconds}`;
}
let podCount = 0;
