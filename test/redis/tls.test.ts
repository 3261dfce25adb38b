/** TLS where the way to the server is asked for first: at sentinels and at the nodes of a Cluster. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { Link, openLeader } from './link.ts';
import { startSentinel } from './topology.ts';

const rates = Buffer.from('{"EUR":1}');

function authorityOf({ certificates }: RedisServer): { ca: Buffer } {
  if (!certificates) throw new Error('this server speaks no TLS');
  return { ca: readFileSync(certificates.ca) };
}

/** Alone, with all slots. */
async function startTlsCluster(): Promise<RedisServer> {
  const busPort = String(await freePort());
  const args = ['--cluster-enabled', 'yes', '--cluster-port', busPort, '--tls-cluster', 'yes'];
  const node = await startRedisServer({ tls: true, args });
  const client = new Redis(node.url, { tls: authorityOf(node) });
  await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  await expect.poll(() => client.cluster('INFO'), { timeout: 10_000 }).toContain('cluster_state:ok');
  client.disconnect();
  return node;
}

async function leadAt(address: string, server: RedisServer): Promise<void> {
  const link = await openLeader({ address: { address, tls: authorityOf(server) } });
  expect((await link.publish(rates)).outcome).toBe('published');
  expect(await link.stores.data.download('rates')).toEqual(rates);
  expect(link.connection.address).toBe(address);
  const distrustful = new Link({ address });
  expect(await distrustful.next('down')).toMatchObject({
    kind: 'misconfigured',
    message: expect.stringMatching(/No secure connection .* came about .*tls\.ca/),
  });
  await distrustful.connection.close();
}

test('sentinels:// finds the master and speaks to it and to the sentinel in TLS', async () => {
  const master = await startRedisServer({ tls: true });
  const sentinel = await startSentinel(master);
  await leadAt(`sentinels://127.0.0.1:${sentinel.port}/mymaster`, master);
});

test('clusters:// asks a node for the slot and speaks to its owner in TLS', async () => {
  const node = await startTlsCluster();
  await leadAt(`clusters://127.0.0.1:${node.port}`, node);
});
