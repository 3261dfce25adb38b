/**
 * The Redis of the model: the shipped memory store, whose rules are those of the Lua scripts (a differential test holds
 * them equal), on states that are values. One command is one step; what it decides is cached by state and command.
 *
 * Abstracted: `now` never moves, everything grows older instead; the list of pods always holds others; what a reply
 * says of waiting times and of ranks is one constant, because the pods' timers may fire at any moment anyway.
 */
import type { Announcement, PodId, PodReport } from '../../../machines/index.ts';
import { createDataStore } from '../../memory/data-store.ts';
import { copyKeyspace, emptyKeyspace, type Keyspace } from '../../memory/keyspace.ts';
import { createLeaseStore } from '../../memory/lease-store.ts';
import { Namespace } from '../../memory/namespace.ts';
import { createPermitStore } from '../../memory/permit-store.ts';
import { createPublicationStore } from '../../memory/publication-store.ts';
import { SortedSet } from '../../memory/sorted-set.ts';
import type { Stores } from '../../ports.ts';
import { nowMs, type Ticks, tickMs } from './durations.ts';
import { Interned, remembered, textOf } from './intern.ts';

/** A command on its way: which method of which store, with what. */
export type Command = Readonly<{ podId: PodId; store: keyof Stores; method: string; request: unknown }>;

export type Heard = Readonly<{ announcement: Announcement; payload?: Buffer }>;
export type Executed = Readonly<{ id: number; redis: number; reply: unknown; heard: readonly Heard[] }>;

export type RedisState = Readonly<{
  keys: Keyspace;
  /** How often data was lost: names the generation. */
  losses: number;
}>;

/** Breaks the scripts on purpose: changes what a command asks before it runs. */
export type Sabotage = (command: Command, keys: Keyspace) => Command;

export class RedisModel {
  readonly #states = new Interned<RedisState>();
  readonly #space: Namespace;
  readonly #stores: Stores;
  readonly #ticks: Ticks;
  readonly #sabotage: Sabotage;
  readonly #present = new Set<PodId>();
  readonly #executed = new Map<string, Executed>();
  readonly #later = new Map<number, number>();
  readonly #commands = new Interned<Command>();
  readonly #numberOf = remembered((command: Command) => this.#commands.idOf(textOf(command), () => command));
  #heard: Heard[] = [];
  #reply: unknown;

