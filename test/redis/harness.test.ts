/** The harness itself: what every test on a real Redis stands on. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { surviveLaterErrors } from '../../src/redis/stream-errors.ts';
import { hasFakeTime } from '../harness/faketime.ts';
import { isAlive } from '../harness/processes.ts';
import { startRedisClock } from '../harness/redis-clock.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

const pidOf = ({ pid }: RedisServer): number => {
  if (pid === undefined) throw new Error('expected a running server');
  return pid;
};

function connect(server: RedisServer, options: Pick<RedisOptions, 'tls'> = {}): Redis {
  const client = new Redis(server.socketPath ?? server.url, {
    retryStrategy: () => 20,
    enableOfflineQueue: true,
    lazyConnect: true,
    ...options,
  });
  surviveLaterErrors(client);
  client.connect().catch(() => undefined);
  // Cut connections are what these tests are about.
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

describe('redis-server', () => {
  test('starts on a free port of loopback, without persistence, and ends on SIGTERM', async () => {
    const server = await startRedisServer();
    const pid = pidOf(server);
    const client = connect(server);
    expect(await client.ping()).toBe('PONG');
    expect(await client.config('GET', 'save')).toEqual(['save', '']);
    await server.stop();
    expect(server.isRunning).toBe(false);
    expect(isAlive(pid)).toBe(false);
  });

  test('is as empty after a restart as a wiped one, on the same port, unless it is append-only', async () => {
    for (const appendOnly of [false, true]) {
      const server = await startRedisServer({ appendOnly });
      const client = connect(server);
      await client.set('kept', 'yes');
      const { port } = server;
      // It may be back before the server has told that it is; errors on the way are none of once()'s business.
      const isBack = new Promise((resolve) => client.once('ready', resolve));
      await server.kill();
      await server.start();
      expect(server.port).toBe(port);
      await isBack;
      expect(await client.get('kept')).toBe(appendOnly ? 'yes' : null);
    }
  });

  test('answers nothing while it is paused, and everything after that', async () => {
    const server = await startRedisServer();
    const client = connect(server);
    await client.ping();
    server.pause();
    let isAnswered = false;
    const reply = client.ping().then(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAnswered).toBe(false);
    server.resume();
    await reply;
  });

  test('can be stopped while it is paused', async () => {
    const server = await startRedisServer();
    server.pause();
    await server.stop();
    expect(server.isRunning).toBe(false);
  });

  test('asks for its password, which the address holds', async () => {
    const server = await startRedisServer({ password: 'p@ss/word' });
    expect(await connect(server).ping()).toBe('PONG');
    const stranger = new Redis({ port: server.port, password: 'wrong', retryStrategy: () => null });
    const [error] = await once(stranger, 'error');
    expect(String(error)).toMatch('WRONGPASS');
  });

  test('takes an ACL', async () => {
    const server = await startRedisServer({ acl: ['user default on nopass ~* &* +@all -pubsub'] });
    await expect(connect(server).call('PUBSUB', 'NUMSUB', 'a')).rejects.toThrow('NOPERM');
  });

  test('takes a memory limit and its policy', async () => {
    const server = await startRedisServer({ maxMemory: '2mb', maxMemoryPolicy: 'noeviction' });
    const client = connect(server);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await expect(client.set('big', 'x'.repeat(4_000_000))).rejects.toThrow('OOM');
  });

  test('listens on a unix socket', async () => {
    const server = await startRedisServer({ unixSocket: true });
    expect(server.url).toBe(`unix:${server.socketPath}`);
    expect(await connect(server).ping()).toBe('PONG');
  });

  test('speaks TLS under an authority of its own, and can ask for a client certificate', async () => {
    for (const tls of [true, 'mutual'] as const) {
      const server = await startRedisServer({ tls });
      expect(server.url).toMatch(/^rediss:/);
      const { certificates } = server;
      if (!certificates) throw new Error('expected certificates');
      const ca = readFileSync(certificates.ca);
      const client = { cert: readFileSync(certificates.client.cert), key: readFileSync(certificates.client.key) };
      expect(await connect(server, { tls: { ca, ...client } }).ping()).toBe('PONG');
      const untrusting = connect(server, { tls: {} });
      const [error] = await once(untrusting, 'error');
      expect(String(error)).toMatch(/certificate/);
    }
  });

  test('that cannot start says why', async () => {
    await expect(startRedisServer({ args: ['--no-such-option', '1'] })).rejects.toThrow(/no-such-option/);
    const { port } = await startRedisServer();
    await expect(startRedisServer({ port })).rejects.toThrow(/Address already in use/);
  });
});

describe.skipIf(!hasFakeTime)('redis-server on a clock of the test', () => {
  test('stands still, moves by whole milliseconds, and goes back', async () => {
    const clock = await startRedisClock({ now: Date.UTC(2026, 5, 1) });
    const client = connect(clock.server);
    const time = async () => {
      const [seconds, microseconds] = await client.time();
      return Number(seconds) * 1000 + Number(microseconds) / 1000;
    };
    for (const step of [0, 0, 1, 1, 7, 249, 998, 1, 60_000, 86_400_000, 0, -1, -90_000]) {
      clock.advance(step);
      expect(await time()).toBe(clock.now());
    }
    // Every millisecond of a second: none is lost on the way through libfaketime's arithmetic.
    for (let ms = 0; ms < 1000; ms += 1) {
      clock.advance(1);
      expect(await time()).toBe(clock.now());
    }
  });

  test('expires keys by that clock and by no other', async () => {
    const clock = await startRedisClock();
    const client = connect(clock.server);
    await client.set('key', 'value', 'PX', 1000);
    clock.advance(750);
    expect(await client.pttl('key')).toBe(250);
    // More real time than the key has left, in which Redis' own expiry runs some ten times.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await client.pttl('key')).toBe(250);
    clock.advance(250);
    expect(await client.pttl('key')).toBe(0);
    expect(await client.get('key')).toBe('value');
    clock.advance(1);
    expect(await client.pttl('key')).toBe(-2);
    expect(await client.get('key')).toBe(null);
  });

  test('is the clock of scripts, too', async () => {
    const clock = await startRedisClock();
    const client = connect(clock.server);
    const script = `
      local time = redis.call('TIME')
      redis.call('SET', KEYS[1], 'value', 'PX', 500)
      return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('PTTL', KEYS[1]) }`;
    for (const step of [0, 499, 123_456_789]) {
      clock.advance(step);
      expect(await client.eval(script, 1, 'key')).toEqual([clock.now(), 500]);
    }
  });

  test('goes on delivering messages and noticing lost connections while the clock stands', async () => {
    const clock = await startRedisClock();
    const [client, subscriber] = [connect(clock.server), connect(clock.server)];
    await subscriber.subscribe('channel');
    const message = once(subscriber, 'message');
    expect(await client.publish('channel', 'hint')).toBe(1);
    expect(await message).toEqual(['channel', 'hint']);
    subscriber.disconnect();
    await expect.poll(() => client.pubsub('NUMSUB', 'channel')).toEqual(['channel', 0]);
  });

  test('keeps its clock over a restart', async () => {
    const clock = await startRedisClock({ appendOnly: true });
    const client = connect(clock.server);
    await client.set('key', 'value', 'PX', 1000);
    clock.advance(400);
    // Listened for before: the client may be back before the restart is told. (`once` would reject on its errors.)
    const isBack = new Promise((resolve) => client.once('ready', resolve));
    await clock.server.restart();
    await isBack;
    expect(await client.pttl('key')).toBe(600);
  });
});
