/**
 * A data manager for tests of code that uses one: the same interface, and everything it says is set by hand.
 *
 * Guarantee: no Redis, no source, no timer; nothing happens but what the test does, and it happens at once.
 * Clock: none. `updatedAt` and `at` count the test's own steps from 2026-01-01, one millisecond each.
 */
import { EventEmitter } from 'node:events';
import { z } from 'zod';
import {
  type DatasetName,
  PodId,
  type RefreshResult,
  Role,
  type StepDownResult,
  type TraceEntry,
  type TraceEvent,
} from '../../machines/index.ts';
import { type DataManager, type DataVersionInfo, noVersion, type TraceListener } from '../data-manager.ts';
import { deepFreeze } from '../deep-freeze.ts';
import { Duration } from '../duration.ts';
import { BellwetherError } from '../errors.ts';
import { parseOptions } from '../options.ts';
import type { DeepReadonly } from '../source/source.ts';

const FixtureOptions = z.strictObject({
  podId: PodId.default('fixture'),
  /** Default: `follower`, of a pod named `another-pod`. */
  role: Role.default('follower'),
  /** Older data is not valid. Default 15 min. */
  maxAge: Duration.default(900_000),
});
type FixtureOptions = Readonly<z.input<typeof FixtureOptions>>;

const Data = z.record(z.string(), z.unknown());

/** Per dataset its data; undefined while there is none. */
type Fixtures<Data> = { readonly [Name in keyof Data]: Data[Name] | undefined };
type Held = { data: unknown; version: DataVersionInfo };

const startOfTime = Date.UTC(2026, 0, 1);
const anotherPod = 'another-pod';

export class FixtureManager<Data extends Record<string, unknown>> implements DataManager<Data> {
  readonly podId: string;
  readonly #maxAgeMs: number;
  readonly #names: readonly string[];
  readonly #held = new Map<DatasetName, Held>();
  readonly #answers = new Map<DatasetName, RefreshResult[]>();
  readonly #served = new EventEmitter<{ served: [DatasetName] }>().setMaxListeners(0);
  readonly #trace = new EventEmitter().setMaxListeners(0);
  #role: Role;
  #epoch = 1;
  #steps = 0;

