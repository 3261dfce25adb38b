/**
 * A pod's way to the simulated Redis, over the simulated network. It behaves as src/redis/connection.ts does on
 * ioredis: subscribed before it is up, time limits of its own for each kind of command, a command that timed out may
 * have run or may yet, silence closes a connection, reconnecting goes on for ever with jitter.
 */
import type { Announcement, PodId } from '../../machines/index.ts';
import { failureOf } from '../../machines/index.ts';
import { createDataStore } from '../memory/data-store.ts';
import { createLeaseStore } from '../memory/lease-store.ts';
import { createPermitStore } from '../memory/permit-store.ts';
import { createPublicationStore } from '../memory/publication-store.ts';
import type { Run } from '../memory/run.ts';
import type { Connection, ConnectionEvents, Random, Stores } from '../ports.ts';
import type { Limit, Limits } from '../redis/commands.ts';
import { RedisError, redisError, repeatError } from '../redis/failure.ts';
import { silenceLimitMs } from '../redis/options.ts';
import { ReconnectPace } from '../redis/reconnect-pace.ts';
import type { Network } from './network.ts';
import type { PodClock } from './pod-clock.ts';
import { Session } from './session.ts';
import type { SimulatedRedis } from './simulated-redis.ts';

export type Way = Readonly<{
  network: Network;
  redis: SimulatedRedis;
  /** The pod's name on the network. */
  endpoint: string;
  /** Whose steps its messages are. */
  owner: unknown;
  limits: Limits;
  /** Longest wait before it connects again where a person must act. */
  slowestMs: number;
  random: Random;
}>;

/** Up for so long: what comes next is a new trouble, not the old one. */
const steadyMs = 1_000;
const connectLimitMs = 2_000;

export class SimulatedConnection implements Connection {
  readonly stores: Stores;
  readonly address: string;
  readonly #way: Way;
  readonly #podId: PodId;
  readonly #clock: PodClock;
  readonly #pace: ReconnectPace;
  #events: ConnectionEvents | undefined;
  #session: Session | undefined;
  #isUp = false;
  #isClosed = false;
  #upSinceMs = 0;
  #connectTimer: unknown;
  /** Told last, while down. */
  #failure: RedisError | undefined;
  readonly #inFlight = new Set<(error: RedisError) => void>();

  constructor(podId: PodId, clock: PodClock, way: Way) {
    this.#podId = podId;
    this.#clock = clock;
    this.#way = way;
    this.address = way.redis.place.address;
    this.#pace = new ReconnectPace(way.slowestMs, way.random);
    this.stores = this.#createStores();
  }

  open(events: ConnectionEvents): void {
    if (this.#events || this.#isClosed) return;
    this.#events = events;
    this.#connect();
  }

  send(to: PodId, announcement: Announcement): Promise<boolean> {
    return this.#run('send', 'small', () => this.#way.redis.space.send(to, announcement));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#interrupt(new RedisError('unreachable', 'CLOSED', `The connection to ${this.address} was closed.`));
    this.#session?.end();
  }

  /** The process is gone. `isSilent`: with its machine, so that nobody tells Redis. */
  die({ isSilent }: { isSilent: boolean }): void {
    this.#isClosed = true;
    this.#inFlight.clear();
    if (isSilent) this.#session?.vanish();
    else this.#session?.end();
  }

  #createStores(): Stores {
    const { space } = this.#way.redis;
    const store = <T>(create: (run: Run) => T, limits: Partial<Record<keyof T, Limit>>, other: Limit): T => {
      const named = (name: keyof T & string) =>
        create((operation) => this.#run(name, limits[name] ?? other, operation))[name];
      const names = Object.keys(create((operation) => Promise.resolve(operation())) as object) as (keyof T & string)[];
      return Object.fromEntries(names.map((name) => [name, named(name)])) as T;
    };
    return {
      lease: store((run) => createLeaseStore(space, run), {}, 'lease'),
      data: store((run) => createDataStore(space, run), { restore: 'upload', download: 'download' }, 'small'),
      publications: store((run) => createPublicationStore(space, run), { publish: 'upload' }, 'small'),
      permits: store((run) => createPermitStore(space, run), {}, 'small'),
    };
  }

  #connect(): void {
    const { network, redis, endpoint, owner } = this.#way;
    const session = new Session({
      podId: this.#podId,
      up: network.wire(endpoint, 'redis'),
      down: network.wire('redis', endpoint),
      redis,
      clock: this.#clock,
      receive: (run) => this.#clock.deliver(() => this.#session === session && !this.#isClosed && run()),
      owner,
      onUp: () => this.#lift(),
      onLost: (error) => this.#lose(session, error),
      onMessage: (announcement, payload) => {
        if (!this.#isUp) return;
        const receivedAtMs = this.#clock.monotonic();
        this.#events?.onMessage({ announcement, ...(payload && { payload }), receivedAtMs });
      },
    });
    this.#session = session;
    this.#connectTimer = this.#clock.setTimeout(
      () => this.#lose(session, redisError(new Error('connect ETIMEDOUT'), redis.place)),
      connectLimitMs,
    );
    session.begin();
  }

