/**
 * One pod's way to Redis: a single ioredis connection that subscribes and runs commands.
 *
 * Guarantee: `onUp` only when the pod is subscribed at a server that can be used, and no command before it; `onDown`
 * once per loss, and again while down when the kind of failure changes; reconnects for ever, with jitter. What an
 * earlier connection would still have said is never heard. After `close` nothing is open.
 * Non-guarantee: an idle half-open connection shows only at the next command, that is, at the next poll.
 * Clock: the injected one for limits and delays of ours; ioredis runs its reconnect delay on Node's.
 */
import type { Redis } from 'ioredis';
import { type Announcement, failureOf, type PodId, type Timing } from '../../machines/index.ts';
import type { Clock, Connect, Connection, ConnectionEvents, Random, Stores } from '../ports.ts';
import { parseRedisAddress, type RedisAddress, type RedisTarget } from './address.ts';
import { announcementReader, encodeAnnouncement } from './announcements.ts';
import { createClient } from './client.ts';
import { commandLimits, GatedCommands } from './commands.ts';
import { redisDataStore } from './data-store.ts';
import { RedisError, redisError } from './failure.ts';
import { evictionWarning, type Greeting, greet } from './greeting.ts';
import { type Keys, redisKeys } from './keys.ts';
import { redisLeaseStore } from './lease-store.ts';
import { redisPermitStore } from './permit-store.ts';
import type { Place } from './place.ts';
import { redisPublicationStore } from './publication-store.ts';
import { ReconnectPace } from './reconnect-pace.ts';

export type RedisConnectOptions = Readonly<{
  address: RedisAddress | RedisTarget;
  namespace: string;
  timing: Pick<Timing, 'leaseCommandLimitMs' | 'misconfiguredRetryMs'>;
  random?: Random;
}>;

/** Up for so long: what comes next is a new trouble, not the old one. */
const steadyMs = 1_000;

/** @throws {Error} when address or namespace can't be one */
export function redisConnect({ address, namespace, timing, random = Math.random }: RedisConnectOptions): Connect {
  const target = isTarget(address) ? address : parseRedisAddress(address);
  const isCluster = target.cluster !== undefined;
  const keys = redisKeys(namespace, { isCluster });
  const place: Place = { address: target.redacted, namespace, isCluster, secrets: target.secrets };
  return (podId, clock) => new RedisConnection({ target, keys, place, timing, random, podId, clock });
}

function isTarget(address: RedisAddress | RedisTarget): address is RedisTarget {
  return typeof address === 'object' && address !== null && 'redacted' in address;
}

type Parts = Readonly<{
  target: RedisTarget;
  keys: Keys;
  place: Place;
  timing: RedisConnectOptions['timing'];
  random: Random;
  podId: PodId;
  clock: Clock;
}>;

class RedisConnection implements Connection {
  readonly stores: Stores;
  readonly address: string;
  readonly #parts: Parts;
  readonly #redis: Redis;
  readonly #commands: GatedCommands;
  readonly #pace: ReconnectPace;
  readonly #told = new Set<string>();
  #events: ConnectionEvents | undefined;
  #isClosed = false;
  /** Monotonic; undefined while the connection is not up. */
  #upSinceMs: number | undefined;
  /** Counts connections, so that nothing of an earlier one is taken for news of this one. */
  #session = 0;
  /** Why this connection will be, or was, lost. */
  #cause: RedisError | undefined;
  /** Told last, while down. */
  #failure: RedisError | undefined;
  #reconnectTimer: unknown;

