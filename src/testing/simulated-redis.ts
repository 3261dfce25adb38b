/**
 * The Redis of a simulated fleet: the shipped memory store (held equal to real Redis by the differential test) behind
 * connections, with an operator's hands.
 *
 * Presence, as in Redis, ends with the connection: at once when the process dies, much later when its machine does.
 */
import { z } from 'zod';
import type { PodId } from '../../machines/index.ts';
import { Duration, formatDuration } from '../duration.ts';
import { createMemoryRedis, type MemoryRedis } from '../memory/memory-redis.ts';
import type { Namespace, Subscriber } from '../memory/namespace.ts';
import { parseOptions } from '../options.ts';
import { type RedisError, redisError } from '../redis/failure.ts';
import type { Place } from '../redis/place.ts';
import { takeOverUnseen } from './hidden-presence.ts';
import { ClockStep, PodClock } from './pod-clock.ts';
import { RedisHistory } from './redis-history.ts';
import { type Command, Refusal, refusalError, refusesConnections, runRefused } from './refusals.ts';
import type { Timeline } from './timeline.ts';

/** Redis' end of one connection. */
export type ServerSide = Readonly<{
  podId: PodId;
  deliver: Subscriber;
  /** Tells the other end, if it can. */
  hangUp(error: RedisError): void;
}>;

/** `tcp-keepalive` of redis.conf: a connection whose other end answers nothing is closed after so long. */
export const keepaliveMs = 300_000;

export type RedisHooks = Readonly<{
  /** An operator did something; for the trace. */
  note(fault: string, detail?: string): void;
  /** Redis lost keys, or went back to older ones. */
  noteLoss(what: 'wiped' | 'evicted' | 'rolledBack', key?: string): void;
  /** Under a new epoch. */
  noteGrant(podId: PodId, epoch: number): void;
  /** @throws Error that says which there are */
  checkDataset(name: string): void;
}>;

export class SimulatedRedis {
  readonly hub: MemoryRedis;
  readonly space: Namespace;
  readonly place: Place;
  /** How often each command came. */
  readonly commands = new Map<string, number>();
  /** Announcements sent: each once for every subscriber. */
  announcementsSent = 0;
  readonly #timeline: Timeline;
  readonly #clock: PodClock;
  readonly #hooks: RedisHooks;
  readonly #history: RedisHistory;
  readonly #sessions = new Map<ServerSide, () => void>();
  /** With a node that has lost the fleet's slot. */
  readonly #leftBehind = new Set<ServerSide>();
  readonly #onCommand = new Map<string, Set<(podId: PodId) => void>>();
  #isRunning = true;
  #refusal: Refusal | undefined;
  #isPresenceHidden = false;

