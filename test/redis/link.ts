/** A pod's connection under test, with all that it told. Closed by itself when the test has finished. */
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { type Announcement, type Failure, Timing, type VersionRecord } from '../../machines/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { AcquireRequest, Connection, Message, PollRequest, PublishRequest } from '../../src/ports.ts';
import type { RedisAddress } from '../../src/redis/address.ts';
import { redisConnect } from '../../src/redis/connection.ts';

export type Told = { up: undefined; down: Failure; message: Message; warning: string };

export type LinkOptions = Readonly<{
  address: RedisAddress;
  namespace?: string;
  podId?: string;
  timing?: Partial<Timing>;
  /** Default: opened at once. */
  isClosed?: boolean;
}>;

export class Link {
  readonly connection: Connection;
  readonly podId: string;
  readonly told: { [Type in keyof Told]: Told[Type][] } = { up: [], down: [], message: [], warning: [] };
  /** Runs within `onUp`. */
  onUp: () => void = () => undefined;
  readonly #read: { [Type in keyof Told]: number } = { up: 0, down: 0, message: 0, warning: 0 };
  #wake: () => void = () => undefined;
  #change = Promise.resolve();

  constructor({ address, namespace = 'hedging', podId = 'pod-1', timing = {}, isClosed = false }: LinkOptions) {
    this.podId = podId;
    this.#arm();
    this.connection = redisConnect({ address, namespace, timing: Timing.parse(timing) })(podId, systemClock);
    onTestFinished(() => this.connection.close());
    if (!isClosed) this.open();
  }

  open(): void {
    this.connection.open({
      onUp: () => {
        this.onUp();
        this.#note('up', undefined);
      },
      onDown: (failure) => this.#note('down', failure),
      onMessage: (message) => this.#note('message', message),
      onWarning: (sentence) => this.#note('warning', sentence),
    });
  }

  get stores() {
    return this.connection.stores;
  }

  /** The next of its type that this has not returned yet. */
  async next<Type extends keyof Told>(type: Type): Promise<Told[Type]> {
    const index = this.#read[type];
    while (this.told[type].length <= index) await this.#change;
    this.#read[type] += 1;
    return this.told[type][index] as Told[Type];
  }

  async announcement<Kind extends Announcement['kind']>(kind: Kind): Promise<Extract<Announcement, { kind: Kind }>> {
    for (;;) {
      const { announcement } = await this.next('message');
      if (announcement.kind === kind) return announcement as Extract<Announcement, { kind: Kind }>;
    }
  }

  poll(request: Partial<PollRequest> = {}) {
    const report = { podId: this.podId, role: 'follower', epoch: 0, versions: {}, rejected: {} } as const;
    return this.stores.data.poll({
      report,
      seenEpoch: 0,
      freshGeneration: 'generation-1',
      pollIntervalMs: 30_000,
      datasets: ['rates', 'terms'],
      held: {},
      callAgesMs: {},
      ...request,
    });
  }

  /** A request with a grace of 20 ms. */
  grantRequest(request: Partial<AcquireRequest> = {}): AcquireRequest {
    const terms = { ttlMs: 10_000, beliefWindowMs: 15, graceMs: 20, freshGeneration: 'generation-1' };
    return { podId: this.podId, seenEpoch: 0, ownEpoch: 0, ...terms, ...request };
  }

  /** Waits out the hold that follows the first write of a generation. Resolves to the epoch. */
  async acquire(request: Partial<AcquireRequest> = {}): Promise<number> {
    for (;;) {
      const reply = await this.stores.lease.acquire(this.grantRequest(request));
      if (reply.outcome === 'granted') return reply.epoch;
      if (reply.outcome === 'held') throw new Error(`held by ${reply.lock.podId}`);
      await new Promise((resolve) => setTimeout(resolve, reply.waitMs));
    }
  }

  publish(payload: Buffer, request: Partial<PublishRequest> = {}) {
    return this.stores.publications.publish({
      podId: this.podId,
      epoch: 1,
      dataset: 'rates',
      record: recordOf(payload, { podId: this.podId }),
      payload,
      expected: undefined,
      freshGeneration: 'generation-1',
      isInline: false,
      permitId: undefined,
      ...request,
    });
  }

  /** All texts that people would see. */
  texts(): string {
    return JSON.stringify([this.told.down, this.told.warning, this.connection.address]);
  }

  #note<Type extends keyof Told>(type: Type, what: Told[Type]): void {
    this.told[type].push(what);
    const wake = this.#wake;
    this.#arm();
    wake();
  }

  #arm(): void {
    this.#change = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export async function openLink(options: LinkOptions): Promise<Link> {
  const link = new Link(options);
  await link.next('up');
  return link;
}

/** What a promise was rejected with; fails the test when it wasn't. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { kind?: string; code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

/** A plain client, to look behind the curtain. Closed by itself when the test has finished. */
export function plainClient(url: string, options: { db?: number; password?: string } = {}): Redis {
  const client = new Redis(url, { retryStrategy: () => 20, ...options });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

/** How often Redis ran a script for anybody, however it was sent. */
export async function scriptCalls(url: string): Promise<number> {
  const stats = await plainClient(url).info('commandstats');
  return [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

export function recordOf(payload: Buffer, fields: Partial<VersionRecord> = {}): VersionRecord {
  return {
    revision: 1,
    epoch: 1,
    podId: 'pod-1',
    updatedAt: 0,
    checkedAt: 0,
    sha256: createHash('sha256').update(payload).digest('hex'),
    bytes: payload.length,
    encoding: 'json',
    ...fields,
  };
}

/** A link that holds the lease at epoch 1; grace is a few milliseconds. */
export async function openLeader(options: LinkOptions): Promise<Link> {
  const link = await openLink(options);
  await link.acquire();
  return link;
}