  constructor(parts: Parts) {
    const { target, place, keys, podId, clock, timing, random } = parts;
    this.#parts = parts;
    this.address = place.address;
    this.#pace = new ReconnectPace(timing.misconfiguredRetryMs, random);
    const lostPlace = place.isCluster ? /READONLY|MASTERDOWN|MOVED |CLUSTERDOWN/ : /READONLY|MASTERDOWN/;
    this.#redis = createClient(target, keys.leaderLock, random, {
      connectionName: podId,
      retryDelayMs: () => this.#retryDelay(),
      needsReconnect: (error) => {
        const isLost = lostPlace.test(error.message);
        if (isLost) this.#blame(error);
        return isLost;
      },
    });
    this.#commands = new GatedCommands(this.#redis, place, clock, commandLimits(timing.leaseCommandLimitMs));
    this.stores = {
      lease: redisLeaseStore(this.#commands, keys),
      data: redisDataStore(this.#commands, keys, place, (sentence) => this.#events?.onWarning(sentence)),
      publications: redisPublicationStore(this.#commands, keys),
      permits: redisPermitStore(this.#commands, keys),
    };
  }

  open(events: ConnectionEvents): void {
    if (this.#events || this.#isClosed) return;
    this.#events = events;
    const read = announcementReader((sentence) => this.#warn(sentence));
    this.#redis.on('error', (error) => {
      this.#blame(error);
      // A reply too many: ioredis would go on and give each to the wrong command.
      if (this.#upSinceMs !== undefined) this.#redis.stream.destroy();
    });
    this.#redis.on('ready', () => void this.#greet());
    this.#redis.on('close', () => this.#lose());
    this.#redis.on('end', () => this.#connectLater());
    this.#redis.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => {
      if (this.#upSinceMs === undefined) return;
      const message = read(bytes);
      if (message) events.onMessage({ ...message, receivedAtMs: this.#parts.clock.monotonic() });
    });
    this.#connect();
  }

  async send(to: PodId, announcement: Announcement): Promise<boolean> {
    return (await this.#commands.publish(this.#parts.keys.pod(to), encodeAnnouncement(announcement))) > 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#upSinceMs = undefined;
    this.#parts.clock.clearTimeout(this.#reconnectTimer);
    this.#commands.holdBack(new RedisError('unreachable', 'CLOSED', `The connection to ${this.address} was closed.`));
    this.#redis.disconnect();
    const { stream } = this.#redis as { stream?: Redis['stream'] };
    if (!stream || stream.closed) return;
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await closed;
  }

  #connect(): void {
    // Whatever goes wrong is told by events.
    this.#redis.connect().catch(() => undefined);
  }

  /** The first cause is the true one; what follows from it says less. */
  #blame(error: unknown): void {
    const cause = redisError(error, this.#parts.place);
    const { kind, code, message } = cause;
    // Whoever was asked for the way didn't answer: there is no connection, hence no command that may have run.
    this.#cause ??= kind === 'timeout' ? new RedisError('unreachable', code, message) : cause;
  }

  async #greet(): Promise<void> {
    const { keys, podId, place, clock } = this.#parts;
    this.#session += 1;
    const session = this.#session;
    let greeting: Greeting | undefined;
    try {
      // A handshake that went wrong in part (another database than asked for) is no connection.
      if (this.#cause) throw this.#cause;
      greeting = await greet(this.#redis, [keys.announcements, keys.pod(podId)], place);
    } catch (error) {
      if (session === this.#session) this.#giveUp(error);
    }
    if (!greeting || session !== this.#session || this.#isClosed) return;
    this.#upSinceMs = clock.monotonic();
    this.#failure = undefined;
    this.#commands.letThrough();
    this.#events?.onUp();
    this.#warn(evictionWarning(greeting, place));
  }

  /** Ends a connection that is of no use. */
  #giveUp(error: unknown): void {
    this.#blame(error);
    if (this.#cause?.kind === 'refused') askNextSentinel(this.#redis);
    this.#redis.disconnect(true);
    this.#redis.stream.destroy();
  }

  #lose(): void {
    this.#session += 1;
    const wasUp = this.#upSinceMs !== undefined;
    this.#upSinceMs = undefined;
    if (this.#isClosed) return;
    const cause = this.#cause?.code === 'CLOSED' ? undefined : this.#cause;
    const failure = cause ?? closedError(this.address, wasUp);
    this.#cause = undefined;
    this.#commands.holdBack(failure);
    const isNews = wasUp || this.#failure?.kind !== failure.kind;
    this.#failure = failure;
    if (isNews) this.#events?.onDown(failureOf(failure));
  }

  /** ioredis gives up where it can't even find out where to connect to: nothing else would try again. */
  #connectLater(): void {
    if (this.#isClosed) return;
    const { clock } = this.#parts;
    const delayMs = this.#retryDelay();
    this.#lose();
    this.#reconnectTimer = clock.setTimeout(() => this.#connect(), delayMs);
  }

  #retryDelay(): number {
    const upForMs = this.#upSinceMs === undefined ? 0 : this.#parts.clock.monotonic() - this.#upSinceMs;
    return this.#pace.nextDelayMs(this.#cause?.kind ?? 'unreachable', upForMs >= steadyMs);
  }

  /** Once per sentence. */
  #warn(sentence: string | undefined): void {
    if (sentence === undefined || this.#told.has(sentence)) return;
    this.#told.add(sentence);
    this.#events?.onWarning(sentence);
  }
}

function closedError(address: string, wasUp: boolean): RedisError {
  const sentence = wasUp
    ? `The connection to ${address} was closed: reconnecting goes on.`
    : `What listens at ${address} closed the connection before it was up (does it expect TLS, as in rediss://? is \`maxclients\` reached?): reconnecting goes on.`;
  return new RedisError('unreachable', 'CLOSED', sentence);
}

/** A sentinel that still names a demoted master isn't asked first again. */
function askNextSentinel(redis: Redis): void {
  const { connector } = redis as unknown as { connector: { check(info: { role: string }): boolean } };
  connector.check({ role: 'slave' });
}
