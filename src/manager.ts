/**
 * `DistributedDataManager`: the pod machine bound to Redis, behind the interface a service needs.
 *
 * Guarantee: `get` is a property read; no fault of Redis or of a source makes it fail once data was there.
 * Non-guarantee: that data is fresh. Ask `version(...).isValid`.
 */
import pino, { type Logger } from 'pino';
import { type Actor, createActor } from 'xstate';
import { z } from 'zod';
import {
  podMachine,
  type RefreshResult,
  type Role,
  roleOf,
  type StepDownResult,
  type TraceEntry,
  type TraceEvent,
} from '../machines/index.ts';
import type { LeaderWay } from './ask-leader.ts';
import { Backup } from './backup/backup.ts';
import { bindPod, type PodActors } from './create-pod-actors.ts';
import { type DataManager, type DataVersionInfo, noVersion, type TraceListener } from './data-manager.ts';
import { Duration } from './duration.ts';
import { BellwetherError } from './errors.ts';
import { logDestination } from './log-destination.ts';
import { LogRepeats } from './log-repeats.ts';
import { type LogContext, logPrefix, logTrace } from './logging.ts';
import { type DataManagerOptions, parseManagerOptions, type Schemas } from './manager-options.ts';
import { parseOptions } from './options.ts';
import type { ResolvedOptions } from './pod-options.ts';
import { lookAtPod, type PodSight } from './pod-sight.ts';
import type { FleetSight } from './ports.ts';
import { requestRefresh } from './request-refresh.ts';
import { requestStepDown } from './request-step-down.ts';
import type { DeepReadonly } from './source/source.ts';
import { awaitStart, type StartOptions } from './start.ts';
import { TraceRecorder } from './trace-recorder.ts';

/** What the schemas let through. */
type DataOf<S extends Schemas> = { [Name in keyof S]: z.output<S[Name]> };

type Listener = (entry: TraceEntry) => void;

const RequestOptions = z.strictObject({ timeout: Duration.default(30_000) });

/**
 * Creates one pod of the fleet. Nothing connects before `start()`.
 *
 * @throws BellwetherError `configuration`, naming what is wrong, each option by its path
 */
export function createDataManager<S extends Schemas>(options: DataManagerOptions<S>): DistributedDataManager<S> {
  return new DistributedDataManager(options);
}

/** What each method does and throws: `DataManager`. */
export class DistributedDataManager<S extends Schemas = Schemas> implements DataManager<DataOf<S>> {
  /** The running XState actor, for those who embed the interpreter. */
  readonly actor: Actor<typeof podMachine>;
  readonly podId: string;
  readonly #pod: PodActors;
  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #trace: TraceRecorder;
  readonly #backup: Backup | undefined;
  #isStarted = false;
  #stopped: Promise<void> | undefined;

