/** What was sent on a connection that is lost is never sent again by itself: it would run when nobody expects it. */
import { expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { openLeader, rejection, scriptCalls } from './link.ts';

test('a command whose reply was lost runs once', async () => {
  const { port, url } = await startRedisServer();
  const proxy = await startTcpProxy({ port });
  const link = await openLeader({ address: `redis://127.0.0.1:${proxy.port}` });
  await link.poll();
  const before = await scriptCalls(url);
  proxy.silence('toClient');
  const lost = rejection(link.poll());
  await expect.poll(() => scriptCalls(url)).toBe(before + 1);
  proxy.cut();
  expect(await lost).toMatchObject({ kind: 'unreachable' });
  proxy.heal();
  await link.next('up');
  await link.poll();
  expect((await scriptCalls(url)) - before).toBe(2);
});

test('a command that is asked for while the connection is down rejects at once and never runs', async () => {
  const { port, url } = await startRedisServer();
  const proxy = await startTcpProxy({ port });
  const link = await openLeader({ address: `redis://127.0.0.1:${proxy.port}` });
  const before = await scriptCalls(url);
  proxy.refuse();
  await link.next('down');
  expect(await rejection(link.poll())).toMatchObject({ kind: 'unreachable' });
  proxy.heal();
  await link.next('up');
  await link.poll();
  expect((await scriptCalls(url)) - before).toBe(1);
});
