/**
 * The text form of a Redis address. One grammar for all schemes; nothing is resolved or connected here.
 *
 * No message repeats the text: it may hold a password.
 */

export type HostAndPort = Readonly<{ host: string; port: number }>;

export type AddressText = Readonly<{
  kind: 'server' | 'socket' | 'sentinel' | 'cluster';
  isSecure: boolean;
  hosts: readonly HostAndPort[];
  /** Of a unix socket. */
  path?: string;
  /** The master's name at the sentinels. */
  masterName?: string;
  username?: string;
  password?: string;
  db?: number;
}>;

type Scheme = Readonly<{ kind: AddressText['kind']; isSecure: boolean; port: number }>;

const schemes: Readonly<Record<string, Scheme>> = {
  redis: { kind: 'server', isSecure: false, port: 6379 },
  rediss: { kind: 'server', isSecure: true, port: 6379 },
  // What Kubernetes writes into the environment for a service.
  tcp: { kind: 'server', isSecure: false, port: 6379 },
  sentinel: { kind: 'sentinel', isSecure: false, port: 26379 },
  sentinels: { kind: 'sentinel', isSecure: true, port: 26379 },
  cluster: { kind: 'cluster', isSecure: false, port: 6379 },
  clusters: { kind: 'cluster', isSecure: true, port: 6379 },
  unix: { kind: 'socket', isSecure: false, port: 0 },
};

export const addressForms =
  'redis://host:6379, rediss://…, tcp://…, unix:/path, sentinel://host1,host2/master or cluster://host1,host2';

/** @throws {Error} with a sentence that says what is wrong */
export function parseAddressText(text: string): AddressText {
  const trimmed = text.trim();
  if (/^[\w.-]+:\d+$/.test(trimmed)) return parseAddressText(`redis://${trimmed}`);
  const [, name = '', rest = ''] = /^([a-z]+):(.*)$/is.exec(trimmed) ?? [];
  const scheme = schemes[name.toLowerCase()];
  if (!scheme) throw new Error(`expected one of ${addressForms}`);
  if (scheme.kind === 'socket') return parseSocket(rest);
  if (!rest.startsWith('//')) throw new Error(`expected "//" after "${name}:"`);

  // A password may hold any of "/?@,:" as it is: only the last "@" separates.
  const at = rest.lastIndexOf('@');
  const [, hosts = '', path = '', query = ''] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest.slice(at < 0 ? 2 : at + 1)) ?? [];
  const credentials = at < 0 ? {} : parseCredentials(rest.slice(2, at));
  const { masterName, db } = parsePath(scheme, path, query);
  return {
    kind: scheme.kind,
    isSecure: scheme.isSecure,
    hosts: parseHosts(scheme, hosts),
    ...(masterName !== undefined && { masterName }),
    ...credentials,
    ...(db !== undefined && { db }),
  };
}

function parseSocket(rest: string): AddressText {
  const [, auth, afterAuth] = /^\/\/([^/]*)@(\/.*)$/s.exec(rest) ?? [];
  const [path = '', query = ''] = (afterAuth ?? rest.replace(/^\/\/(?=\/)/, '')).split('?');
  if (!/^\/[^/]/.test(path)) throw new Error('expected the absolute path of a socket after "unix:"');
  const db = parseQuery(query);
  return {
    kind: 'socket',
    isSecure: false,
    hosts: [],
    path,
    ...(auth !== undefined && parseCredentials(auth)),
    ...(db !== undefined && { db }),
  };
}

function parseCredentials(auth: string): { username?: string; password: string } {
  const colon = auth.indexOf(':');
  if (colon < 0) {
    throw new Error('expected a password before "@": user:password@host, or :password@host for the default user');
  }
  const username = decode(auth.slice(0, colon));
  return { ...(username !== '' && { username }), password: decode(auth.slice(colon + 1)) };
}

/** What was not percent-encoded in the first place is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseHosts({ kind, port }: Scheme, text: string): HostAndPort[] {
  const hosts = text.split(',').map((part) => parseHost(part, port));
  if (kind === 'server' && hosts.length > 1) {
    throw new Error('expected one host: several belong to sentinel:// or cluster://');
  }
  return hosts;
}

function parseHost(text: string, defaultPort: number): HostAndPort {
  const [, ipv6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text.trim()) ?? [];
  const host = ipv6 ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined) throw new Error('expected a host name or address, and a port after ":"');
  if (port < 1 || port > 65_535) throw new Error('expected a port between 1 and 65535');
  return { host, port };
}

function parsePath({ kind }: Scheme, path: string, query: string): { masterName?: string; db?: number } {
  const parts = path.split('/').filter((part) => part !== '');
  const masterName = kind === 'sentinel' ? parts.shift() : undefined;
  if (kind === 'sentinel' && masterName === undefined) {
    throw new Error('expected the name of the master after the sentinels: sentinel://host1,host2/mymaster');
  }
  if (kind === 'cluster' && parts.length > 0) throw new Error('expected no database: a Cluster has only one');
  if (parts.length > 1) throw new Error('expected nothing after the number of the database');
  const db = parseQuery(query) ?? (parts[0] === undefined ? undefined : parseDb(parts[0]));
  if (kind === 'cluster' && db) throw new Error('expected no database: a Cluster has only one');
  return { ...(masterName !== undefined && { masterName: decode(masterName) }), ...(db !== undefined && { db }) };
}

function parseQuery(query: string): number | undefined {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (name !== 'db') throw new Error('expected no parameter after "?" but db=<number>');
  }
  const db = parameters.get('db');
  return db === null ? undefined : parseDb(db);
}

function parseDb(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error('expected the number of a database after "/"');
  return Number(text);
}
