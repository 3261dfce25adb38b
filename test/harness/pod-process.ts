/**
 * A real pod process under a test's control: started, killed, paused and asked over IPC. It runs `pod-main.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FleetTrace, Role, TraceEntry } from '../../machines/index.ts';
import { endWithUs } from './leftovers.ts';

export type PodSettings = Readonly<{
  redis: string;
  url: string;
  namespace?: string;
  podId: string;
  refreshInterval?: string;
  leaseTtl?: string;
  timing?: Record<string, string>;
  /** Another schema than the others': refuses documents without this key. */
  requiredKey?: string;
}>;

export type PodState = Readonly<{ role: Role; isLeader: boolean; epoch: number; revision: number; day: string | null }>;

export type PodCommand = { ask: 'state' } | { ask: 'refresh' } | { ask: 'stop' };
export type PodReply = { kind: 'trace'; entry: TraceEntry } | { kind: 'answer'; answer: unknown };

const main = fileURLToPath(new URL('./pod-main.ts', import.meta.url));

export class PodProcess {
  readonly podId: string;
  readonly trace: TraceEntry[] = [];
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter<{ entry: [TraceEntry]; answer: [unknown] }>();
  crashedAt: number | undefined;

  constructor(settings: PodSettings) {
    this.podId = settings.podId;
    this.#child = fork(main, { execArgv: ['--import', 'tsx'], env: { ...process.env, POD: JSON.stringify(settings) } });
    endWithUs(this.#child);
    this.#events.setMaxListeners(0);
    this.#child.on('message', (message: PodReply) => {
      if (message.kind === 'answer') {
        this.#events.emit('answer', message.answer);
        return;
      }
      this.trace.push(message.entry);
      this.#events.emit('entry', message.entry);
    });
  }

  /** Resolves with the first entry, past or future, that satisfies the test. */
  until(isIt: (entry: TraceEntry) => boolean): Promise<TraceEntry> {
    const past = this.trace.find(isIt);
    return past ? Promise.resolve(past) : this.next(isIt);
  }

  /** Resolves with the first entry from now on that satisfies the test. */
  next(isIt: (entry: TraceEntry) => boolean): Promise<TraceEntry> {
    return new Promise((resolve) => {
      const look = (entry: TraceEntry) => {
        if (!isIt(entry)) return;
        this.#events.off('entry', look);
        resolve(entry);
      };
      this.#events.on('entry', look);
    });
  }

  async state(): Promise<PodState> {
    return (await this.#ask({ ask: 'state' })) as PodState;
  }

  async refresh(): Promise<unknown> {
    return this.#ask({ ask: 'refresh' });
  }

  async #ask(command: PodCommand): Promise<unknown> {
    const answer = once(this.#events, 'answer');
    this.#child.send(command);
    return (await answer)[0];
  }

  /** SIGTERM: a graceful end. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    this.crashedAt ??= Date.now();
    await this.#end('SIGKILL');
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    return ((await exited) as [number | null])[0];
  }
}

/** What all pods of a fleet did, with the crashes that the test caused. */
export function fleetTrace(pods: readonly PodProcess[]): FleetTrace {
  return pods
    .flatMap(({ trace, crashedAt, podId }) => [
      ...trace,
      ...(crashedAt === undefined ? [] : [{ type: 'pod.crashed' as const, at: crashedAt, podId }]),
    ])
    .sort((a, b) => a.at - b.at);
}
