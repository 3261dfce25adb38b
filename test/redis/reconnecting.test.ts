/** Losing Redis and getting it back: promise 8 begins here. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { Link, openLeader, openLink, plainClient, rejection, scriptCalls } from './link.ts';

const renewal = { podId: 'pod-1', epoch: 1, ttlMs: 10_000 };

describe('Redis is killed and started again', () => {
  test('every pod is told once that it is down and once that it is up, and then hears again', async () => {
    const server = await startRedisServer();
    const links = await Promise.all(
      Array.from({ length: 5 }, (_, i) => openLink({ address: server.url, podId: `pod-${i}` })),
    );
    await server.kill();
    for (const link of links) {
      expect(await link.next('down')).toEqual({ kind: 'unreachable', message: expect.stringMatching(/was closed/) });
      expect(await rejection(link.poll())).toMatchObject({ kind: 'unreachable' });
    }
    await server.start();
    for (const link of links) await link.next('up');
    for (const link of links) expect(link.told).toMatchObject({ up: { length: 2 }, down: { length: 1 } });
    await plainClient(server.url).publish('hedging:announcements', '{"kind":"released","podId":"p","epoch":3}');
    for (const link of links) await link.announcement('released');
  });

  test('what is in flight rejects at once', async () => {
    const server = await startRedisServer();
    const link = await openLeader({ address: server.url });
    server.pause();
    const pending = Promise.all([
      rejection(link.stores.lease.renew(renewal)),
      rejection(link.stores.data.download('rates')),
    ]);
    const killed = server.kill();
    const startedAt = performance.now();
    for (const error of await pending) expect(error).toMatchObject({ name: 'RedisError', kind: 'unreachable' });
    expect(performance.now() - startedAt).toBeLessThan(500);
    await killed;
  });

  test('the pod is subscribed before it is told that it is up, each time', async () => {
    const server = await startRedisServer();
    const link = new Link({ address: server.url, isClosed: true });
    const heard: Promise<boolean>[] = [];
    const hint = { kind: 'suspected', dataset: 'rates' } as const;
    link.onUp = () => heard.push(link.connection.send('pod-1', hint));
    link.open();
    await link.next('up');
    await link.announcement('suspected');
    await server.restart();
    await link.next('up');
    await link.announcement('suspected');
    expect(await Promise.all(heard)).toEqual([true, true]);
  });

  test('while it loads its data it can’t be used, and says so', async () => {
    // Redis looks up from loading after every 1024 commands: each 200 µs long, several times before it is done.
    const server = await startRedisServer({ appendOnly: true, args: ['--key-load-delay', '200'] });
    const filling = plainClient(server.url).pipeline();
    for (let i = 0; i < 4_000; i += 1) filling.set(`filler:${i}`, 'x');
    await filling.exec();
    await server.kill();
    const started = server.start();
    const link = new Link({ address: server.url });
    let failure = await link.next('down');
    while (failure.kind !== 'transient') failure = await link.next('down');
    expect(failure.message).toMatch(/can’t serve for the moment \(LOADING\)/);
    await link.next('up');
    await started;
    expect((await link.poll()).size).toBe(1);
  });
});

describe('Redis is paused', () => {
  test('commands end at their time limits, are not sent again, and the connection stays', async () => {
    const server = await startRedisServer();
    const link = await openLeader({ address: server.url, timing: { leaseCommandLimitMs: 200 } });
    const before = await scriptCalls(server.url);
    server.pause();
    const startedAt = performance.now();
    const error = await rejection(link.stores.lease.renew(renewal));
    expect(error).toMatchObject({
      kind: 'timeout',
      code: 'TIMEOUT',
      message: expect.stringMatching(/within 200 ms: the command may have run/),
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199);
    expect(performance.now() - startedAt).toBeLessThan(400);
    expect(await rejection(link.poll())).toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/within 1000 ms/),
    });
    server.resume();
    expect(await link.stores.lease.renew(renewal)).toEqual({ outcome: 'renewed' });
    expect((await scriptCalls(server.url)) - before).toBe(3);
    expect(link.told.down).toEqual([]);
  });

  test('silence for two seconds closes the connection; it comes back when Redis does', async () => {
    const server = await startRedisServer();
    const link = await openLeader({ address: server.url });
    const before = await scriptCalls(server.url);
    server.pause();
    const error = rejection(link.stores.lease.renew(renewal));
    const failure = await link.next('down');
    expect(failure).toEqual({ kind: 'unreachable', message: expect.stringMatching(/went silent/) });
    expect(await error).toMatchObject({ kind: 'timeout' });
    server.resume();
    await link.next('up');
    expect((await scriptCalls(server.url)) - before).toBeLessThanOrEqual(1);
    expect(await link.stores.lease.renew(renewal)).toEqual({ outcome: 'renewed' });
  });
});

describe('the network', () => {
  test('cuts the connection: down, then up, and what was in flight has rejected', async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLeader({ address: `redis://127.0.0.1:${proxy.port}` });
    proxy.delay(200);
    const error = rejection(link.stores.lease.renew(renewal));
    proxy.cut();
    expect(await error).toMatchObject({ kind: 'unreachable' });
    await link.next('down');
    proxy.heal();
    await link.next('up');
    expect(await link.stores.lease.renew(renewal)).toEqual({ outcome: 'renewed' });
  });

  test('is away for a while: told once, tried again and again', async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLink({ address: `redis://127.0.0.1:${proxy.port}` });
    proxy.refuse();
    await link.next('down');
    await new Promise((resolve) => setTimeout(resolve, 700));
    proxy.heal();
    const healedAt = performance.now();
    await link.next('up');
    expect(performance.now() - healedAt).toBeLessThan(700);
    expect(link.told.down.length).toBe(1);
  });

  test('flaps: one down for every up, and no news in between', async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLink({ address: `redis://127.0.0.1:${proxy.port}` });
    for (let i = 0; i < 15; i += 1) {
      proxy.cut();
      await link.next('down');
      await link.next('up');
    }
    expect(link.told).toMatchObject({ up: { length: 16 }, down: { length: 15 } });
    expect((await link.poll()).size).toBe(1);
  });

  test('cuts again and again while the pod is connecting, and nothing is left over', async () => {
    const { port, url } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = new Link({ address: `redis://127.0.0.1:${proxy.port}` });
    for (let i = 0; i < 40; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, i % 9));
      proxy.cut();
    }
    while (link.told.up.length <= link.told.down.length - 1) await link.next('up');
    await expect.poll(async () => (await link.poll().catch(() => undefined))?.size).toBe(1);
    await expect.poll(() => plainClient(url).pubsub('NUMSUB', 'hedging:pod:pod-1')).toEqual(['hedging:pod:pod-1', 1]);
  });

  test('cuts just when the pod subscribes: no rejection is left that nobody handles', async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLink({ address: `redis://127.0.0.1:${proxy.port}` });
    for (let i = 0; i < 3; i += 1) {
      proxy.cutBefore('subscribe');
      proxy.cut();
      await link.next('down');
      await link.next('up');
    }
    expect(link.told.down.length).toBe(3);
  });

  test('lets nothing through to the pod any more: the next command finds out', { timeout: 10_000 }, async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLeader({ address: `redis://127.0.0.1:${proxy.port}` });
    proxy.silence('toClient');
    expect(await rejection(link.stores.lease.renew(renewal))).toMatchObject({ kind: 'timeout' });
    expect((await link.next('down')).message).toMatch(/went silent/);
    proxy.heal();
    await link.next('up');
    expect(await link.stores.lease.renew(renewal)).toEqual({ outcome: 'renewed' });
  });

  test('is slow with a large payload: that is no silence', { timeout: 15_000 }, async () => {
    const { port } = await startRedisServer();
    const proxy = await startTcpProxy({ port });
    const link = await openLeader({ address: `redis://127.0.0.1:${proxy.port}` });
    proxy.delay(1_100);
    const reply = await link.publish(Buffer.alloc(1_000_000, 'x'));
    expect(reply.outcome).toBe('published');
    expect(link.told.down).toEqual([]);
  });
});

test('a server that became a replica is left, until one takes writes again', async () => {
  const [server, other] = [await startRedisServer(), await startRedisServer()];
  const link = await openLeader({ address: server.url });
  const admin = plainClient(server.url);
  await admin.replicaof('127.0.0.1', other.port);
  // The leader finds out by its renewal, everybody else by the poll.
  expect(await rejection(link.poll())).toMatchObject({ kind: 'refused', code: 'READONLY' });
  expect(await link.next('down')).toEqual({ kind: 'refused', message: expect.stringMatching(/takes no writes/) });
  await admin.replicaof('NO', 'ONE');
  await link.next('up');
  expect((await link.poll()).size).toBe(1);
});

test('after close nothing is told and nothing runs, whatever happens', async () => {
  const server = await startRedisServer();
  const link = await openLink({ address: server.url });
  await link.connection.close();
  const client = plainClient(server.url);
  await once(client, 'ready');
  expect(await client.pubsub('NUMSUB', 'hedging:pod:pod-1')).toEqual(['hedging:pod:pod-1', 0]);
  expect(await rejection(link.poll())).toMatchObject({
    kind: 'unreachable',
    message: expect.stringMatching(/was closed/),
  });
  await server.restart();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(link.told).toMatchObject({ up: { length: 1 }, down: [] });
});

test('close ends a half-open connection at once, too', async () => {
  const { port } = await startRedisServer();
  const proxy = await startTcpProxy({ port });
  const link = await openLink({ address: `redis://127.0.0.1:${proxy.port}` });
  proxy.silence();
  await link.connection.close();
  await expect.poll(() => proxy.connections, { timeout: 200, interval: 10 }).toBe(0);
});