  constructor(data: Fixtures<Data>, options: FixtureOptions = {}) {
    const { podId, role, maxAge } = parseOptions('createFixtureManager()', FixtureOptions, options);
    this.podId = podId;
    this.#role = role;
    this.#maxAgeMs = maxAge;
    this.#names = Object.keys(parseOptions('createFixtureManager()', Data, data));
    for (const name of this.#names) if (data[name] !== undefined) this.set(name, data[name] as Data[string]);
  }

  /** A new revision: readers get a frozen copy of it, subscribers hear of it before this returns. */
  set<Name extends keyof Data & string>(name: Name, data: Data[Name]): void {
    const { revision } = this.version(name);
    const podId = this.leader()?.podId ?? this.podId;
    const updatedAt = this.#nextStep();
    const version = { revision: revision + 1, epoch: this.#epoch, isValid: true, updatedAt, ageMs: 0, podId };
    this.#held.set(name, { data: deepFreeze(structuredClone(data)), version });
    this.#served.emit('served', name);
    const content = { sha256: '0'.repeat(64), bytes: 0, encoding: 'json' as const, checkedAt: updatedAt };
    const { isValid: _, ageMs: __, ...place } = version;
    this.#tell({ type: 'revision.applied', dataset: name, record: { ...place, ...content } });
  }

  /** Takes the data of a dataset away, as before the first revision. */
  clear(name: keyof Data & string): void {
    this.#dataset(name);
    this.#held.delete(name);
  }

  /** The source last confirmed the data so long ago: beyond `maxAge` it is not valid. */
  age(name: keyof Data & string, duration: Duration): void {
    const held = this.#dataset(name);
    if (!held) throw this.#noData(name);
    const ageMs = parseOptions('age()', Duration, duration);
    held.version = { ...held.version, ageMs, isValid: ageMs <= this.#maxAgeMs };
  }

  /** Moves the pod into a role. Every lease has an epoch of its own, whoever holds it. */
  become(role: Role, cause = 'set by the test'): void {
    parseOptions('become()', Role, role);
    if (role === this.#role) return;
    const from = this.#role;
    this.#role = role;
    const isElection = role === 'leader' || (role === 'follower' && from !== 'degraded');
    if (isElection) this.#epoch += 1;
    this.#tell({ type: 'role.changed', from, to: role, cause });
    const leader = this.leader();
    if (isElection && leader) this.#tell({ type: 'leader.elected', leader: leader.podId, epoch: this.#epoch });
  }

  /** What the next `refresh` of this dataset resolves to; by default `published`, and nothing else changes. */
  answerRefresh(name: keyof Data & string, result: RefreshResult): void {
    this.#dataset(name);
    this.#answers.set(name, [...(this.#answers.get(name) ?? []), result]);
  }

  async start(): Promise<void> {
    if (this.#role === 'stopped') throw new BellwetherError('stopped', 'This manager was stopped: create a new one.');
    const missing = this.#names.filter((name) => !this.#held.has(name));
    if (missing.length === 0) return;
    throw new BellwetherError(
      'startTimeout',
      `There is no data of ${missing.join(', ')}: give it to createFixtureManager, or set it before start().`,
    );
  }

  get<Name extends keyof Data & string>(name: Name): DeepReadonly<Data[Name]> {
    const held = this.#dataset(name);
    if (!held) throw this.#noData(name);
    return held.data as DeepReadonly<Data[Name]>;
  }

  version(name: keyof Data & string): DataVersionInfo {
    return this.#dataset(name)?.version ?? noVersion;
  }

  async refresh(name: keyof Data & string): Promise<RefreshResult> {
    this.#dataset(name);
    const answer = this.#answers.get(name)?.shift();
    if (answer) return answer;
    const canBeAsked = this.leader() !== null || this.#role === 'standalone';
    return canBeAsked ? { outcome: 'published' } : { outcome: 'noLeader', reason: `this pod is ${this.#role}` };
  }

  /** Of a leader: it follows another pod from then on. */
  async stepDown(): Promise<StepDownResult> {
    if (this.leader() === null) return { outcome: 'noLeader', reason: `this pod is ${this.#role}` };
    if (this.#role === 'leader') this.become('follower', 'step-down');
    return { outcome: 'steppedDown' };
  }

  isLeader(): boolean {
    return this.#role === 'leader';
  }

  role(): Role {
    return this.#role;
  }

  leader(): { podId: string; epoch: number } | null {
    if (this.#role === 'leader') return { podId: this.podId, epoch: this.#epoch };
    return this.#role === 'follower' ? { podId: anotherPod, epoch: this.#epoch } : null;
  }

  subscribe<Name extends keyof Data & string>(
    name: Name,
    listener: (data: DeepReadonly<Data[Name]>, version: DataVersionInfo) => void,
  ): () => void {
    this.#dataset(name);
    const served = (dataset: string) => {
      if (dataset === name) listener(this.get(name), this.version(name));
    };
    this.#served.on('served', served);
    return () => this.#served.off('served', served);
  }

  on<Type extends TraceEvent['type'] | '*'>(type: Type, listener: TraceListener<Type>): () => void {
    this.#trace.on(type, listener as (entry: TraceEntry) => void);
    return () => this.#trace.off(type, listener as (entry: TraceEntry) => void);
  }

  async stop(): Promise<void> {
    this.become('stopped', 'stop');
  }

  #tell(event: TraceEvent): void {
    const entry = { ...event, at: this.#nextStep(), podId: this.podId };
    this.#trace.emit(event.type, entry);
    this.#trace.emit('*', entry);
  }

  #nextStep(): number {
    return startOfTime + this.#steps++;
  }

  #dataset(name: string): Held | undefined {
    if (this.#names.includes(name)) return this.#held.get(name);
    throw new BellwetherError(
      'unknownDataset',
      `There is no dataset "${name}": this manager has ${this.#names.join(', ')}.`,
    );
  }

  #noData(name: string): BellwetherError {
    return new BellwetherError('noData', `There is no data of "${name}": set("${name}", …) first.`);
  }
}

/**
 * Stands in for a `DistributedDataManager` in the tests of your own code.
 *
 * @param data per dataset its first revision; undefined for none yet
 * @throws BellwetherError `configuration`
 */
export function createFixtureManager<Data extends Record<string, unknown>>(
  data: Fixtures<Data>,
  options?: FixtureOptions,
): FixtureManager<Data> {
  return new FixtureManager(data, options);
}