  constructor(timeline: Timeline, namespace: string, historyMs: number, hooks: RedisHooks) {
    this.#timeline = timeline;
    this.#clock = new PodClock(timeline);
    this.#hooks = hooks;
    this.hub = createMemoryRedis({ clock: this.#clock, name: 'simulated' });
    this.#history = new RedisHistory(this.hub, historyMs);
    this.space = this.hub.namespace(namespace);
    this.place = { address: 'redis://simulated', namespace, isCluster: false, secrets: [] };
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Undefined while it serves. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get isPresenceHidden(): boolean {
    return this.#isPresenceHidden;
  }

  /** Why nobody can connect. */
  knock(): RedisError | undefined {
    return this.#isRunning ? undefined : this.#error('connect ECONNREFUSED');
  }

  /** Subscribes a pod, or says why not. */
  accept(session: ServerSide): RedisError | undefined {
    if (!this.#isRunning) return this.#error('read ECONNRESET');
    if (this.#refusal && refusesConnections(this.#refusal)) return refusalError(this.#refusal, this.place);
    const deliver: Subscriber = (announcement, payload) => {
      this.announcementsSent += 1;
      session.deliver(announcement, payload);
    };
    this.#sessions.set(session, this.space.subscribe(session.podId, deliver));
    return undefined;
  }

  hears(session: ServerSide): boolean {
    return this.#sessions.has(session);
  }

  /** The other end is gone. */
  close(session: ServerSide): void {
    this.#sessions.get(session)?.();
    this.#sessions.delete(session);
    this.#leftBehind.delete(session);
  }

  /** Resets the connection of one pod: both ends hear of it. */
  disconnect(podId: PodId): void {
    this.#hooks.note('network.reset', podId);
    this.hangUpOn(podId);
  }

  /** Closes what a pod had open. */
  hangUpOn(podId: PodId): void {
    for (const session of [...this.#sessions.keys()]) if (session.podId === podId) this.hangUp(session);
  }

  /** @throws what Redis answers */
  execute<T>(command: Command<T>, session: ServerSide): T {
    if (this.#leftBehind.has(session))
      throw redisError(new Error('MOVED 866 10.0.0.2:6379'), { ...this.place, isCluster: true });
    this.commands.set(command.name, (this.commands.get(command.name) ?? 0) + 1);
    this.#history.remember(this.#timeline.nowMs);
    const waiting = this.#onCommand.get(command.name);
    if (waiting) {
      this.#onCommand.delete(command.name);
      for (const run of waiting) run(command.podId);
    }
    const before = this.space.keys.lease?.epoch;
    const answer = this.#run(command);
    const after = this.space.keys.lease?.epoch;
    const isGrant = command.name === 'acquire' || command.name === 'takeOver';
    if (isGrant && after !== undefined && after !== before) this.#hooks.noteGrant(command.podId, after);
    return answer;
  }

  #run<T>(command: Command<T>): T {
    if (this.#refusal) return runRefused(this.#refusal, command, this.space, this.place);
    const isUnseen = this.#isPresenceHidden && command.name === 'takeOver';
    return isUnseen ? takeOverUnseen(command, this.space) : command.operation();
  }

  /** Does something right before the next command of this name runs. Returns what forgets it. */
  onNext(name: string, run: (podId: PodId) => void): () => void {
    const waiting = this.#onCommand.get(name) ?? new Set();
    this.#onCommand.set(name, waiting.add(run));
    return () => waiting.delete(run);
  }

  /** Ends every connection; the keys stay. */
  stop(): void {
    this.#hooks.note('redis.stop');
    this.#isRunning = false;
    for (const session of [...this.#sessions.keys()]) this.hangUp(session);
  }

  start(): void {
    this.#hooks.note('redis.start');
    this.#isRunning = true;
  }

  /** FLUSHALL. */
  wipe(): void {
    this.#hooks.note('redis.wipe');
    this.hub.wipe();
    this.#hooks.noteLoss('wiped');
  }

  /** Deletes a key (`leader_lock`, `rates_backup` …) as an eviction does. */
  evict(key: string): void {
    this.#checkKey(key);
    this.hub.evict(key, this.space.name);
    this.#hooks.note('redis.evict', key);
    this.#hooks.noteLoss('evicted', key);
  }

  /** Overwrites a string key, checked by nobody. */
  damage(key: string, text: string): void {
    this.#checkKey(key);
    this.hub.set(key, parseOptions('damage()', z.string(), text), this.space.name);
    this.#hooks.note('redis.damage', key);
    if (key === 'leader_lock' || key === 'data_version') this.#hooks.noteLoss('evicted', key);
  }

  /**
   * Back to what it held so long ago, as a replica that lagged.
   *
   * @throws Error when that is longer than the fleet's option `history`
   */
  loseLast(duration: Duration): void {
    const lostMs = parseOptions('loseLast()', Duration, duration);
    this.#history.checkReach(lostMs);
    this.#hooks.note('redis.loseLast', formatDuration(lostMs));
    this.#history.rollBack(this.#timeline.nowMs - lostMs);
    this.#hooks.noteLoss('rolledBack');
  }

  /** The master dies, a replica that lagged takes its place; pods find nobody for so long. */
  failover({ loses = '1s', down = '2s' }: { loses?: Duration; down?: Duration } = {}): void {
    const downMs = parseOptions('failover()', Duration, down);
    this.#history.checkReach(parseOptions('failover()', Duration, loses));
    this.#hooks.note('redis.failover', `down for ${formatDuration(downMs)}`);
    this.stop();
    this.loseLast(loses);
    this.#timeline.after(downMs, () => this.start(), 'a replica becomes master');
  }

  /**
   * Another node of a Cluster gets the fleet's slot, with all that is in it. Who is connected hears nothing any more, and
   * `MOVED` when it asks; who connects anew is there.
   */
  moveSlot(): void {
    this.#hooks.note('redis.moveSlot');
    for (const [session, unsubscribe] of this.#sessions) {
      unsubscribe();
      this.#sessions.set(session, () => {});
      this.#leftBehind.add(session);
    }
  }

  /** Answers, and refuses, until `serve`. */
  refuse(refusal: Refusal): void {
    parseOptions('refuse()', Refusal, refusal);
    this.#hooks.note('redis.refuse', refusal);
    this.#refusal = refusal;
    // A server that loads, or became a replica, was restarted or reconfigured: nobody is connected any more.
    if (refusal === 'LOADING') for (const session of [...this.#sessions.keys()]) this.hangUp(session);
  }

  serve(): void {
    this.#hooks.note('redis.serve');
    this.#refusal = undefined;
  }

  /** Nobody can see any more who is there, as without the right to ask `PUBSUB`: only expiry ends a lease. */
  hidePresence(): void {
    this.#hooks.note('redis.hidePresence');
    this.#isPresenceHidden = true;
  }

  showPresence(): void {
    this.#hooks.note('redis.showPresence');
    this.#isPresenceHidden = false;
  }

  /** Somebody sets the clock of Redis' machine: forwards, or with a minus backwards. */
  stepClock(by: ClockStep): void {
    const byMs = parseOptions('stepClock()', ClockStep, by);
    this.#hooks.note('redis.stepClock', `${byMs} ms`);
    this.#clock.stepWall(byMs);
    this.#hooks.noteLoss('evicted', 'clock');
  }

  /** From now on the clock of Redis' machine gains or loses: 3 is three times too fast. */
  skewClock(rate: number): void {
    this.#clock.setRate(rate);
    this.#hooks.note('redis.skewClock', String(rate));
  }

  /** At which the clock of Redis' machine runs: 1 is right. */
  get clockRate(): number {
    return this.#clock.rate;
  }

  /** The other end may be gone and nobody said so: it counts as there until keepalive finds out. */
  loseSightOf(session: ServerSide): void {
    this.#timeline.after(keepaliveMs, () => this.close(session), 'keepalive');
  }

  hangUp(session: ServerSide): void {
    this.close(session);
    session.hangUp(this.#error('read ECONNRESET'));
  }

  #error(text: string): RedisError {
    return redisError(new Error(text), this.place);
  }

  /** What no key of ours is, the store finds out by itself. */
  #checkKey(key: string): void {
    const dataset = /^(.+)_backup$/.exec(key)?.[1];
    if (dataset !== undefined) this.#hooks.checkDataset(dataset);
  }
}