  constructor(options: DataManagerOptions<S>) {
    const { logger, inspect, folder, pod } = parseManagerOptions(options);
    this.#logger =
      logger === false ? pino({ enabled: false }) : (logger ?? pino({ name: 'bellwether' }, logDestination()));
    const warn = (sentence: string) => {
      this.#logger.warn({ podId: this.podId }, `${logPrefix} ${sentence}`);
      this.#guard('of warnings', pod.onWarning)(sentence);
    };
    this.#options = { ...pod, onWarning: warn };
    this.podId = this.#options.podId;
    this.#pod = bindPod(this.#options);
    this.#backup = folder === undefined ? undefined : this.#backupIn(folder, warn);
    this.actor = createActor(podMachine.provide(this.#pod), {
      input: this.#pod.input,
      clock: this.#options.clock,
      ...(inspect && { inspect }),
    });
    const context: LogContext = { mode: this.#options.mode, records: () => this.#pod.memory.reader.records() };
    const repeats = new LogRepeats();
    this.#trace = new TraceRecorder(this.actor, this.#options.clock, (entry) =>
      logTrace(this.#logger, entry, context, repeats.isRepeat(entry)),
    );
    this.actor.subscribe({ error: (error) => this.#fail(error) });
  }

  async start(options: StartOptions = {}): Promise<void> {
    if (this.#stopped !== undefined)
      throw new BellwetherError('stopped', 'This manager was stopped: create a new one.');
    this.#isStarted = true;
    this.actor.start();
    void this.#backup?.load();
    try {
      await awaitStart(this.actor, options, {
        missing: () => this.#missing(),
        ...(this.#backup && { backup: this.#backup }),
        address: this.#pod.connection.address,
        clock: this.#options.clock,
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get<Name extends keyof S & string>(name: Name): DeepReadonly<z.output<S[Name]>> {
    const revision = this.#pod.memory.reader.get(name) ?? this.#backup?.get(name);
    if (revision === undefined) throw this.#noData(name);
    return revision.data as DeepReadonly<z.output<S[Name]>>;
  }

  version(name: keyof S & string): DataVersionInfo {
    const { maxAgeMs } = this.#dataset(name);
    const verified = this.#pod.memory.reader.get(name)?.record;
    const record = verified ?? this.#backup?.get(name)?.record;
    if (!record) return noVersion;
    const ageMs = this.#pod.memory.reader.ageMs(record);
    const { revision, epoch, updatedAt, podId } = record;
    const version = { revision, epoch, isValid: ageMs <= maxAgeMs, updatedAt, ageMs, podId };
    return verified ? version : { ...version, isFromBackup: true };
  }

  async refresh(name: keyof S & string, options: { timeout?: Duration } = {}): Promise<RefreshResult> {
    this.#dataset(name);
    const { timeout } = parseOptions('refresh()', RequestOptions, options);
    return requestRefresh(name, timeout, { ...this.#wayToLeader(), requests: this.#pod.requests });
  }

  async stepDown(options: { timeout?: Duration } = {}): Promise<StepDownResult> {
    const { timeout } = parseOptions('stepDown()', RequestOptions, options);
    return requestStepDown(timeout, { ...this.#wayToLeader(), stepDowns: this.#pod.stepDowns });
  }

  #wayToLeader(): LeaderWay {
    return { actor: this.actor, role: this.role(), trace: this.#trace, clock: this.#options.clock };
  }

  isLeader(): boolean {
    return this.#pod.memory.belief.isHeld() && this.role() === 'leader';
  }

  role(): Role {
    return roleOf(this.actor.getSnapshot());
  }

  leader(): { podId: string; epoch: number } | null {
    return this.actor.getSnapshot().context.leader;
  }

  /** The fleet as its pods report it to Redis, for people. Rejects when Redis can't be asked. */
  lookAtFleet(): Promise<FleetSight> {
    return this.#pod.connection.stores.data.look();
  }

  /** What this pod knows of its lease and its datasets, for health and metrics. No I/O. */
  lookAtPod(): PodSight {
    return lookAtPod(this.#options, this.#pod.memory, this.role());
  }

  /** How long the fleet waits between two source calls of each dataset. */
  refreshIntervalsMs(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#options.datasets].map(([name, { plan }]) => [name, plan.refreshIntervalMs]));
  }

  subscribe<Name extends keyof S & string>(
    name: Name,
    listener: (data: DeepReadonly<z.output<S[Name]>>, version: DataVersionInfo) => void,
  ): () => void {
    this.#dataset(name);
    const { events } = this.#pod.memory.reader;
    const call = this.#guard(`of dataset "${name}"`, () => listener(this.get(name), this.version(name)));
    const served = (dataset: string) => {
      if (dataset === name) call();
    };
    events.on('served', served);
    this.#backup?.events.on('loaded', served);
    return () => {
      events.off('served', served);
      this.#backup?.events.off('loaded', served);
    };
  }

  on<Type extends TraceEvent['type'] | '*'>(type: Type, listener: TraceListener<Type>): () => void {
    return this.#trace.on(type, this.#guard(`of "${type}"`, listener as Listener));
  }

  /** A listener is a guest: its faults are told and harm nobody, though it be asynchronous. */
  #guard<Arguments extends unknown[]>(what: string, listener: (...args: Arguments) => unknown) {
    const tell = (error: unknown) => this.#logger.error({ err: error }, `${logPrefix} A listener ${what} threw`);
    return (...args: Arguments): void => {
      try {
        const outcome = listener(...args);
        if (outcome instanceof Promise) outcome.catch(tell);
      } catch (error) {
        tell(error);
      }
    };
  }

  /** A bug ended the machine. What it ran would go on without it, and renew the lease of a pod that refreshes nothing. */
  #fail(error: unknown): void {
    this.#logger.fatal({ err: error }, `${logPrefix} The pod machine failed`);
    this.#pod.memory.belief.end();
    this.#pod.connection.close().catch((failure) => {
      this.#logger.error({ err: failure }, `${logPrefix} Closing the connection failed`);
    });
  }

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
    await this.#backup?.flush();
  }

  #backupIn(folder: string, tell: (sentence: string) => void): Backup {
    const { namespace, datasets, clock } = this.#options;
    return new Backup({ folder, namespace, datasets, reader: this.#pod.memory.reader, clock, tell });
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
