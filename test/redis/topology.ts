/** A master with replicas under sentinels, and a Cluster, of real servers. They end with the test file. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { freePort } from '../harness/free-port.ts';
import { endWithUs, temporaryFolder } from '../harness/leftovers.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { ensureTool } from '../harness/tool.ts';

export type Sentinel = Readonly<{ port: number; pause(): void; resume(): void }>;

/** Watches one master under the name `mymaster`; speaks TLS, with its certificates, if the master does. */
export async function startSentinel(master: RedisServer, { quorum = 1, downAfterMs = 500 } = {}): Promise<Sentinel> {
  const port = await freePort();
  const file = join(temporaryFolder(), 'sentinel.conf');
  writeFileSync(
    file,
    [
      ...[
        ...portLines(port, master.certificates),
        'bind 127.0.0.1',
        `sentinel monitor mymaster 127.0.0.1 ${master.port} ${quorum}`,
      ],
      ...[`sentinel down-after-milliseconds mymaster ${downAfterMs}`, 'sentinel failover-timeout mymaster 3000'],
    ].join('\n'),
  );
  const child = spawn(ensureTool('redis-server'), [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  for await (const line of createInterface(child.stdout)) if (line.includes('+monitor')) break;
  child.stdout.resume();
  return { port, pause: () => void child.kill('SIGSTOP'), resume: () => void child.kill('SIGCONT') };
}

function portLines(port: number, certificates: RedisServer['certificates']): string[] {
  if (!certificates) return [`port ${port}`];
  const { ca, server } = certificates;
  return [
    ...['port 0', `tls-port ${port}`, 'tls-replication yes', 'tls-auth-clients no'],
    ...[`tls-ca-cert-file ${ca}`, `tls-cert-file ${server.cert}`, `tls-key-file ${server.key}`],
  ];
}

/** Three that agree by two; resolves to their address once they know each other and the master's replica. */
export async function startSentinels(master: RedisServer): Promise<string> {
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master, { quorum: 2 })));
  // They find each other and the replica by the master's channel, every two seconds.
  for (const { port } of sentinels) {
    const sentinel = { url: `redis://127.0.0.1:${port}` };
    const count = async (client: Redis, what: string) =>
      ((await client.call('SENTINEL', what, 'mymaster')) as unknown[]).length;
    await until(sentinel, (client) => count(client, 'SENTINELS'), /^2$/);
    await until(sentinel, (client) => count(client, 'REPLICAS'), /^1$/);
  }
  return `sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/mymaster`;
}

/** Resolves once the replica has all that its master has. */
export async function startReplica(master: RedisServer): Promise<RedisServer> {
  // By default a master waits five seconds for more replicas to come before it sends its data.
  await ask(master, (client) => client.config('SET', 'repl-diskless-sync-delay', '0'));
  const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  await until(replica, (client) => client.info('replication'), /master_link_status:up/);
  return replica;
}

/** Slots are shared out in order of the nodes; `replicas` follow the first ones. */
export async function startCluster({ masters = 3, replicas = 0 } = {}): Promise<RedisServer[]> {
  const nodes = await Promise.all(Array.from({ length: masters + replicas }, startNode));
  const [first, ...others] = nodes as [Node, ...Node[]];
  for (const [i, { server }] of nodes.slice(0, masters).entries()) {
    const from = Math.floor((i * 16_384) / masters);
    const to = Math.floor(((i + 1) * 16_384) / masters) - 1;
    await ask(server, (client) => client.call('CLUSTER', 'ADDSLOTSRANGE', from, to));
    await ask(server, (client) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1));
  }
  for (const { server, busPort } of others) {
    await ask(first.server, (client) => client.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort));
  }
  for (const { server } of nodes) {
    await until(server, (client) => client.cluster('NODES'), new RegExp(`(.*connected.*\\n){${nodes.length}}`));
  }
  for (const [i, { server }] of nodes.slice(masters).entries()) {
    const master = await nodeId(nodes[i] as Node);
    await ask(server, (client) => client.call('CLUSTER', 'REPLICATE', master));
    await until(server, (client) => client.info('replication'), /master_link_status:up/);
  }
  for (const { server } of nodes) await until(server, (client) => client.cluster('INFO'), /cluster_state:ok/);
  return nodes.map(({ server }) => server);
}

/** Moves one slot with its keys, as `redis-cli --cluster reshard` does. */
export async function moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  const [source, target] = [await nodeId({ server: from }), await nodeId({ server: to })];
  await ask(to, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source));
  await ask(from, async (client) => {
    await client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    const keys = (await client.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[];
    await client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  });
  for (const server of [to, from])
    await ask(server, (client) => client.call('CLUSTER', 'SETSLOT', slot, 'NODE', target));
}

/** The node that owns the slot of this key. */
export async function ownerOf(
  key: string,
  nodes: readonly RedisServer[],
): Promise<{ slot: number; owner: RedisServer }> {
  const [first] = nodes as [RedisServer];
  return ask(first, async (client) => {
    const slot = Number(await client.cluster('KEYSLOT', key));
    const ranges = await client.cluster('SLOTS');
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
    const owner = nodes.find((node) => node.port === port);
    if (!owner) throw new Error(`no node owns slot ${slot}`);
    return { slot, owner };
  });
}

type Node = Readonly<{ server: RedisServer; busPort: number }>;

async function startNode(): Promise<Node> {
  // By default the bus listens 10,000 above, where there may be no port.
  const busPort = await freePort();
  const settings = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '1000'];
  const server = await startRedisServer({
    args: [...settings, '--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
  });
  return { server, busPort };
}

async function nodeId({ server }: Pick<Node, 'server'>): Promise<string> {
  return String(await ask(server, (client) => client.cluster('MYID')));
}

async function ask<T>({ url }: Pick<RedisServer, 'url'>, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

async function until(
  server: Pick<RedisServer, 'url'>,
  question: (client: Redis) => Promise<unknown>,
  pattern: RegExp,
): Promise<void> {
  await ask(server, async (client) => {
    while (!pattern.test(String(await question(client)))) await new Promise((resolve) => setTimeout(resolve, 20));
  });
}
