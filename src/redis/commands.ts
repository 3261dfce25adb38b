/**
 * The commands of one connection: all that the stores may do with Redis.
 *
 * Guarantee: every command settles within its time limit, at once when the connection goes down, and none runs before
 * the pod is subscribed or is ever sent again. Non-guarantee: a command that timed out may have run, or may yet.
 * Clock: the injected one.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../ports.ts';
import { RedisError, redisError, repeatError } from './failure.ts';
import { silenceLimitMs } from './options.ts';
import type { Place } from './place.ts';
import { type Reply, replies } from './replies.ts';
import { callScript, type ScriptArgument, type ScriptName } from './scripts.ts';

export type Commands = {
  /** Runs a script; resolves to what it answered, checked. */
  run<Name extends ScriptName>(
    name: Name,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    limit: Limit,
  ): Promise<Reply<Name>>;
  /** The bytes under a key, at most one more than asked for; undefined when there is none. */
  download(key: string, mostBytes?: number): Promise<Buffer | undefined>;
  /** Resolves to how many received it. */
  publish(channel: string, message: string): Promise<number>;
};

/** `upload` carries a payload. */
export type Limit = 'lease' | 'small' | 'upload' | 'download';

export type Limits = Readonly<Record<Limit, number>>;

export function commandLimits(leaseCommandLimitMs: number): Limits {
  return { lease: leaseCommandLimitMs, small: 1_000, upload: 10_000, download: 10_000 };
}

/** Commands that can be held back and interrupted, for the connection that owns them. */
export class GatedCommands implements Commands {
  readonly #redis: Redis;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #limits: Limits;
  /** Why commands can't be sent; undefined while they can. */
  #obstacle: RedisError | undefined;
  readonly #inFlight = new Set<(error: RedisError) => void>();
  #uploads = 0;

  constructor(redis: Redis, place: Place, clock: Clock, limits: Limits) {
    this.#redis = redis;
    this.#place = place;
    this.#clock = clock;
    this.#limits = limits;
    this.#obstacle = new RedisError('unreachable', 'NOTYET', `The connection to ${place.address} is not up yet.`);
  }

  letThrough(): void {
    this.#obstacle = undefined;
  }

  /** Rejects what is in flight and all that comes. */
  holdBack(obstacle: RedisError): void {
    this.#obstacle = obstacle;
    for (const interrupt of [...this.#inFlight]) interrupt(repeatError(obstacle));
  }

  async run<Name extends ScriptName>(
    name: Name,
    keys: readonly string[],
    args: readonly ScriptArgument[],
    limit: Limit,
  ): Promise<Reply<Name>> {
    const answer = await this.#within(limit, () => callScript(this.#redis, name, keys, args));
    try {
      return replies[name].parse(answer) as Reply<Name>;
    } catch (cause) {
      throw new RedisError(
        'unexpected',
        'BADREPLY',
        `The script ${name} answered something unexpected.`,
        cause as Error,
      );
    }
  }

  async download(key: string, mostBytes?: number): Promise<Buffer | undefined> {
    // To a length, a missing key and an empty one look alike, and no payload is empty.
    const bytes = await this.#within('download', () =>
      mostBytes === undefined ? this.#redis.getBuffer(key) : this.#redis.getrangeBuffer(key, 0, mostBytes),
    );
    return bytes === null || (mostBytes !== undefined && bytes.length === 0) ? undefined : bytes;
  }

  publish(channel: string, message: string): Promise<number> {
    return this.#within('small', () => this.#redis.publish(channel, message));
  }

  #within<T>(limit: Limit, send: () => Promise<T>): Promise<T> {
    if (this.#obstacle) return Promise.reject(repeatError(this.#obstacle));
    const limitMs = this.#limits[limit];
    const isUpload = limit === 'upload';
    if (isUpload) this.#countUploads(1);
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#clock.clearTimeout(timer);
        if (this.#inFlight.delete(interrupt) && isUpload) this.#countUploads(-1);
      };
      const interrupt = (error: RedisError) => {
        end();
        reject(error);
      };
      const timer = this.#clock.setTimeout(() => interrupt(this.#timeout(limitMs)), limitMs);
      this.#inFlight.add(interrupt);
      const sentAtMs = this.#clock.monotonic();
      send().then(
        (value) => {
          // A process that was paused may hear the answer before its timer: too late is too late.
          if (this.#clock.monotonic() - sentAtMs > limitMs) return interrupt(this.#timeout(limitMs));
          end();
          resolve(value);
        },
        (error: unknown) => interrupt(redisError(error, this.#place)),
      );
    });
  }

  #timeout(limitMs: number): RedisError {
    const sentence = `Redis at ${this.#place.address} did not answer within ${limitMs} ms: the command may have run.`;
    return new RedisError('timeout', 'TIMEOUT', sentence);
  }

  /** While a payload is on its way up, Redis has nothing to say: its silence is no sign of a dead connection. */
  #countUploads(change: number): void {
    this.#uploads += change;
    this.#redis.options.socketTimeout = this.#uploads > 0 ? this.#limits.upload : silenceLimitMs;
  }
}
