/** Ways to a Redis, and what a person reads when there is none. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { Link, openLink, plainClient } from './link.ts';

const secret = 'ho/r?se#b@ttery';

const quick = { misconfiguredRetryMs: 200 };

describe('a connection comes up', () => {
  test('at redis://, tcp:// and a bare host:port', async () => {
    const { port } = await startRedisServer();
    for (const scheme of ['redis://', 'tcp://', '']) {
      const link = await openLink({ address: `${scheme}127.0.0.1:${port}` });
      expect((await link.poll()).size).toBe(1);
      expect(link.connection.address).toBe(`redis://127.0.0.1:${port}`);
    }
  });

  test('with a password, raw or percent-encoded, or beside the address', async () => {
    const { port } = await startRedisServer({ password: secret });
    const host = `127.0.0.1:${port}`;
    const addresses = [
      `redis://:${secret}@${host}`,
      `redis://default:${encodeURIComponent(secret)}@${host}`,
      { address: host, password: secret },
    ];
    for (const address of addresses) {
      const link = await openLink({ address });
      await link.poll();
      expect(link.connection.address).toBe(`redis://***@${host}`);
    }
  });

  test('in a database of its own', async () => {
    const { url } = await startRedisServer();
    const link = await openLink({ address: `${url}/3` });
    await link.poll();
    const client = plainClient(url, { db: 3 });
    expect(await client.keys('*')).toContain('hedging:data_version');
  });

  test('over TLS, with the client’s certificate where Redis asks for it', async () => {
    const { url, certificates } = await startRedisServer({ tls: 'mutual' });
    if (!certificates) throw new Error('expected certificates');
    const { ca, client } = certificates;
    const tls = { ca: readFileSync(ca), cert: readFileSync(client.cert), key: readFileSync(client.key) };
    const link = await openLink({ address: { address: url, tls } });
    expect((await link.poll()).size).toBe(1);
  });

  test('on a unix socket', async () => {
    const { socketPath } = await startRedisServer({ unixSocket: true });
    for (const address of [`unix:${socketPath}`, `unix://${socketPath}`]) {
      const link = await openLink({ address });
      expect((await link.poll()).size).toBe(1);
      expect(link.connection.address).toBe(`unix:${socketPath}`);
    }
  });

  test('as an ioredis instance of the user’s says, which itself stays untouched', async () => {
    const { port } = await startRedisServer({ password: secret });
    const instance = new Redis({
      port,
      password: secret,
      keyPrefix: 'prefix:',
      lazyConnect: true,
      commandTimeout: 1,
      protocol: 2,
    });
    const link = await openLink({ address: instance });
    expect((await link.poll()).size).toBe(1);
    expect(link.connection.address).toBe(`redis://***@localhost:${port}`);
    await link.connection.close();
    expect(instance.status).toBe('wait');
    expect(instance.eventNames()).toEqual([]);
    const client = plainClient(`redis://127.0.0.1:${port}`, { password: secret });
    expect(await client.keys('prefix:*')).toEqual([]);
  });

  test('and `redis-cli client list` names the pod', async () => {
    const { url } = await startRedisServer();
    await openLink({ address: url, podId: 'host-1-234' });
    const client = plainClient(url);
    expect(await client.client('LIST')).toMatch(/name=host-1-234 .*sub=2 .*resp=3/);
  });
});

describe('a connection that can’t come up says why in one sentence', () => {
  test('nothing listens', async () => {
    const link = new Link({ address: `redis://localhost:${await freePort()}` });
    const failure = await link.next('down');
    expect(failure).toEqual({ kind: 'unreachable', message: expect.stringMatching(/^Nothing listens at redis:/) });
  });

  test('the name doesn’t resolve', async () => {
    const link = new Link({ address: 'redis://no-such-host.invalid' });
    const { kind, message } = await link.next('down');
    expect(kind).toBe('unreachable');
    expect(message).toMatch(/host name in redis:\/\/no-such-host.invalid:6379 can’t be resolved/);
  });

  test('there is no such unix socket', async () => {
    const link = new Link({ address: 'unix:/tmp/no-such.sock' });
    expect((await link.next('down')).message).toMatch(/There is no socket at unix:\/tmp\/no-such.sock/);
  });

  test('an HTTP server answers', async () => {
    const http = createHttpServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    onTestFinished(() => void http.close());
    await once(http, 'listening');
    const link = new Link({ address: `redis://127.0.0.1:${(http.address() as AddressInfo).port}` });
    const { kind, message } = await link.next('down');
    expect(message).toMatch(/does not speak Redis' protocol/);
    expect(kind).toBe('misconfigured');
  });

  test('something answers nothing', { timeout: 10_000 }, async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => void mute.close());
    await once(mute, 'listening');
    const link = new Link({ address: `redis://127.0.0.1:${(mute.address() as AddressInfo).port}` });
    const { kind, message } = await link.next('down');
    expect(kind).toBe('unreachable');
    expect(message).toMatch(/went silent/);
  });

  test('TLS is expected on one side only, or the certificate isn’t trusted', async () => {
    const { port } = await startRedisServer({ tls: true });
    const untrusting = new Link({ address: `rediss://127.0.0.1:${port}` });
    const failure = await untrusting.next('down');
    expect(failure.message).toMatch(/No secure connection .* came about .*tls\.ca/);
    expect(failure.kind).toBe('misconfigured');
    const plain = new Link({ address: `redis://127.0.0.1:${port}` });
    expect((await plain.next('down')).message).toMatch(/rediss:\/\//);
    const server = await startRedisServer();
    const secure = new Link({ address: `rediss://127.0.0.1:${server.port}` });
    expect((await secure.next('down')).message).toMatch(/whether TLS is spoken there/);
  });

  test('the password is missing or wrong; and it comes up by itself once it is right', async () => {
    const server = await startRedisServer();
    const admin = plainClient(server.url);
    const silent = await openLink({ address: server.url, timing: quick });
    const wrong = await openLink({ address: { address: server.url, password: 'wrong' }, timing: quick });
    const right = await openLink({ address: { address: server.url, password: secret }, timing: quick });
    await admin.config('SET', 'requirepass', secret);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    for (const [link, pattern] of [
      [silent, /asks for a password/],
      [wrong, /refused the user name or password/],
    ] as [Link, RegExp][]) {
      expect((await link.next('down')).kind).toBe('unreachable');
      const failure = await link.next('down');
      expect(failure).toEqual({ kind: 'misconfigured', message: expect.stringMatching(pattern) });
    }
    await right.next('up');
    await admin.config('SET', 'requirepass', 'wrong');
    await wrong.next('up');
    await admin.config('SET', 'requirepass', '');
    await silent.next('up');
    for (const link of [silent, wrong, right]) expect(link.texts()).not.toContain(secret);
  });

  test('it is too old', async () => {
    const pair = (name: string, value: string) => `$${name.length}\r\n${name}\r\n$${value.length}\r\n${value}\r\n`;
    for (const [hello, complaint] of [
      ["-ERR unknown command 'HELLO'\r\n", 'it has no RESP3'],
      [`%2\r\n${pair('version', '6.0.16')}${pair('role', 'master')}`, 'its version is 6.0.16'],
    ] as const) {
      const replies = { hello, subscribe: '>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'.repeat(2), info: '$0\r\n\r\n' };
      const fake = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          const commands = chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g);
          for (const [, name = ''] of commands) socket.write(replies[name.toLowerCase() as 'hello'] ?? '+OK\r\n');
        });
      }).listen(0, '127.0.0.1');
      onTestFinished(() => void fake.close());
      await once(fake, 'listening');
      const link = new Link({ address: `redis://127.0.0.1:${(fake.address() as AddressInfo).port}` });
      const { kind, message } = await link.next('down');
      expect(message).toContain(`is too old (${complaint}): Bellwether takes Redis 6.2 or newer`);
      expect(kind).toBe('misconfigured');
    }
  });

  test('the database doesn’t exist', async () => {
    const { url } = await startRedisServer();
    const link = new Link({ address: `${url}/99` });
    const { kind, message } = await link.next('down');
    expect(kind).toBe('misconfigured');
    expect(message).toMatch(/no database of that number/);
  });

  test('it is a replica', async () => {
    const master = await startRedisServer();
    const replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
    const link = new Link({ address: replica.url });
    const { kind, message } = await link.next('down');
    expect(kind).toBe('refused');
    expect(message).toMatch(/takes no writes now/);
    const admin = plainClient(replica.url);
    await admin.replicaof('NO', 'ONE');
    await link.next('up');
  });

  test('it is a node of a Cluster', async () => {
    const { url } = await startRedisServer({ args: ['--cluster-enabled', 'yes'] });
    const link = new Link({ address: url });
    expect(await link.next('down')).toEqual({
      kind: 'misconfigured',
      message: expect.stringMatching(/a node of a Cluster: write cluster:\/\//),
    });
  });
});
