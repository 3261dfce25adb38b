/** A fleet's life in short, by the library's own connections, so that every key and every announcement is written. */
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { VersionRecord } from '../../machines/index.ts';
import { createDataManager } from '../../src/index.ts';
import { type Link, openLink, plainClient, recordOf } from '../redis/link.ts';

const rates = Buffer.from('{"base":"eur","rates":{"usd":1.08}}');
/** Recorded, because no two versions of zlib need compress alike. */
export const terms = Buffer.from('H4sIAAAAAAAAA6tWKkmtKFGyUkocJkCpFgDJRq5L0wAAAA==', 'base64');

const signature = 'c2lnbmF0dXJlIG9mIGEgZmxlZXQncyBwb2QgaXMgNDMgbG9uZw';
const validators = { etag: '"v1"', lastModified: 'Mon, 23 Nov 2026 06:00:00 GMT' };

/** Every message of the fleet's channels, as it came. */
export async function listen(url: string): Promise<Buffer[]> {
  const heard: Buffer[] = [];
  const ear = new Redis(url);
  onTestFinished(() => ear.disconnect());
  ear.on('pmessageBuffer', (_pattern: Buffer, _channel: Buffer, message: Buffer) => heard.push(message));
  await ear.psubscribe('hedging:*');
  return heard;
}

export async function live(url: string): Promise<void> {
  const [leader, other] = [await openLink({ address: url }), await openLink({ address: url, podId: 'pod-2' })];
  for (const link of [leader, other]) await link.poll();
  const epoch = await leader.acquire({ ttlMs: 120_000, beliefWindowMs: 1_250, graceMs: 1_500 });
  const holder = { podId: leader.podId, epoch };
  const published = await publish(leader, holder);
  await leader.stores.publications.confirm({ ...holder, dataset: 'rates', version: published, validators });
  const said = await report(url);
  await plainClient(url).del('hedging:rates_backup');
  await other.stores.data.suspect({ dataset: 'rates', version: published });
  await other.stores.data.restore({ dataset: 'rates', record: published, payload: rates, freshGeneration: 'x' });
  await other.connection.send(leader.podId, {
    ...{ kind: 'requested', dataset: 'rates', requestId: 'request-1', from: 'pod-2' },
  });
  await leader.connection.send(other.podId, {
    ...{ kind: 'answered', requestId: 'request-1', result: { outcome: 'overBudget', retryAfterMs: 1_000 } },
  });
  await other.connection.send(leader.podId, { kind: 'stepDownRequested', requestId: 'request-2', from: 'pod-2' });
  await leader.connection.send(other.podId, {
    ...{ kind: 'stepDownAnswered', requestId: 'request-2', result: { outcome: 'alone' } },
  });
  for (const link of [leader, other]) await link.poll();
  await plainClient(url).hset('hedging:pods:reports', 'pod-3', said);
}

/** Ends what `live` began: afterwards there is no lock to look at. */
export async function end(url: string): Promise<void> {
  const link = await openLink({ address: url });
  expect(await link.stores.lease.release({ podId: 'pod-1', epoch: 1 })).toEqual({ outcome: 'released' });
}

async function publish(leader: Link, holder: { podId: string; epoch: number }): Promise<VersionRecord> {
  const claim = {
    ...holder,
    intervalMs: 300_000,
    budget: { calls: 4, perMs: 300_000 },
    callAgesMs: [],
    isRequested: false,
  };
  for (const dataset of ['rates', 'terms']) {
    await leader.stores.permits.claim({ ...claim, dataset, permitId: `permit-of-${dataset}` });
  }
  await leader.stores.permits.defer({ ...holder, dataset: 'terms', permitId: 'permit-of-terms', delayMs: 15_000 });
  const record = recordOf(rates, { epoch: holder.epoch, validators, signature });
  const reply = await leader.publish(rates, { ...holder, record, permitId: 'permit-of-rates', isInline: true });
  const gzipped = recordOf(terms, { epoch: holder.epoch, encoding: 'gzip' });
  await leader.publish(terms, { ...holder, dataset: 'terms', record: gzipped, permitId: 'permit-of-terms' });
  if (reply.outcome !== 'published') throw new Error(reply.outcome);
  return reply.record;
}

/** A real pod says of itself what it holds, and what it refuses. */
async function report(url: string): Promise<string> {
  const manager = createDataManager({
    ...{ namespace: 'hedging', redis: url, podId: 'pod-3', logger: false, timing: { pollInterval: '100ms' } },
    datasets: {
      rates: { schema: z.object({ base: z.string() }), source: async () => ({ base: 'eur' }), refreshInterval: '5m' },
      terms: {
        schema: z.custom<object>(() => false, 'refused by this pod'),
        source: async () => ({}),
        refreshInterval: '5m',
        required: false,
      },
    },
  });
  await manager.start();
  const client = plainClient(url);
  await expect.poll(() => client.hget('hedging:pods:reports', 'pod-3')).toMatch(/follower.*rejected.*terms/);
  const said = (await client.hget('hedging:pods:reports', 'pod-3')) ?? '';
  await manager.stop();
  return said;
}