  #lift(): void {
    if (this.#isUp) return;
    this.#clock.clearTimeout(this.#connectTimer);
    this.#isUp = true;
    this.#upSinceMs = this.#clock.monotonic();
    this.#failure = undefined;
    this.#events?.onUp();
  }

  #lose(session: Session, error: RedisError): void {
    if (session !== this.#session || this.#isClosed) return;
    this.#clock.clearTimeout(this.#connectTimer);
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#session = undefined;
    session.end();
    this.#interrupt(error);
    const isNews = wasUp || this.#failure?.kind !== error.kind;
    this.#failure = error;
    const wasSteady = wasUp && this.#clock.monotonic() - this.#upSinceMs >= steadyMs;
    this.#connectTimer = this.#clock.setTimeout(() => this.#connect(), this.#pace.nextDelayMs(error.kind, wasSteady));
    if (isNews) this.#events?.onDown(failureOf(error));
  }

  #interrupt(error: RedisError): void {
    for (const interrupt of [...this.#inFlight]) interrupt(repeatError(error));
    if (this.#isClosed) this.#clock.clearTimeout(this.#connectTimer);
  }

  #run<T>(name: string, limit: Limit, operation: () => T): Promise<T> {
    const session = this.#session;
    if (!session || !this.#isUp || this.#isClosed) return Promise.reject(this.#whyDown());
    const limitMs = this.#way.limits[limit];
    return new Promise((resolve, reject) => {
      const sentAtMs = this.#clock.monotonic();
      const interrupt = (error: RedisError) => {
        this.#clock.clearTimeout(timer);
        this.#inFlight.delete(interrupt);
        reject(error);
      };
      const timer = this.#clock.setTimeout(() => {
        this.#watchSilence(session, sentAtMs, limit);
        interrupt(this.#timeout(limitMs));
      }, limitMs);
      this.#inFlight.add(interrupt);
      session.ask({ name, podId: this.#podId, operation }, (answer) => {
        if (!this.#inFlight.delete(interrupt)) return;
        this.#clock.clearTimeout(timer);
        if ('error' in answer) this.#refused(session, answer.error, reject);
        else resolve(answer.value as T);
      });
    });
  }

  #refused(session: Session, error: unknown, reject: (error: unknown) => void): void {
    const failure = redisError(error, this.#way.redis.place);
    reject(failure);
    // A replica stays one, and a node that has lost the slot is no place for us: look for the right one.
    if (failure.kind === 'refused' || failure.code === 'MOVED') this.#lose(session, failure);
  }

  /** With a command unanswered, silence means that nobody is there. */
  #watchSilence(session: Session, sinceMs: number, limit: Limit): void {
    const silenceMs = limit === 'upload' ? this.#way.limits.upload : silenceLimitMs;
    const leftMs = sinceMs + silenceMs - this.#clock.monotonic();
    const look = () => {
      if (session.heardAtMs >= sinceMs) return;
      this.#lose(session, redisError(new Error('Socket timeout'), this.#way.redis.place));
    };
    this.#clock.setTimeout(look, Math.max(0, leftMs));
  }

  #timeout(limitMs: number): RedisError {
    const sentence = `Redis at ${this.address} did not answer within ${limitMs} ms: the command may have run.`;
    return new RedisError('timeout', 'TIMEOUT', sentence);
  }

  #whyDown(): RedisError {
    if (this.#failure && !this.#isClosed) return repeatError(this.#failure);
    return new RedisError('unreachable', 'NOTYET', `The connection to ${this.address} is not up.`);
  }
}
