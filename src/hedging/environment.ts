/**
 * The service's settings from environment variables: validated as a whole, every fault in one error.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { Duration, parseOptions } from '../index.ts';
import { accessVariables, checkAccess, integrityOf, redisOf } from './access-variables.ts';
import type { HedgingOptions } from './service.ts';

const HttpUrl = z.url({ protocol: /^https?$/, error: "expected a URL such as 'https://api.example.com/rates'" });

/** `true`, `false` or a share of the pods such as `10%`. An empty variable counts as unset, as shells write it. */
const Rollout = z.string().transform((text, context): number => {
  const value = text.trim().toLowerCase();
  if (value === '' || value === 'true') return 100;
  if (value === 'false') return 0;
  const share = /^(\d{1,3})%$/.exec(value);
  if (share && Number(share[1]) <= 100) return Number(share[1]);
  context.addIssue({ code: 'custom', message: "expected 'true', 'false' or a percentage such as '10%'" });
  return z.NEVER;
});

const unset = (value: unknown) => (value === '' ? undefined : value);

const Variables = z.object({
  ...accessVariables,
  REDIS_ADDR: z.preprocess(unset, z.string().default('tcp://redis-service:6379')),
  RATES_URL: HttpUrl,
  TERMS_URL: HttpUrl,
  RATES_REFRESH_INTERVAL: z.preprocess(unset, Duration.default(300_000)),
  TERMS_REFRESH_INTERVAL: z.preprocess(unset, Duration.default(300_000)),
  LOCK_TTL: z.preprocess(unset, Duration.optional()),
  ENABLE_DISTRIBUTED_MANAGER: z.preprocess((value) => value ?? '', Rollout),
  /** Decides the rollout; Kubernetes sets HOSTNAME to the pod's name. */
  HOSTNAME: z.preprocess(unset, z.string().default(hostname())),
  BACKUP_FOLDER: z.preprocess(unset, z.string().optional()),
  HTTP_HOST: z.preprocess(unset, z.string().default('0.0.0.0')),
  HTTP_PORT: z.preprocess(
    unset,
    z.coerce.number({ error: 'expected a port number' }).int().min(0).max(65_535).default(8080),
  ),
  /** Without it there are no administrative routes. */
  ADMIN_TOKEN: z.preprocess(unset, z.string().min(16, 'expected at least 16 characters').optional()),
  LOG_LEVEL: z.preprocess(
    unset,
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ),
});

const Environment = Variables.superRefine(checkAccess);

export type ServiceSettings = Readonly<{
  hedging: HedgingOptions;
  http: { host: string; port: number };
  /** Of the administrative routes. */
  adminToken?: string;
  logLevel: string;
}>;

/** @throws BellwetherError `configuration`, naming every faulty variable */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): ServiceSettings {
  const read = parseOptions('the environment', Environment, environment);
  const integrity = integrityOf(read);
  return {
    hedging: {
      redis: redisOf(read.REDIS_ADDR, read),
      ...(integrity && { integrity }),
      ratesUrl: read.RATES_URL,
      termsUrl: read.TERMS_URL,
      ratesRefreshInterval: read.RATES_REFRESH_INTERVAL,
      termsRefreshInterval: read.TERMS_REFRESH_INTERVAL,
      ...(read.LOCK_TTL !== undefined && { leaseTtl: read.LOCK_TTL }),
      ...(read.BACKUP_FOLDER !== undefined && { backup: { folder: read.BACKUP_FOLDER } }),
      mode: isInRollout(read.HOSTNAME, read.ENABLE_DISTRIBUTED_MANAGER) ? 'distributed' : 'standalone',
    },
    http: { host: read.HTTP_HOST, port: read.HTTP_PORT },
    ...(read.ADMIN_TOKEN !== undefined && { adminToken: read.ADMIN_TOKEN }),
    logLevel: read.LOG_LEVEL,
  };
}

/** The same pod always falls on the same side, and a pod that is in at 10 % stays in at 50 %. */
export function isInRollout(podName: string, percent: number): boolean {
  const draw = createHash('sha256').update(podName).digest().readUInt32BE(0) % 100;
  return draw < percent;
}
