/**
 * A real redis-server for one run: on a free loopback port, in the run's folder, nothing on disk. So it comes back
 * empty when it was stopped, like one whose volume was lost.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FailedRun } from '../failed-run.ts';
import { freePort } from './free-port.ts';
import type { Leftovers } from './leftovers.ts';
import type { Workspace } from './workspace.ts';

export type OwnRedis = Readonly<{
  port: number;
  version: string;
  /** Empty, at the same port. Resolves when it answers. */
  start(): Promise<void>;
  /** Takes all its data away. */
  wipe(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  /** Stopped by `stop`, or started too short a while ago for every pod to have found it. */
  isTakenAway(): boolean;
}>;

const startLimitMs = 15_000;
const stopLimitMs = 5_000;
/** A pod tries again within a second; what it has said before may still be on its way. */
const findLimitMs = 3_000;

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
  let foundAt = 0;

  const start = async () => {
    if (server) throw new Error('Redis runs already');
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
    foundAt = performance.now() + findLimitMs;
  };

  const stop = async () => {
    const child = server;
    if (!child) return;
    foundAt = Number.POSITIVE_INFINITY;
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  };

  const wipe = async () => {
    if (!server) throw new Error('Redis is stopped: start it first');
    await tell(port, 'FLUSHALL');
  };

  leftovers.add({ end: stop, endAtOnce: () => server?.kill('SIGKILL') });
  await start();
  return { port, version, start, wipe, stop, isTakenAway: () => performance.now() < foundAt };
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
  return tell(port, 'PING').then(
    (answer) => answer.startsWith('+PONG'),
    () => false,
  );
}

/** Says one word to it; resolves to what it answers. */
function tell(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(1_000, () => fail(new Error('Redis does not answer')));
    socket.once('error', fail);
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
  });
}
