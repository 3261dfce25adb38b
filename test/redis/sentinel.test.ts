/** A master that is found by its sentinels. */
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { Link, openLeader, openLink, plainClient, rejection } from './link.ts';
import { startReplica, startSentinel } from './topology.ts';

test('is connected to, and no other', async () => {
  const master = await startRedisServer();
  const replica = await startReplica(master);
  const sentinel = await startSentinel(master);
  const address = `sentinel://127.0.0.1:${sentinel.port}/mymaster`;
  const link = await openLeader({ address });
  expect(link.connection.address).toBe(address);
  expect((await link.publish(Buffer.from('{"EUR":1}'))).outcome).toBe('published');
  expect(await plainClient(master.url).get('hedging:leader_lock')).toBe('pod-1#1');
  const client = plainClient(replica.url);
  await expect.poll(() => client.get('hedging:rates_backup')).toBe('{"EUR":1}');
});

test('is found though other sentinels are down, and nothing is written to the console', async () => {
  const consoleError = vi.spyOn(console, 'error');
  const master = await startRedisServer();
  const sentinel = await startSentinel(master);
  const dead = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
  const link = await openLink({ address: `sentinel://${dead.join(',')},127.0.0.1:${sentinel.port}/mymaster` });
  await link.poll();
  await master.restart();
  await link.next('down');
  await link.next('up');
  await link.connection.close();
  expect(consoleError).not.toHaveBeenCalled();
});

test('of an unknown name, or with no sentinel there, is told in one sentence', async () => {
  const master = await startRedisServer();
  const sentinel = await startSentinel(master);
  const unknown = new Link({ address: `sentinel://127.0.0.1:${sentinel.port}/nobody` });
  expect(await unknown.next('down')).toEqual({
    kind: 'misconfigured',
    message: expect.stringMatching(/know no master of that name/),
  });
  const nobody = new Link({ address: `sentinel://127.0.0.1:${await freePort()}/mymaster` });
  expect(await nobody.next('down')).toMatchObject({ kind: 'unreachable' });
  const direct = new Link({ address: `redis://127.0.0.1:${sentinel.port}` });
  expect(await direct.next('down')).toEqual({
    kind: 'misconfigured',
    message: expect.stringMatching(/is a sentinel: write sentinel:\/\//),
  });
});

test('is tried again for ever: it comes up when the sentinel does', async () => {
  const master = await startRedisServer();
  const sentinel = await startSentinel(master);
  const address = `sentinel://127.0.0.1:${sentinel.port}/mymaster`;
  sentinel.pause();
  const link = new Link({ address });
  await link.next('down');
  expect(await rejection(link.poll())).toMatchObject({ kind: 'unreachable' });
  sentinel.resume();
  await link.next('up');
});

test('is found by an ioredis instance of the user’s', async () => {
  const master = await startRedisServer();
  const sentinel = await startSentinel(master);
  const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
  const link = await openLink({ address: new Redis({ sentinels, name: 'mymaster', lazyConnect: true }) });
  expect((await link.poll()).size).toBe(1);
});
