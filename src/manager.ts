/**
 * `DistributedDataManager`: the pod machine bound to Redis, behind the interface a service needs.
 *
 * Guarantee: `get` is a property read; no fault of Redis or of a source makes it fail once data was there.
 * Non-guarantee: that data is fresh. Ask `version(...).isValid`.
 */
import pino, { type Logger } from 'pino';
import { type Actor, createActor, type InspectionEvent, type Observer } from 'xstate';
import type { z } from 'zod';
import {
  podMachine,
  type RefreshResult,
  type Role,
  roleOf,
  type TraceEntry,
  type TraceEvent,
} from '../machines/index.ts';
import { bindPod, type PodActors } from './create-pod-actors.ts';
import { Duration } from './duration.ts';
import { BellwetherError } from './errors.ts';
import { type LogContext, logPrefix, logTrace } from './logging.ts';
import { type DatasetOptions, type PodOptions, parsePodOptions, type ResolvedOptions } from './pod-options.ts';
import type { DeepReadonly } from './source/source.ts';
import { awaitStart, type StartOptions } from './start.ts';
import { TraceRecorder } from './trace-recorder.ts';

export type Schemas = Record<string, z.ZodType>;

export type DataManagerOptions<S extends Schemas> = Omit<PodOptions, 'datasets'> & {
  datasets: { [Name in keyof S]: DatasetOptions<S[Name]> };
  /** Default: pino on standard output, level info; `false`: none. */
  logger?: Logger | false;
  /** Receives every event of every machine. Off by default: it costs. */
  inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void);
};

/** What is known of the revision that is served. */
export type DataVersionInfo = Readonly<{
  revision: number;
  epoch: number;
  /** Verified, and confirmed by the source within `maxAge`. */
  isValid: boolean;
  /** When it was published: ms since 1970 on Redis' clock. */
  updatedAt: number;
  /** Since the source last confirmed it. */
  ageMs: number;
  /** The pod that published it. */
  podId: string;
}>;

type Listener = (entry: TraceEntry) => void;

const noVersion: DataVersionInfo = {
  revision: 0,
  epoch: 0,
  isValid: false,
  updatedAt: 0,
  ageMs: Number.POSITIVE_INFINITY,
  podId: '',
};

/**
 * Creates one pod of the fleet. Nothing connects before `start()`.
 *
 * @throws BellwetherError `configuration`, naming every faulty option
 */
export function createDataManager<S extends Schemas>(options: DataManagerOptions<S>): DistributedDataManager<S> {
  return new DistributedDataManager(options);
}

export class DistributedDataManager<S extends Schemas = Schemas> {
  /** The running XState actor, for those who embed the interpreter. */
  readonly actor: Actor<typeof podMachine>;
  readonly podId: string;
  readonly #pod: PodActors;
  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #trace: TraceRecorder;
  #isStarted = false;
  #stopped: Promise<void> | undefined;

