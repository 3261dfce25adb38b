/**
 * The way to a Redis Cluster: to the one node that owns the namespace's slot, as to a server of its own.
 *
 * All keys of a namespace lie in one slot, so one connection serves everything. ioredis' own Cluster client would send
 * commands again after a failure, keep two connections and resubscribe without telling; and because here all pods are
 * subscribed at the same node, that node knows who is present.
 *
 * Guarantee: only what a node of a healthy part of the Cluster says about the slot's owner is believed. When the slot
 * moves, Redis answers MOVED, and the connection comes here again. Non-guarantee: the owner may be down already.
 */
import { createConnection } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import type { Random } from '../ports.ts';
import type { HostAndPort } from './address-text.ts';
import { surviveLaterErrors } from './stream-errors.ts';

export type ClusterWay = Readonly<{
  nodes: readonly HostAndPort[];
  natMap?: unknown;
  /** Any key of the namespace: decides the slot. */
  key: string;
  random: Random;
}>;

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;
type NodeOptions = Pick<RedisOptions, 'username' | 'password' | 'tls' | 'connectTimeout' | 'family'>;

/** The class that ioredis makes one connector of. */
export function slotOwnerConnector(way: ClusterWay): new (options: unknown) => AbstractConnector {
  return class SlotOwnerConnector extends AbstractConnector {
    readonly #options: RedisOptions;
    /** Every node that was ever heard of. */
    readonly #nodes = new Map(way.nodes.map((node) => [nameOf(node), node]));

    constructor(options: unknown) {
      const known = options as RedisOptions;
      super(known.disconnectTimeout ?? 0);
      this.#options = known;
    }

    async connect(): Promise<Stream> {
      this.connecting = true;
      const owner = await this.#findOwner();
      if (!this.connecting) throw new Error('Connection is closed.');
      const { tls, family } = this.#options;
      const to = { ...owner, ...(family && { family }) };
      this.stream = tls ? connectSecurely({ ...to, ...tls }) : createConnection(to);
      this.stream.once('error', (error) => {
        this.firstError = error;
      });
      return this.stream;
    }

    async #findOwner(): Promise<HostAndPort> {
      let failure: unknown = new Error('Connection is closed.');
      for (const node of shuffled([...this.#nodes.values()], way.random)) {
        if (!this.connecting) break;
        try {
          const { owner, nodes } = await askForOwner(node, this.#options, way);
          for (const known of nodes) this.#nodes.set(nameOf(known), known);
          return owner;
        } catch (error) {
          failure = error;
        }
      }
      throw failure;
    }
  };
}

async function askForOwner(
  node: HostAndPort,
  { username, password, tls, family }: NodeOptions,
  { key, natMap }: ClusterWay,
): Promise<{ owner: HostAndPort; nodes: HostAndPort[] }> {
  const access: NodeOptions = { username, password, tls, ...(family && { family }) };
  const client = new Redis({
    ...node,
    ...access,
    ...{ connectTimeout: 1_000, commandTimeout: 1_000, retryStrategy: () => null, maxRetriesPerRequest: 0 },
    ...{ enableReadyCheck: false, disableClientInfo: true, lazyConnect: true },
  });
  surviveLaterErrors(client);
  // A failure to connect also rejects the commands, but without saying why.
  let failure: Error | undefined;
  client.on('error', (error) => {
    failure ??= error;
  });
  try {
    const [info, slot, slots] = await Promise.all([
      client.cluster('INFO'),
      client.cluster('KEYSLOT', key),
      client.cluster('SLOTS'),
    ]);
    if (!/^cluster_state:ok/m.test(String(info))) throw new Error('CLUSTERDOWN');
    return readSlots(slots as SlotRange[], Number(slot), node, natMap);
  } catch (error) {
    throw failure ?? error;
  } finally {
    client.disconnect();
  }
}

/** From, to, the master, its replicas. */
type SlotRange = [number, number, ...[string | null, number, ...unknown[]][]];

function readSlots(ranges: readonly SlotRange[], slot: number, asked: HostAndPort, natMap: unknown) {
  const toNode = ([host, port]: [string | null, number, ...unknown[]]) =>
    // A node that doesn't know its own address means the one it was asked at.
    translate({ host: host || asked.host, port }, natMap);
  const nodes = ranges.flatMap(([, , ...listed]) => listed.map(toNode));
  const [, , master] = ranges.find(([from, to]) => from <= slot && slot <= to) ?? [];
  if (!master) throw new Error('CLUSTERDOWN');
  return { owner: toNode(master), nodes };
}

/** As ioredis' option `natMap`. */
function translate(node: HostAndPort, natMap: unknown): HostAndPort {
  const name = nameOf(node);
  const translated =
    typeof natMap === 'function' ? natMap(name) : (natMap as Record<string, HostAndPort> | undefined)?.[name];
  return translated ?? node;
}

function nameOf({ host, port }: HostAndPort): string {
  return `${host}:${port}`;
}

function shuffled<T>(items: T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
