/** A TLS handshake that is ended half-way tells two errors; ioredis alone would let the second end the process. */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { surviveLaterErrors } from '../../src/redis/stream-errors.ts';
import { startRedisServer } from '../harness/redis-server.ts';

async function connected(url: string, guard: (redis: Redis) => Redis): Promise<Redis> {
  const redis = guard(new Redis(url, { lazyConnect: true, retryStrategy: () => null }));
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  await redis.connect();
  return redis;
}

test('a stream may tell more than one error', async () => {
  const { url } = await startRedisServer();
  const alone = await connected(url, (redis) => redis);
  const guarded = await connected(url, surviveLaterErrors);
  const told: Error[] = [];
  guarded.on('error', (error) => told.push(error));
  const [untrusted, alert] = [new Error('self-signed certificate'), new Error('tlsv1 alert decode error')];
  for (const { stream } of [alone, guarded]) stream.emit('error', untrusted);
  expect(() => alone.stream.emit('error', alert)).toThrow(alert);
  expect(() => guarded.stream.emit('error', alert)).not.toThrow();
  expect(told).toEqual([untrusted]);
});