  constructor({ logger, inspect, ...options }: DataManagerOptions<S>) {
    this.#logger = logger === false ? pino({ enabled: false }) : (logger ?? pino({ name: 'bellwether' }));
    const warn = (sentence: string) => {
      this.#logger.warn({ podId: this.podId }, `${logPrefix} ${sentence}`);
      options.onWarning?.(sentence);
    };
    this.#options = parsePodOptions({ ...options, onWarning: warn } as PodOptions);
    this.podId = this.#options.podId;
    this.#pod = bindPod(this.#options);
    this.actor = createActor(podMachine.provide(this.#pod), {
      input: this.#pod.input,
      clock: this.#options.clock,
      ...(inspect && { inspect }),
    });
    this.#pod.self.describe = () => ({ role: this.role(), epoch: this.leader()?.epoch ?? 0 });
    const context: LogContext = { mode: this.#options.mode, records: () => this.#pod.memory.reader.records() };
    this.#trace = new TraceRecorder(this.actor, this.#options.clock, (entry) => logTrace(this.#logger, entry, context));
    this.actor.subscribe({
      error: (error) => this.#logger.fatal({ err: error }, `${logPrefix} The pod machine failed`),
    });
  }

  /**
   * Starts the pod; resolves when every required dataset has data. If it doesn't come to that, everything is
   * stopped again.
   *
   * @throws BellwetherError `startTimeout`, `startAborted`, `redisDown` (only with `whenRedisIsDown: 'fail'`), `stopped`
   */
  async start(options: StartOptions = {}): Promise<void> {
    if (this.#stopped !== undefined)
      throw new BellwetherError('stopped', 'This manager was stopped: create a new one.');
    this.#isStarted = true;
    this.actor.start();
    try {
      await awaitStart(this.actor, options, {
        missing: () => this.#missing(),
        address: this.#pod.connection.address,
        clock: this.#options.clock,
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * The current data: typed, frozen, shared by all readers. Synchronous, never I/O.
   *
   * @throws BellwetherError `noData` before the first revision, `unknownDataset`
   */
  get<Name extends keyof S & string>(name: Name): DeepReadonly<z.output<S[Name]>> {
    const revision = this.#pod.memory.reader.get(name);
    if (revision === undefined) throw this.#noData(name);
    return revision.data as DeepReadonly<z.output<S[Name]>>;
  }

  /** What is known of the data that `get` returns. Before the first revision: revision 0, not valid, infinitely old. */
  version(name: keyof S & string): DataVersionInfo {
    const { maxAgeMs } = this.#dataset(name);
    const record = this.#pod.memory.reader.get(name)?.record;
    if (!record) return noVersion;
    const ageMs = this.#pod.memory.reader.ageMs(record);
    const { revision, epoch, updatedAt, podId } = record;
    return { revision, epoch, isValid: ageMs <= maxAgeMs, updatedAt, ageMs, podId };
  }

  /**
   * Asks the leader for a refresh now, within the budget of source calls. Resolves to what came of it; nothing is
   * thrown for a refusal. The new data arrives like any other revision.
   */
  async refresh(name: keyof S & string, options: { timeout?: Duration } = {}): Promise<RefreshResult> {
    this.#dataset(name);
    const limitMs = Duration.parse(options.timeout ?? '30s');
    const { leader, podId } = this.actor.getSnapshot().context;
    const role = this.role();
    const { requests } = this.#pod;
    const limit = new AbortController();
    const timer = this.#options.clock.setTimeout(() => limit.abort(), limitMs);
    try {
      if (role === 'leader' || role === 'standalone') return await this.#refreshHere(name, limit.signal);
      if (!leader || role !== 'follower') return { outcome: 'noLeader', reason: `this pod is ${role}` };
      return await requests.ask(leader.podId, name, podId, limit.signal);
    } catch (error) {
      const reason = limit.signal.aborted ? 'the leader did not answer in time' : (error as Error).message;
      return { outcome: 'noLeader', reason };
    } finally {
      this.#options.clock.clearTimeout(timer);
    }
  }

  #refreshHere(name: string, signal: AbortSignal): Promise<RefreshResult> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#pod.requests.add(name, resolve);
      this.actor.send({ type: 'announcement.requested', dataset: name });
    });
  }

  /** Whether this pod holds the lease and may believe in it at this very moment, by both clocks. */
  isLeader(): boolean {
    return this.role() === 'leader' && this.#pod.memory.belief.isHeld();
  }

  role(): Role {
    return this.actor.getSnapshot().status === 'active' ? roleOf(this.actor.getSnapshot()) : 'stopped';
  }

  /** Who leads, as far as this pod knows. */
  leader(): { podId: string; epoch: number } | null {
    return this.actor.getSnapshot().context.leader;
  }

  /** Calls back with every new revision of a dataset, after `get` returns it. Returns what ends it. */
  subscribe<Name extends keyof S & string>(
    name: Name,
    listener: (data: DeepReadonly<z.output<S[Name]>>, version: DataVersionInfo) => void,
  ): () => void {
    this.#dataset(name);
    return this.on('revision.applied', (entry) => {
      if (entry.dataset !== name) return;
      listener(this.get(name), this.version(name));
    });
  }

  /** Calls back with everything of one kind that happens to this pod, or with all of it. Returns what ends it. */
  on<Type extends TraceEvent['type'] | '*'>(
    type: Type,
    listener: (entry: Type extends '*' ? TraceEntry : Extract<TraceEntry, { type: Type }>) => void,
  ): () => void {
    const guarded: Listener = (entry) => {
      try {
        (listener as Listener)(entry);
      } catch (error) {
        // A listener is a guest: its faults are told and harm nobody.
        this.#logger.error({ err: error, event: entry.type }, `${logPrefix} A listener of "${type}" threw`);
      }
    };
    return this.#trace.on(type, guarded);
  }

  /** Hands the lease over if this pod leads, and leaves nothing open. Called again, it hurries. */
  stop(): Promise<void> {
    if (this.#stopped !== undefined && this.actor.getSnapshot().status === 'active')
      this.actor.send({ type: 'pod.stop' });
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.#isStarted && this.actor.getSnapshot().status === 'active') {
      const isDone = new Promise<void>((resolve) => {
        this.actor.subscribe({ complete: resolve, error: () => resolve() });
      });
      this.actor.send({ type: 'pod.stop' });
      await isDone;
    }
    this.#pod.memory.belief.end();
    await this.#pod.connection.close();
  }

  #missing(): string[] {
    const { datasets } = this.#options;
    return [...datasets]
      .filter(([name, { isRequired }]) => isRequired && !this.#pod.memory.reader.get(name))
      .map(([name]) => name);
  }

  #dataset(name: string) {
    const dataset = this.#options.datasets.get(name);
    if (dataset) return dataset;
    const names = [...this.#options.datasets.keys()].join(', ');
    throw new BellwetherError('unknownDataset', `There is no dataset "${name}": this manager has ${names}.`);
  }

  #noData(name: string): BellwetherError {
    this.#dataset(name);
    return new BellwetherError(
      'noData',
      `There is no data of "${name}" yet: await start(), or listen with subscribe().`,
    );
  }
}
