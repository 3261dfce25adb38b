/**
 * A real redis-server for one run: on a free loopback port, in the run's folder, nothing on disk. So it comes back
 * empty when it was stopped, like one whose volume was lost.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailedRun } from '../failed-run.ts';
import type { Leftovers } from './leftovers.ts';
import type { Workspace } from './workspace.ts';

export type OwnRedis = Readonly<{
  port: number;
  version: string;
  /** Empty, at the same port. Resolves when it answers. */
  start(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}>;

const startLimitMs = 15_000;
const stopLimitMs = 5_000;

/** The scripts need 6.2. */
const oldest = [6, 2] as const;

/** The version of the redis-server on PATH, or the sentence that says why there is none to use. */
export function findRedisServer(): { version: string } | { obstacle: string } {
  const { stdout, error } = spawnSync('redis-server', ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const [, version, major = '0', minor = '0'] = /v=((\d+)\.(\d+)[\d.]*)/.exec(stdout ?? '') ?? [];
  const howTo = 'install it (apt-get install redis-server, brew install redis) or set REDIS_ADDR';
  if (error || !version) return { obstacle: `There is no redis-server on PATH: ${howTo}` };
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  if (isOld) return { obstacle: `The redis-server on PATH is ${version}, but 6.2 is needed: ${howTo}` };
  return { version };
}

export async function ownRedis(workspace: Workspace, version: string, leftovers: Leftovers): Promise<OwnRedis> {
  const port = await freePort();
  let server: ChildProcess | undefined;

  const start = async () => {
    const child = spawn('redis-server', settings(port, workspace.folder), { stdio: 'ignore', detached: true });
    server = child;
    let failure: string | undefined;
    child.once('error', (error) => {
      failure = error.message;
    });
    child.once('exit', (code, signal) => {
      failure = `it ended with ${signal ?? `code ${code}`}`;
      if (child.pid !== undefined) workspace.forget(child.pid);
      if (server === child) server = undefined;
    });
    if (child.pid !== undefined) workspace.watch(child.pid);
    await answers(port, () => failure);
  };

  const stop = async () => {
    const child = server;
    if (!child) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  };

  leftovers.add({ end: stop, endAtOnce: () => server?.kill('SIGKILL') });
  await start();
  return { port, version, start, stop };
}

function settings(port: number, folder: string): string[] {
  const place = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--logfile',
    join(folder, 'redis.log'),
  ];
  return [...place, '--save', '', '--appendonly', 'no', '--daemonize', 'no', '--maxmemory-policy', 'noeviction'];
}

async function answers(port: number, failure: () => string | undefined): Promise<void> {
  const startedAt = performance.now();
  while (!(await pong(port))) {
    const why = failure() ?? (performance.now() - startedAt > startLimitMs ? 'it does not answer' : undefined);
    if (why !== undefined)
      throw new FailedRun(`The redis-server of this run could not be started on port ${port}: ${why}.`);
    await sleep(20);
  }
}

function pong(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('data', (bytes) => end(bytes.toString().startsWith('+PONG')));
  });
}

/**
 * Below the ports that systems give to outgoing connections: while this Redis is stopped, seventy pods try to connect
 * to its port again and again, and one that was given this very port would be connected to itself and keep it.
 */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new FailedRun('No free port was found on 127.0.0.1 between 20000 and 32000.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
