/**
 * A real pod process under a test's control: started, killed, paused and asked over IPC. It runs `pod-main.ts`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Failure, FaultEntry, FleetTrace, Role, TraceEntry } from '../../machines/index.ts';
import { type FakeTime, fakeTimeEnvironment, removeSharedMemory } from './faketime.ts';
import { endWithUs } from './leftovers.ts';

export type PodSettings = Readonly<{
  redis: string;
  url: string;
  namespace?: string;
  podId: string;
  refreshInterval?: string;
  leaseTtl?: string;
  timing?: Record<string, string>;
  /** Of source calls. */
  budget?: { calls: number; per: string };
  /** Another schema than the others': refuses documents without this key. */
  requiredKey?: string;
  /** Of the process's wall clock; its monotonic clock stays real. The trace is then told by the clock of the test. */
  fakeTime?: FakeTime;
}>;

export type PodState = Readonly<{
  /** On the pod's own clock. */
  at: number;
  role: Role;
  isLeader: boolean;
  epoch: number;
  revision: number;
  day: string | null;
  /** Verified, and confirmed by the source lately: what readiness hangs on. */
  isValid: boolean;
  failure: Failure | null;
}>;

/** A stretch of time in which every answer of `isLeader()` was yes, asked every 10 ms. */
export type Reign = Readonly<{ from: number; to: number }>;

/** Of a chart, as it was taken: ids of states. */
export type Transition = Readonly<{ source: string; target: string }>;

export type PodCommand = { id: number } & Question;
type Question =
  | { ask: 'state' | 'refresh' | 'stepDown' }
  /** Keeps the event loop busy for so long, then answers with what `isLeader()` says at that very moment. */
  | { ask: 'block'; forMs: number };
export type PodReply =
  | { kind: 'trace'; entry: TraceEntry }
  | ({ kind: 'reign' } & Reign)
  /** Told when it is taken for the first time. */
  | ({ kind: 'transition' } & Transition)
  | { kind: 'answer'; id: number; answer: unknown };

/** How a process ended. */
export type Ending = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;

const main = fileURLToPath(new URL('./pod-main.ts', import.meta.url));

export class PodProcess {
  readonly podId: string;
  readonly trace: TraceEntry[] = [];
  readonly reigns: Reign[] = [];
  /** Every transition it has taken, once. */
  readonly transitions: Transition[] = [];
  /** When the process has ended, whyever. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter<{ entry: [TraceEntry] }>();
  readonly #asked = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #askCount = 0;
  /** The test told it to end. */
  #isToEnd = false;
  /** When the test stopped and continued it. */
  readonly pauses: FaultEntry[] = [];
  crashedAt: number | undefined;

  /** `hasOwnSession`: Ctrl-C in the terminal doesn't reach it. */
  constructor(settings: PodSettings, { hasOwnSession = false } = {}) {
    this.podId = settings.podId;
    const { fakeTime } = settings;
    this.#child = fork(main, {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, ...(fakeTime && fakeTimeEnvironment(fakeTime)), POD: JSON.stringify(settings) },
      detached: hasOwnSession,
    });
    endWithUs(this.#child, () => {
      if (fakeTime && this.#child.pid !== undefined) removeSharedMemory(this.#child.pid);
    });
    this.#events.setMaxListeners(0);
    this.#child.on('message', (message: PodReply) => {
      if (message.kind === 'answer') {
        this.#asked.get(message.id)?.resolve(message.answer);
        this.#asked.delete(message.id);
        return;
      }
      if (message.kind === 'reign') {
        this.reigns.push({ from: message.from, to: message.to });
        return;
      }
      if (message.kind === 'transition') {
        this.transitions.push({ source: message.source, target: message.target });
        return;
      }
      const entry = fakeTime ? { ...message.entry, at: Date.now() } : message.entry;
      this.trace.push(entry);
      this.#events.emit('entry', entry);
    });
    this.ended = new Promise((resolve) => this.#child.once('exit', (code, signal) => resolve({ code, signal })));
    this.#child.once('exit', () => {
      for (const { reject } of this.#asked.values()) reject(this.#hasEnded());
      this.#asked.clear();
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Nobody told it to end. If it doesn't run all the same, a fault has ended it, and none may. */
  get isExpectedToRun(): boolean {
    return !this.#isToEnd;
  }

  /** Calls back with every entry from now on. Returns what ends it. */
  onEntry(listener: (entry: TraceEntry) => void): () => void {
    this.#events.on('entry', listener);
    return () => this.#events.off('entry', listener);
  }

  /** Drops the entries so far, for runs that are too long to keep them. */
  forget(): void {
    this.trace.length = 0;
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

  /** Asks the leader, be it this pod, to step down. */
  async stepDown(): Promise<unknown> {
    return this.#ask({ ask: 'stepDown' });
  }

  /** Keeps its event loop busy. Resolves to what `isLeader()` answered right after. */
  async block(forMs: number): Promise<boolean> {
    return (await this.#ask({ ask: 'block', forMs })) as boolean;
  }

  /** Rejects when the pod ends before it has answered. */
  #ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) {
        reject(this.#hasEnded());
        return;
      }
      this.#askCount += 1;
      const command: PodCommand = { id: this.#askCount, ...question };
      this.#asked.set(command.id, { resolve, reject });
      this.#child.send(command, (error) => error && reject(error));
    });
  }

  #hasEnded(): Error {
    return new Error(`${this.podId} has ended`);
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
    this.pauses.push({ type: 'pod.paused', at: Date.now(), podId: this.podId });
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.pauses.push({ type: 'pod.resumed', at: Date.now(), podId: this.podId });
    this.#child.kill('SIGCONT');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#isToEnd = true;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    return ((await exited) as [number | null])[0];
  }
}

/** What all pods of a fleet did, with the crashes and pauses that the test caused. */
export function fleetTrace(pods: readonly PodProcess[]): FleetTrace {
  return pods
    .flatMap(({ trace, pauses, crashedAt, podId }) => [
      ...trace,
      ...pauses,
      ...(crashedAt === undefined ? [] : [{ type: 'pod.crashed' as const, at: crashedAt, podId }]),
    ])
    .sort((a, b) => a.at - b.at);
}
