/** Everything that pods ask Redis for, each thing at least once, by the library's own connection. */
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import type { PublishRequest } from '../../src/ports.ts';
import { Link, recordOf } from '../redis/link.ts';

const payload = (revision: number) => Buffer.from(`{"revision":${revision}}`);

/**
 * @param operator may do everything
 * @param address of the pods
 */
export async function exercise(operator: Redis, address: string): Promise<void> {
  await operator.flushall();
  const opened: Link[] = [];
  const open = async (podId: string) => {
    const link = new Link({ address, podId });
    opened.push(link);
    const failed = link.next('down').then(({ message }) => Promise.reject(new Error(message)));
    await Promise.race([link.next('up'), failed]);
    failed.catch(() => undefined);
    return link;
  };
  try {
    const [leader, other] = [await open('pod-1'), await open('pod-2')];
    await lead(leader, other);
    await restore(leader, other, () => operator.del('hedging:rates_backup'));
    await crowd(other, await open('pod-3'), operator);
    await changeLeader(leader, other);
  } finally {
    await Promise.all(opened.map(({ connection }) => connection.close()));
  }
}

async function lead(leader: Link, other: Link): Promise<void> {
  for (const link of [leader, other]) {
    await link.poll({ callAgesMs: { rates: [5_000_000] }, seenEpoch: 0 });
  }
  const epoch = await leader.acquire({ ttlMs: 20_000 });
  const holder = { podId: leader.podId, epoch };
  expect(await leader.stores.lease.renew({ ...holder, ttlMs: 20_000 })).toEqual({ outcome: 'renewed' });
  const claim = { ...holder, permitId: 'a', intervalMs: 1, callAgesMs: [], isRequested: false };
  for (const dataset of ['rates', 'terms']) {
    const budget = { calls: 4, perMs: 60_000 };
    expect(await leader.stores.permits.claim({ ...claim, dataset, budget })).toMatchObject({ outcome: 'granted' });
    const first: Partial<PublishRequest> = { ...holder, dataset, permitId: 'a', isInline: true };
    const record = recordOf(payload(1), { epoch });
    expect(await leader.publish(payload(1), { ...first, record })).toMatchObject({ outcome: 'published' });
    expect(await other.stores.data.download(dataset, 100)).toEqual(payload(1));
    await leader.stores.permits.defer({ ...holder, dataset, permitId: 'a', delayMs: 5 });
  }
  const version = { revision: 1, epoch, podId: leader.podId };
  const confirmed = await leader.stores.publications.confirm({ ...holder, dataset: 'rates', version, validators: {} });
  expect(confirmed).toMatchObject({ outcome: 'confirmed' });
  expect(await other.connection.send(leader.podId, { kind: 'suspected', dataset: 'rates' })).toBe(true);
}

/** A payload is lost, told of, and put back. */
async function restore(leader: Link, other: Link, lose: () => Promise<unknown>): Promise<void> {
  const stored = (await other.poll()).records.rates;
  if (!stored) throw new Error('nothing is stored');
  await lose();
  expect(await leader.stores.data.download('rates')).toBeUndefined();
  await other.stores.data.suspect({ dataset: 'rates', version: stored });
  const restored = { dataset: 'rates', record: stored, payload: payload(1), freshGeneration: 'x' };
  expect(await other.stores.data.restore(restored)).toEqual({ outcome: 'restored' });
}

/** Who is there: polls after entries were evicted here or there, looks, farewells. */
async function crowd(other: Link, third: Link, operator: Redis): Promise<void> {
  await third.poll({ seenEpoch: 3 });
  await operator.zrem('hedging:pods', 'pod-3');
  await other.poll({ seenEpoch: 3, pollIntervalMs: 1 });
  await operator.hset('hedging:pods:reports', 'ghost', '{}');
  await other.poll({ seenEpoch: 3 });
  expect((await other.stores.data.look()).pods.length).toBeGreaterThan(0);
  await third.stores.data.leave('pod-3');
}

async function changeLeader(leader: Link, other: Link): Promise<void> {
  const epoch = await leader.acquire({ seenEpoch: 3, ownEpoch: 3 });
  for (const link of [leader, other]) await link.poll();
  const request = { podId: leader.podId, epoch, minIntervalMs: 1, presenceMs: 60_000 };
  expect(await leader.stores.lease.yield(request)).toEqual({ outcome: 'yielded' });
  const next = await leader.acquire({ ownEpoch: epoch, ttlMs: 10_000 });
  await leader.connection.close();
  await expect
    .poll(() =>
      other.stores.lease.takeOver({ ...other.grantRequest(), observed: { podId: leader.podId, epoch: next } }),
    )
    .toMatchObject({ outcome: 'granted', epoch: next + 1 });
  const held = { podId: other.podId, epoch: next + 1 };
  expect(await other.stores.lease.release(held)).toEqual({ outcome: 'released' });
}
