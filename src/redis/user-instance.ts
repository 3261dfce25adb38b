/**
 * A ready ioredis instance of the user's, read for its options only. It may come from another copy or version of
 * ioredis than ours, so it is recognized by its shape, and a connection of our own is made from what it says.
 */
import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis';
import { type HostAndPort, parseAddressText } from './address-text.ts';

type Instance = Readonly<{
  isCluster: boolean;
  options: Record<string, unknown>;
  duplicate: unknown;
  startupNodes?: readonly ClusterNode[];
}>;

export function isIoredisInstance(input: unknown): input is Redis | Cluster {
  const candidate = input as Partial<Instance> | null | undefined;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.duplicate === 'function' &&
    typeof candidate.options === 'object' &&
    typeof candidate.isCluster === 'boolean'
  );
}

export function readInstance(input: Redis | Cluster): {
  options: RedisOptions;
  cluster?: { nodes: HostAndPort[]; natMap?: unknown };
} {
  const { isCluster, options, startupNodes } = input as unknown as Instance;
  if (!isCluster) return { options: withoutHabits(options) };
  const nodes = (startupNodes ?? []).map(readNode);
  if (nodes.length === 0) throw new Error('expected an ioredis Cluster that names at least one node');
  const shared = options.redisOptions as RedisOptions | undefined;
  const first = startupNodes?.find((node): node is Exclude<ClusterNode, string | number> => typeof node === 'object');
  return {
    options: withoutHabits({ ...first, ...shared, host: undefined, port: undefined }),
    cluster: { nodes, ...(options.natMap ? { natMap: options.natMap } : {}) },
  };
}

/** What a user's client does beside connecting is no business of ours: prefixes, scripts, shapes of replies. */
function withoutHabits(options: Record<string, unknown>): RedisOptions {
  const { keyPrefix, scripts, monitor, himportFieldsets, Connector, stringNumbers, readOnly, ...rest } = options;
  return rest;
}

function readNode(node: ClusterNode): HostAndPort {
  if (typeof node === 'number') return { host: '127.0.0.1', port: node };
  if (typeof node === 'object') return { host: node.host ?? '127.0.0.1', port: Number(node.port ?? 6379) };
  const [first] = parseAddressText(node).hosts;
  if (!first) throw new Error('expected an ioredis Cluster whose nodes have a host');
  return first;
}