  constructor(ticks: Ticks, sabotage: Sabotage = (command) => command) {
    this.#ticks = ticks;
    this.#sabotage = sabotage;
    this.#space = new Namespace('model', () => nowMs);
    this.#space.isPresent = (podId) => this.#present.has(podId);
    this.#space.announce = (announcement, payload) => this.#heard.push({ announcement, ...(payload && { payload }) });
    const run = <T>(operation: () => T): Promise<T> => {
      const reply = operation();
      this.#reply = reply;
      return Promise.resolve(reply);
    };
    this.#stores = {
      lease: createLeaseStore(this.#space, run),
      data: createDataStore(this.#space, run),
      publications: createPublicationStore(this.#space, run),
      permits: createPermitStore(this.#space, run),
    };
  }

  get size(): number {
    return this.#states.size;
  }

  get(id: number): RedisState {
    return this.#states.get(id);
  }

  empty(): number {
    return this.#keep({ keys: emptyKeyspace(), losses: 0 });
  }

  execute(id: number, command: Command, present: readonly PodId[]): Executed {
    const key = `${id} ${this.#numberOf(command)} ${present.join()}`;
    const known = this.#executed.get(key) ?? this.#execute(id, command, present);
    this.#executed.set(key, known);
    return known;
  }

  #execute(id: number, command: Command, present: readonly PodId[]): Executed {
    const state = this.#states.get(id);
    this.#space.keys = copyKeyspace(state.keys);
    this.#space.keys.pods = company();
    this.#present.clear();
    for (const podId of present) this.#present.add(podId);
    this.#heard = [];
    const { store, method, request } = this.#sabotage(command, this.#space.keys);
    const stores = this.#stores as unknown as Record<string, Record<string, (request: unknown) => Promise<unknown>>>;
    // The operation has run when this returns; its promise says nothing more.
    void stores[store]?.[method]?.(request);
    return {
      id: this.#executed.size,
      redis: this.#keep({ ...state, keys: this.#space.keys }),
      reply: blurred(this.#reply, state),
      heard: this.#heard.map((message) => blurred(message, state) as Heard),
    };
  }

  tick(id: number): number {
    const state = this.#states.get(id);
    const later = this.#later.get(id) ?? this.#keep({ ...state, keys: this.#older(state.keys) });
    this.#later.set(id, later);
    return later;
  }

  wipe(id: number): number {
    const state = this.#states.get(id);
    return this.#keep({ keys: emptyKeyspace(), losses: state.losses + 1 });
  }

  evictPayload(id: number): number {
    const state = this.#states.get(id);
    const keys = copyKeyspace(state.keys);
    keys.payloads.clear();
    return this.#keep({ ...state, keys });
  }

  #keep(state: RedisState): number {
    const kept = { ...state, keys: this.#canonical(state.keys, state.losses) };
    const text = textOf([shown(kept.keys), kept.losses]);
    return this.#states.idOf(text, () => kept);
  }

  #older(keys: Keyspace): Keyspace {
    const { leaderLock, dataVersion, scheduleSince, yieldedAt } = keys;
    const older = copyKeyspace(keys);
    const intervalAgo = nowMs - this.#ticks.interval * tickMs;
    if (leaderLock?.expiresAt !== undefined) {
      const expiresAt = leaderLock.expiresAt - tickMs;
      older.leaderLock = expiresAt < nowMs ? undefined : { ...leaderLock, expiresAt };
    }
    if (typeof dataVersion === 'object') {
      const oldest = nowMs - this.#ticks.grace * tickMs;
      older.dataVersion = { ...dataVersion, generatedAt: Math.max(dataVersion.generatedAt - tickMs, oldest) };
    }
    for (const [dataset, schedule] of keys.schedule) {
      const { deferral } = schedule;
      older.schedule.set(dataset, {
        ...schedule,
        calls: schedule.calls.map((at) => at - tickMs),
        ...(deferral && { deferral: { ...deferral, at: Math.max(deferral.at - tickMs, nowMs) } }),
      });
    }
    if (scheduleSince !== undefined) older.scheduleSince = Math.max(scheduleSince - tickMs, intervalAgo);
    if (yieldedAt !== undefined) older.yieldedAt = Math.max(yieldedAt - tickMs, intervalAgo);
    return older;
  }

  /** What makes no difference is made equal. */
  #canonical(keys: Keyspace, losses: number): Keyspace {
    const { dataVersion, lease } = keys;
    const same = { ...copyKeyspace(keys), pods: new SortedSet(), podsOrder: new SortedSet(), podReports: new Map() };
    if (typeof dataVersion === 'object') same.dataVersion = { ...dataVersion, generation: `data ${losses}` };
    if (lease?.terms) same.lease = { ...lease, terms: { ...lease.terms, since: nowMs } };
    const oldest = nowMs - this.#ticks.interval * tickMs;
    for (const [dataset, schedule] of keys.schedule) {
      same.schedule.set(dataset, { ...schedule, calls: schedule.calls.filter((at) => at > oldest) });
    }
    return same;
  }
}

/** A request without what the model's Redis makes equal or doesn't keep: names of generations, reports of pods. */
export function canonicalRequest(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return request;
  const parts: Record<string, unknown> = { ...request };
  if ('freshGeneration' in parts) parts.freshGeneration = 'fresh';
  if ('report' in parts) parts.report = { ...(parts.report as PodReport), ...silentReport };
  return parts;
}

const silentReport = { role: 'follower', epoch: 0, versions: {}, rejected: {} } as const satisfies Partial<PodReport>;

/** Somebody else is always there. */
function company(): SortedSet {
  const pods = new SortedSet();
  for (const name of ['somebody', 'somebody else']) pods.set(name, nowMs);
  return pods;
}

function shown({ leaderLock, lease, dataVersion, payloads, schedule, scheduleSince, yieldedAt }: Keyspace): unknown {
  return [leaderLock, lease, dataVersion, [...payloads], [...schedule], scheduleSince, yieldedAt];
}

const fleet = { size: 2, rank: 0, turn: 0, turns: 1 };

/** Without what only says how long to wait, and with the generation's canonical name. */
function blurred(reply: unknown, { losses }: RedisState): unknown {
  if (typeof reply !== 'object' || reply === null || Buffer.isBuffer(reply)) return reply;
  if (Array.isArray(reply)) return reply;
  const parts: Record<string, unknown> = { ...reply };
  if ('waitMs' in parts) parts.waitMs = tickMs;
  if ('ttlLeftMs' in parts) parts.ttlLeftMs = tickMs;
  if ('generation' in parts) Object.assign(parts, fleet, { generation: `data ${losses}` });
  for (const name of ['lock', 'announcement'])
    if (name in parts) parts[name] = blurred(parts[name], { losses } as RedisState);
  return parts;
}
