/**
 * A real redis-server of a test's own: on loopback, in a temporary folder, ended with the test file whatever happens.
 *
 * ```ts
 * const redis = await startRedisServer({ password: 'secret' });
 * await redis.kill();    // SIGKILL; `pause` and `resume` are SIGSTOP and SIGCONT
 * await redis.start();   // same port, same folder
 * ```
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fakeTimeEnvironment, removeSharedMemory } from './faketime.ts';
import { freePort } from './free-port.ts';
import { endWithUs, temporaryFolder } from './leftovers.ts';
import { ping } from './ping.ts';
import { commandLine, prepareAccess, type RedisAccess, type RedisOptions } from './redis-options.ts';
import { ensureTool } from './tool.ts';

export type RedisServer = RedisAccess & {
  /** 0 when it listens on a unix socket. */
  readonly port: number;
  readonly dir: string;
  /** Of the running server; undefined when it doesn't run. */
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** The last lines it wrote. */
  log(): string;
  /** After `stop` or `kill`: again, with the same address and folder. */
  start(): Promise<void>;
  /** SIGTERM; resolves when it has ended. Harmless when it doesn't run. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it has ended. Harmless when it doesn't run. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** `stop`, then `start`. */
  restart(): Promise<void>;
};

const readyPattern = /ready to accept connections|Sentinel ID is/i;
const keptLogLines = 200;
const terminationLimitMs = 5_000;

/** Resolves when the server has answered a PING; rejects with its log when it ends before. */
export async function startRedisServer(options: RedisOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.unixSocket ? 0 : (options.port ?? (await freePort()));
    const server = new Server(options, port);
    try {
      await server.start();
      return server;
    } catch (error) {
      const isPortTaken = /Address already in use/.test(server.log());
      if (options.port !== undefined || !isPortTaken || attempt === 3) throw error;
    }
  }
}

class Server implements RedisServer {
  readonly port: number;
  readonly dir: string;
  readonly url: string;
  readonly socketPath: RedisAccess['socketPath'];
  readonly certificates: RedisAccess['certificates'];
  readonly #args: readonly string[];
  readonly #environment: Record<string, string>;
  readonly #hasFakeTime: boolean;
  #child: ChildProcess | undefined;
  #log: string[] = [];

  constructor(options: RedisOptions, port: number) {
    this.port = port;
    this.dir = options.dir ?? temporaryFolder();
    const access = prepareAccess(options, this.dir, port);
    this.url = access.url;
    this.socketPath = access.socketPath;
    this.certificates = access.certificates;
    this.#args = commandLine(options, access, this.dir, port);
    this.#hasFakeTime = options.fakeTime !== undefined;
    this.#environment = options.fakeTime ? fakeTimeEnvironment(options.fakeTime) : {};
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  log(): string {
    return this.#log.join('\n');
  }

  async start(): Promise<void> {
    if (this.#child) throw new Error(`redis-server ${this.url} is running already`);
    this.#log = [];
    const child = spawn(ensureTool('redis-server'), [...this.#args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    endWithUs(child, () => {
      if (child.pid !== undefined && this.#hasFakeTime) removeSharedMemory(child.pid);
    });
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    await this.#untilReady(child);
    const reply = await ping(this, this.port);
    if (!/^\+PONG|^-NOAUTH|^-NOPERM/.test(reply)) throw new Error(`redis-server answered PING with "${reply}"`);
  }

  async stop(): Promise<void> {
    // What is stopped takes SIGTERM only after SIGCONT.
    this.#child?.kill('SIGCONT');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), terminationLimitMs);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const read = (line: string) => {
        this.#log = [...this.#log.slice(1 - keptLogLines), line];
        if (readyPattern.test(line)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface(stream).on('line', read);
      }
      child.once('error', reject);
      // 'close' comes after the last line, 'exit' may come before it.
      child.once('close', (code, signal) =>
        reject(new Error(`redis-server ended before it was ready (${signal ?? code}):\n${this.log()}`)),
      );
    });
  }
}
