/**
 * The service's settings from environment variables: validated as a whole, every fault in one error.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { configurationError, Duration, type OptionFault } from '../index.ts';
import { accessFaults, accessVariables, integrityOf, redisOf } from './access-variables.ts';
import { attempt, type HedgingOptions, parseHedgingOptions } from './options.ts';

const HttpUrl = z
  .url({ protocol: /^https?$/, error: "expected a URL such as 'https://api.example.com/rates'" })
  .meta({ title: 'URL' });

/** `true`, `false` or a share of the pods such as `10%`. An empty variable counts as unset, as shells write it. */
const Rollout = z
  .string()
  .transform((text, context): number => {
    const value = text.trim().toLowerCase();
    if (value === '' || value === 'true') return 100;
    if (value === 'false') return 0;
    const share = /^(\d{1,3})%$/.exec(value);
    if (share && Number(share[1]) <= 100) return Number(share[1]);
    context.addIssue({ code: 'custom', message: "expected 'true', 'false' or a percentage such as '10%'" });
    return z.NEVER;
  })
  .meta({ title: '`true`, `false` or a percentage' });

const unset = (value: unknown) => (value === '' ? undefined : value);

/** Each variable of the service; docs/configuration.md is made from it. */
export const Variables = z.object({
  ...accessVariables,
  /** Redis' address, in any text form of the option `redis`. */
  REDIS_ADDR: z.preprocess(unset, z.string().default('tcp://redis-service:6379')),
  /** What answers with the FX rates, as JSON. */
  RATES_URL: HttpUrl,
  /** What answers with the hedging terms, as JSON. */
  TERMS_URL: HttpUrl,
  /** Time between two source calls of the whole fleet for `rates`. */
  RATES_REFRESH_INTERVAL: z.preprocess(unset, Duration.default(300_000)),
  /** The same for `terms`. */
  TERMS_REFRESH_INTERVAL: z.preprocess(unset, Duration.default(300_000)),
  /** How long the leader lock lives without a renewal: the option `leaseTtl`. Default 2 min. */
  LOCK_TTL: z.preprocess(unset, Duration.optional()),
  /**
   * `false`: each pod refreshes for itself, outside the fleet's budget; a percentage: that share of the pods is one fleet,
   * drawn by a hash of the pod's name. Default `true`.
   */
  ENABLE_DISTRIBUTED_MANAGER: z.preprocess((value) => value ?? '', Rollout),
  /** Decides the rollout; Kubernetes sets it to the pod's name. */
  HOSTNAME: z.preprocess(unset, z.string().default(hostname()).meta({ default: "the host's name" })),
  /** Where the last good revisions are kept on this machine, for a start without Redis and source. Default: nowhere. */
  BACKUP_FOLDER: z.preprocess(unset, z.string().optional()),
  /** The address that the HTTP routes listen on; probes need all interfaces. */
  HTTP_HOST: z.preprocess(unset, z.string().default('0.0.0.0')),
  /** Their port; 0: any free one. */
  HTTP_PORT: z.preprocess(
    unset,
    z.coerce.number({ error: 'expected a port number' }).int().min(0).max(65_535).default(8080),
  ),
  /** At least 16 characters. Without it there are no administrative routes. */
  ADMIN_TOKEN: z.preprocess(unset, z.string().min(16, 'expected at least 16 characters').optional()),
  /** The least severe level that is logged. */
  LOG_LEVEL: z.preprocess(
    unset,
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ),
});

type Values = z.output<typeof Variables>;

export type ServiceSettings = Readonly<{
  hedging: HedgingOptions;
  http: { host: string; port: number };
  /** Of the administrative routes. */
  adminToken?: string;
  logLevel: string;
}>;

/** @throws BellwetherError `configuration`, naming every faulty variable */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): ServiceSettings {
  const { values, faults } = readEach(environment);
  const hedging = hedgingOf(values);
  const ofOptions = attempt(() => parseHedgingOptions(hedging)).faults.map((fault) => inVariables(fault, values));
  for (const fault of [...accessFaults(values), ...ofOptions]) {
    // A variable that is faulty by itself is missing here: nothing more is known of it.
    if (!faults.some(({ path }) => path[0] === fault.path[0])) faults.push(fault);
  }
  if (faults.length > 0) throw configurationError('the environment', faults);
  return {
    hedging: {
      ...hedging,
      mode: isInRollout(values.HOSTNAME, values.ENABLE_DISTRIBUTED_MANAGER) ? 'distributed' : 'standalone',
    },
    http: { host: values.HTTP_HOST, port: values.HTTP_PORT },
    ...(values.ADMIN_TOKEN !== undefined && { adminToken: values.ADMIN_TOKEN }),
    logLevel: values.LOG_LEVEL,
  };
}

/** Each variable by itself, so that a fault of one doesn't hide what several show together. What is faulty is missing. */
function readEach(environment: Readonly<Record<string, string | undefined>>) {
  const faults: OptionFault[] = [];
  const entries = Object.entries(Variables.shape).map(([name, schema]) => {
    const { data, error } = schema.safeParse(environment?.[name]);
    for (const { message } of error?.issues ?? []) faults.push({ path: [name], message });
    return [name, data];
  });
  return { values: Object.fromEntries(entries) as Values, faults };
}

/** All but the mode, which can't be wrong by itself. */
function hedgingOf(values: Values): HedgingOptions {
  const integrity = integrityOf(values);
  return {
    redis: redisOf(values.REDIS_ADDR, values),
    ...(integrity && { integrity }),
    ratesUrl: values.RATES_URL,
    termsUrl: values.TERMS_URL,
    ratesRefreshInterval: values.RATES_REFRESH_INTERVAL,
    termsRefreshInterval: values.TERMS_REFRESH_INTERVAL,
    ...(values.LOCK_TTL !== undefined && { leaseTtl: values.LOCK_TTL }),
    ...(values.BACKUP_FOLDER !== undefined && { backup: { folder: values.BACKUP_FOLDER } }),
  };
}

/** A fault of the service's options, under the name of the variable that the option comes from. */
function inVariables({ path, message }: OptionFault, values: Values): OptionFault {
  const variables: Readonly<Record<string, keyof Values>> = {
    redis: 'REDIS_ADDR',
    integrity: values.INTEGRITY_KEY === undefined ? 'INTEGRITY_KEY_FILE' : 'INTEGRITY_KEY',
    ratesUrl: 'RATES_URL',
    termsUrl: 'TERMS_URL',
    leaseTtl: 'LOCK_TTL',
    backup: 'BACKUP_FOLDER',
  };
  const variable = variables[path[0] ?? ''];
  return { path: variable ? [variable] : path, message };
}

/** The same pod always falls on the same side, and a pod that is in at 10 % stays in at 50 %. */
export function isInRollout(podName: string, percent: number): boolean {
  const draw = createHash('sha256').update(podName).digest().readUInt32BE(0) % 100;
  return draw < percent;
}
