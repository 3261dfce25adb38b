/**
 * What the option `redis` may be: an address as text, that text with its secrets beside it, or a ready ioredis
 * instance of the user's, of which only the options are taken. It is never used itself and never closed.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { z } from 'zod';
import { type AddressText, addressForms, type HostAndPort, parseAddressText } from './address-text.ts';
import { isIoredisInstance, readInstance } from './user-instance.ts';

/** Where to, and with which credentials. Never log it: use `redacted`. */
export type RedisTarget = Readonly<{
  /** For people and logs. */
  redacted: string;
  /** Must never show in any text. */
  secrets: readonly string[];
  options: RedisOptions;
  /** The nodes to ask for the rest of the Cluster. */
  cluster?: Readonly<{ nodes: readonly HostAndPort[]; natMap?: unknown }>;
}>;

const optionalText = z.string().min(1).optional();

/** The address as text and what shouldn't stand in it. */
export const RedisAddressObject = z.strictObject({
  /** As in the text form. */
  address: z.string(),
  /** Beside an address that names no user. */
  username: optionalText,
  /** Of that user, or of Redis as a whole. */
  password: optionalText,
  /** As for `tls.connect`; turns TLS on. */
  tls: z
    .custom<ConnectionOptions>((value) => typeof value === 'object' && value !== null, 'expected an object')
    .meta({ title: '`tls.ConnectionOptions`' })
    .optional(),
  /** At the sentinels, where they ask for one. */
  sentinelUsername: optionalText,
  /** Of that user. */
  sentinelPassword: optionalText,
});
export type RedisAddressObject = z.input<typeof RedisAddressObject>;

export type RedisAddress = string | RedisAddressObject | Redis | Cluster;

const expected = `expected an address (${addressForms}), an object { address, username?, password?, tls?, … }, or an ioredis instance`;

/** Any {@link RedisAddress}, checked; for schemas of options. */
export const RedisAddressOption = z.unknown().transform((input, context): RedisTarget => {
  try {
    return parseRedisAddress(input);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** @throws {Error} with a sentence that says what is expected and repeats nothing of the input */
export function parseRedisAddress(input: unknown): RedisTarget {
  if (typeof input === 'string') return targetOf(parseAddressText(input), {});
  if (isIoredisInstance(input)) return instanceTarget(readInstance(input));
  if (typeof input !== 'object' || input === null) throw new Error(expected);
  const object = RedisAddressObject.safeParse(input);
  if (!object.success) {
    const faults = object.error.issues.map(({ path, message }) => [...path, message].join(': '));
    throw new Error(`${expected}; ${faults.join('; ')}`);
  }
  const { address, ...rest } = object.data;
  return targetOf(parseAddressText(address), rest);
}

/** The address for people and logs, whatever was given; never throws. */
export function redactAddress(input: unknown): string {
  try {
    return parseRedisAddress(input).redacted;
  } catch {
    return 'an address that can’t be read';
  }
}

type Extras = Omit<z.output<typeof RedisAddressObject>, 'address'>;

function targetOf(text: AddressText, extras: Extras): RedisTarget {
  const username = extras.username ?? text.username;
  const password = extras.password ?? text.password;
  const isSecure = text.isSecure || extras.tls !== undefined;
  const access: RedisOptions = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(text.db !== undefined && { db: text.db }),
    ...(isSecure && { tls: extras.tls ?? {} }),
  };
  const { options, cluster } = wayOf(text, access, extras);
  return {
    redacted: redactedText({ ...text, isSecure }, username !== undefined || password !== undefined),
    secrets: secretsOf(password, extras.sentinelPassword),
    options,
    ...(cluster && { cluster }),
  };
}

function wayOf(
  { kind, hosts, path, masterName }: AddressText,
  access: RedisOptions,
  { sentinelUsername, sentinelPassword }: Extras,
): Pick<RedisTarget, 'options' | 'cluster'> {
  const [first] = hosts;
  if (kind === 'socket' && path !== undefined) return { options: { ...access, path } };
  if (kind === 'server') return { options: { ...access, ...first } };
  if (kind === 'cluster') return { options: access, cluster: { nodes: hosts } };
  return {
    options: {
      ...access,
      sentinels: [...hosts],
      name: masterName,
      ...(access.tls && { enableTLSForSentinelMode: true, sentinelTLS: access.tls }),
      ...(sentinelUsername !== undefined && { sentinelUsername }),
      ...(sentinelPassword !== undefined && { sentinelPassword }),
    },
  };
}

function redactedText({ kind, isSecure, hosts, path, masterName, db }: AddressText, hasCredentials: boolean): string {
  const auth = hasCredentials ? '***@' : '';
  if (kind === 'socket') return `unix:${auth && '//***@'}${path}${db ? `?db=${db}` : ''}`;
  const scheme = { server: 'redis', sentinel: 'sentinel', cluster: 'cluster' }[kind];
  const names = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const rest = [masterName, db || undefined].filter((part) => part !== undefined);
  return `${scheme}${isSecure ? 's' : ''}://${auth}${names.join(',')}${rest.map((part) => `/${part}`).join('')}`;
}

function instanceTarget({ options, cluster }: Pick<RedisTarget, 'options' | 'cluster'>): RedisTarget {
  const { host = 'localhost', port = 6379, path, sentinels, name, db, tls, username, password } = options;
  const whole = (node: { host?: string | undefined; port?: number | undefined }): HostAndPort => ({
    host: node.host ?? 'localhost',
    port: Number(node.port ?? 26_379),
  });
  const text: AddressText = {
    kind: cluster ? 'cluster' : sentinels ? 'sentinel' : path ? 'socket' : 'server',
    isSecure: Boolean(tls),
    hosts: cluster?.nodes ?? sentinels?.map(whole) ?? [{ host, port }],
    ...(path && { path }),
    ...(sentinels && name && { masterName: name }),
    ...(db !== undefined && { db }),
  };
  return {
    redacted: redactedText(text, Boolean(username || password)),
    secrets: secretsOf(password, options.sentinelPassword),
    options,
    ...(cluster && { cluster }),
  };
}

function secretsOf(...candidates: (string | null | undefined)[]): string[] {
  return candidates.filter((secret): secret is string => typeof secret === 'string' && secret !== '');
}
