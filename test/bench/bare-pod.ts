/**
 * What one would write without a library: one ioredis connection that hears announcements, and the same work for
 * each: header by its schema, payload (inline or fetched), sha256, JSON.parse, schema, deep freeze, one reference
 * swapped.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { bareKeys, bareRedis } from './bare-redis.ts';
import { Rates } from './rates-schema.ts';

const Header = z.object({
  kind: z.literal('published'),
  dataset: z.string().min(1),
  record: z.object({
    revision: z.number().int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: z.number().int().nonnegative(),
    encoding: z.enum(['json', 'gzip']),
  }),
});

export class BarePod {
  current: Rates | undefined;
  readonly #redis: Redis;
  readonly #onHeld: () => void;
  #revision = 0;

  constructor(url: string, onHeld: () => void) {
    this.#redis = bareRedis(url);
    this.#onHeld = onHeld;
  }

  async start(): Promise<void> {
    await this.#redis.connect();
    this.#redis.on('messageBuffer', (_channel: Buffer, message: Buffer) => void this.#take(message));
    await this.#redis.subscribe(bareKeys.channel);
  }

  async #take(message: Buffer): Promise<void> {
    const end = message.indexOf(10);
    const { record } = Header.parse(JSON.parse(message.toString('utf8', 0, end < 0 ? message.length : end)));
    if (record.revision <= this.#revision) return;
    const payload = end < 0 ? await this.#redis.getBuffer(bareKeys.payload) : message.subarray(end + 1);
    if (!payload || createHash('sha256').update(payload).digest('hex') !== record.sha256) {
      throw new Error('the payload is not what was announced');
    }
    this.current = deepFreeze(Rates.parse(JSON.parse(payload.toString('utf8'))));
    this.#revision = record.revision;
    this.#onHeld();
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const key in value) deepFreeze(value[key]);
  return Object.freeze(value);
}
