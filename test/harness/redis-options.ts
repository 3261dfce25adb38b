/** What kind of redis-server a test wants, and the command line that makes it so. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import type { FakeTime } from './faketime.ts';

export type RedisOptions = Readonly<{
  /** A free one by default. It stays the same over `start` and `restart`. */
  port?: number;
  /** Working folder of the caller's; by default a temporary one. */
  dir?: string;
  /** Every write is on disk before its reply: a SIGKILL loses nothing. Default: no persistence at all. */
  appendOnly?: boolean;
  /** Of the default user. */
  password?: string;
  /** Lines of an ACL file, e.g. `user default on nopass ~* &* +@all -pubsub`. Takes the place of `password`. */
  acl?: readonly string[];
  /** As Redis writes it: `'2mb'`. */
  maxMemory?: string;
  maxMemoryPolicy?: string;
  /** Listens on a unix socket and on no port. */
  unixSocket?: boolean;
  /** TLS and nothing else; `'mutual'` also asks the client for its certificate. */
  tls?: boolean | 'mutual';
  fakeTime?: FakeTime;
  /** Anything else, e.g. `['--replicaof', '127.0.0.1 6379']`. */
  args?: readonly string[];
}>;

/** Where and how a client gets in. */
export type RedisAccess = Readonly<{
  url: string;
  socketPath: string | undefined;
  certificates: Certificates | undefined;
}>;

export function prepareAccess(options: RedisOptions, dir: string, port: number): RedisAccess {
  const socketPath = options.unixSocket ? join(dir, 'redis.sock') : undefined;
  const certificates = options.tls ? makeCertificates(dir) : undefined;
  const user = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
  const scheme = certificates ? 'rediss' : 'redis';
  return { url: socketPath ? `unix:${socketPath}` : `${scheme}://${user}127.0.0.1:${port}`, socketPath, certificates };
}

export function commandLine(options: RedisOptions, access: RedisAccess, dir: string, port: number): string[] {
  return [
    ...['--bind', '127.0.0.1', '--daemonize', 'no', '--save', '', '--dir', dir, '--loglevel', 'notice'],
    ...(options.appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']),
    ...listen(options, access, port),
    ...(options.acl ? ['--aclfile', writeAcl(dir, options.acl)] : []),
    ...(options.password === undefined ? [] : ['--requirepass', options.password]),
    ...(options.maxMemory ? ['--maxmemory', options.maxMemory] : []),
    ...(options.maxMemoryPolicy ? ['--maxmemory-policy', options.maxMemoryPolicy] : []),
    ...(options.args ?? []),
  ];
}

function listen({ tls }: RedisOptions, { socketPath, certificates }: RedisAccess, port: number): string[] {
  if (socketPath) return ['--port', '0', '--unixsocket', socketPath];
  if (!certificates) return ['--port', String(port)];
  const { ca, server } = certificates;
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-ca-cert-file', ca],
    ...['--tls-cert-file', server.cert, '--tls-key-file', server.key],
    ...['--tls-auth-clients', tls === 'mutual' ? 'yes' : 'no'],
  ];
}

function writeAcl(dir: string, lines: readonly string[]): string {
  const file = join(dir, 'users.acl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
