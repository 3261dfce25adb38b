/** `close()` leaves nothing open: a process that only has closed connections ends by itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';

/** Opens a connection to each address, closes all after a while, and has nothing else to do. */
const program = `
  import { redisConnect } from '${new URL('../../src/redis/connection.ts', import.meta.url)}';
  import { systemClock } from '${new URL('../../src/clock.ts', import.meta.url)}';
  const timing = { leaseCommandLimitMs: 800, misconfiguredRetryMs: 10_000 };
  const none = () => undefined;
  const open = (address, onUp = none) => {
    const connection = redisConnect({ address, namespace: 'hedging', timing })('pod-1', systemClock);
    connection.open({ onUp, onDown: none, onMessage: none, onWarning: none });
    return connection;
  };
  const [good, ...bad] = JSON.parse(process.argv[1]);
  const never = redisConnect({ address: good, namespace: 'hedging', timing })('pod-1', systemClock);
  await never.close();
  const atOnce = open(good);
  await atOnce.close();
  const connections = bad.map((address) => open(address));
  await new Promise((resolve) => { connections.push(open(good, resolve)); });
  const pending = connections.at(-1).stores.data.download('rates').catch(none);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const startedAt = performance.now();
  await Promise.all(connections.map((connection) => connection.close()));
  await pending;
  process.on('exit', () => console.log(JSON.stringify({
    closedInMs: Math.round(closedAt - startedAt), endedInMs: Math.round(performance.now() - startedAt),
  })));
  const closedAt = performance.now();
`;

test('whether it was up, never up, refused, waiting or half-open', async () => {
  const server = await startRedisServer();
  const locked = await startRedisServer({ password: 'secret' });
  const mute = await startTcpProxy({ port: server.port });
  mute.silence();
  const dead = await freePort();
  const addresses = [
    ...[server.url, `redis://127.0.0.1:${dead}`, `redis://127.0.0.1:${locked.port}`, `redis://127.0.0.1:${mute.port}`],
    ...[`sentinel://127.0.0.1:${dead}/mymaster`, `cluster://127.0.0.1:${dead}`, `cluster://127.0.0.1:${server.port}`],
  ];
  const args = ['--import', 'tsx', '--input-type=module', '-e', program, JSON.stringify(addresses)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(errors).toBe('');
  expect(code).toBe(0);
  const { closedInMs, endedInMs } = JSON.parse(output);
  expect(closedInMs).toBeLessThan(100);
  // What was being asked of a sentinel or a node may take its own limit to end.
  expect(endedInMs).toBeLessThan(2_500);
});
