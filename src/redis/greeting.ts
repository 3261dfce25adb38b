/**
 * What a new connection says first: it subscribes, and asks whether this server can be used at all.
 *
 * Guarantee: resolves only when the pod is subscribed, at a server that takes writes, has its data in memory and is
 * new enough. One round trip. Clock: none; the connection is closed when Redis stays silent.
 */
import type { Redis } from 'ioredis';
import { RedisError } from './failure.ts';
import type { Place } from './place.ts';

/** Of the server; what it doesn't tell this user is left out. */
export type Greeting = Readonly<{ version: string | undefined; maxmemoryPolicy?: string }>;

const oldest = [6, 2] as const;

/** Rejects with what ioredis rejects with, or with a {@link RedisError}. */
export async function greet(redis: Redis, channels: readonly string[], place: Place): Promise<Greeting> {
  if (redis.condition?.protocol !== 3) throw tooOld(place, 'it has no RESP3');
  // In this order on the wire. HELLO is permitted to every user; INFO may not be.
  const [, hello, info] = await Promise.all([
    redis.subscribe(...channels),
    redis.call('HELLO'),
    redis.info().catch((error: Error) => {
      if (error.message.includes('NOPERM')) return '';
      throw error;
    }),
  ]);
  const facts = pairs(hello);
  const version = facts.get('version');
  if (version !== undefined && isTooOld(version)) throw tooOld(place, `its version is ${version}`);
  const wrongKind = wrongKindOfServer(facts.get('mode'), place);
  if (wrongKind) throw wrongKind;
  if (facts.get('role') !== 'master') throw new Error('READONLY this is a replica');
  if (/^loading:1/m.test(info)) throw new Error('LOADING');
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  return { version, ...(policy !== undefined && { maxmemoryPolicy: policy }) };
}

/** A warning where keys may be evicted, the lock among them. */
export function evictionWarning({ maxmemoryPolicy }: Greeting, place: Place): string | undefined {
  if (maxmemoryPolicy === undefined || maxmemoryPolicy === 'noeviction') return undefined;
  return `Redis at ${place.address} has maxmemory-policy ${maxmemoryPolicy} and may evict the lock and the data, which costs a new election and a restore each time: set it to noeviction.`;
}

function pairs(reply: unknown): Map<string, string> {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1] ?? ''] as const] : [])));
}

/** What doesn't begin with two numbers (other servers that speak the protocol) is not judged. */
function isTooOld(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
}

function wrongKindOfServer(mode: string | undefined, { address, isCluster }: Place): RedisError | undefined {
  const says = (what: string) => new RedisError('misconfigured', 'WRONGKIND', `Redis at ${address} is ${what}.`);
  if (mode === 'sentinel') return says('a sentinel: write sentinel://host1,host2/<name of the master>');
  if (mode === 'cluster' && !isCluster) return says('a node of a Cluster: write cluster:// instead of redis://');
  return undefined;
}

function tooOld({ address }: Place, what: string): RedisError {
  const sentence = `Redis at ${address}, or a proxy before it, is too old (${what}): Bellwether takes Redis ${oldest.join('.')} or newer.`;
  return new RedisError('misconfigured', 'TOOOLD', sentence);
}
