/** The contract of LeaseStore, except takeover: promises 1, 2 and 6. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  acquiring,
  graceMs,
  lead,
  payloadOf,
  polling,
  published,
  publishing,
  publishingNext,
  recordOf,
  restoring,
  ttlMs,
} from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

const hourMs = 3_600_000;

export function leaseContract(openWorld: OpenWorld): void {
  let world: World;
  let a: Member;
  let b: Member;
  usingWorld(openWorld, (opened) => {
    world = opened;
  });
  beforeEach(async () => {
    a = await world.connect('a');
    b = await world.connect('b');
  });

  describe('acquire', () => {
    test('no lease in the first grace of a generation', async () => {
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'onHold', waitMs: graceMs });
      world.advance(graceMs - 1);
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'onHold', waitMs: 1 });
      world.advance(1);
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'granted', epoch: 1 });
    });

    test('the grace begins with the first poll of any pod, and again after a wipe', async () => {
      await b.data.poll(polling('b'));
      world.advance(graceMs);
      expect(await a.lease.acquire(acquiring('a'))).toMatchObject({ outcome: 'granted' });
      await world.wipe();
      expect(await a.lease.acquire(acquiring('a', { ownEpoch: 1 }))).toEqual({ outcome: 'onHold', waitMs: graceMs });
    });

    test('a generation from the future counts as begun now, and ends one grace later', async () => {
      await a.data.poll(polling('a'));
      await world.setBack(hourMs);
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'onHold', waitMs: graceMs });
      world.advance(graceMs);
      expect(await a.lease.acquire(acquiring('a'))).toMatchObject({ outcome: 'granted' });
    });

    test('somebody else holds the lease: who, in which epoch, for how long', async () => {
      await lead(world, a);
      world.advance(300);
      const lock = { podId: 'a', epoch: 1, ttlLeftMs: ttlMs - 300 };
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'held', lock });
    });

    test('the lock lives through the millisecond of its expiry', async () => {
      await lead(world, a);
      world.advance(ttlMs);
      expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ outcome: 'held', lock: { ttlLeftMs: 0 } });
      world.advance(1);
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'granted', epoch: 2 });
    });

    test('sent again after a lost reply it returns the same grant, with a whole TTL, and announces nothing', async () => {
      await lead(world, a);
      await a.heard();
      world.advance(400);
      expect(await a.lease.acquire(acquiring('a', { seenEpoch: 1 }))).toEqual({ outcome: 'granted', epoch: 1 });
      expect(await a.heard()).toEqual([]);
      expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ lock: { epoch: 1, ttlLeftMs: ttlMs } });
    });

    test("a pod's own lock with an epoch it was granted gets a new epoch", async () => {
      await lead(world, a);
      const again = acquiring('a', { seenEpoch: 1, ownEpoch: 1 });
      expect(await a.lease.acquire(again)).toEqual({ outcome: 'granted', epoch: 2 });
      expect(await a.lease.renew({ podId: 'a', epoch: 1, ttlMs })).toEqual({ outcome: 'lost' });
    });

    test("a pod's own lock below the highest epoch it has seen gets a new epoch", async () => {
      await lead(world, a);
      expect(await a.lease.acquire(acquiring('a', { seenEpoch: 7 }))).toEqual({ outcome: 'granted', epoch: 8 });
    });

    test("a pod's own lock that was fenced since gets a new epoch", async () => {
      await lead(world, a);
      await b.data.poll(polling('b', { seenEpoch: 4 }));
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'granted', epoch: 5 });
    });

    test('the new epoch is higher than the one the caller has seen', async () => {
      expect(await lead(world, a, { seenEpoch: 41 })).toEqual({ podId: 'a', epoch: 42 });
    });

    test('the new epoch is higher than those of the stored versions', async () => {
      await a.data.restore(restoring(recordOf(payloadOf(3), { revision: 3, epoch: 9 })));
      expect(await lead(world, a)).toEqual({ podId: 'a', epoch: 10 });
    });

    test('the new epoch is higher than that of the lock, when the rest was evicted', async () => {
      await lead(world, a, { seenEpoch: 6 });
      await world.evict('lease');
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'granted', epoch: 8 });
    });

    test('the epoch outlives the lock', async () => {
      await lead(world, a, { seenEpoch: 6 });
      await world.evict('leader_lock');
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'granted', epoch: 8 });
    });

    test('a lock without expiry gets one, whoever wrote it', async () => {
      await lead(world, a);
      for (const [text, lock] of [
        ['somebody', { podId: 'somebody', epoch: 0, ttlLeftMs: ttlMs }],
        ['a#1', { podId: 'a', epoch: 1, ttlLeftMs: ttlMs }],
        ['#1', { podId: '#1', epoch: 0, ttlLeftMs: ttlMs }],
        ['x#12345678901234', { podId: 'x', epoch: 12_345_678_901_234, ttlLeftMs: ttlMs }],
        ['x#123456789012345', { podId: 'x#123456789012345', epoch: 0, ttlLeftMs: ttlMs }],
      ] as const) {
        await world.set('leader_lock', text);
        expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'held', lock });
        world.advance(ttlMs);
        expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ outcome: 'held', lock: { ttlLeftMs: 0 } });
      }
      world.advance(1);
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'granted', epoch: 2 });
    });

    test('a lock that outlives its terms, because the clock was set back, lives on for just these', async () => {
      await lead(world, a);
      await world.setBack(hourMs);
      expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ outcome: 'held', lock: { ttlLeftMs: ttlMs } });
    });
  });

  describe('renew', () => {
    test('renewing gives the lock its whole TTL', async () => {
      const holder = await lead(world, a);
      world.advance(ttlMs);
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'renewed' });
      expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ outcome: 'held', lock: { ttlLeftMs: ttlMs } });
    });

    test('a lost lease is never recreated by renew', async () => {
      const holder = await lead(world, a);
      world.advance(ttlMs + 1);
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
      expect(await world.peek()).not.toHaveProperty('leader_lock');
    });

    test("another pod, another epoch, or nobody's lock: lost", async () => {
      const holder = await lead(world, a);
      expect(await b.lease.renew({ podId: 'b', epoch: 1, ttlMs })).toEqual({ outcome: 'lost' });
      expect(await a.lease.renew({ podId: 'a', epoch: 2, ttlMs })).toEqual({ outcome: 'lost' });
      await world.evict('leader_lock');
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
    });

    test('a higher epoch that any pod reports ends the lease', async () => {
      const holder = await lead(world, a);
      await b.data.poll(polling('b', { seenEpoch: 1 }));
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'renewed' });
      await b.data.poll(polling('b', { seenEpoch: 2 }));
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
    });

    test('an evicted epoch ends the lease', async () => {
      const holder = await lead(world, a);
      await world.evict('lease');
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
    });
  });

  describe('release', () => {
    test('releasing deletes the lock and keeps the epoch', async () => {
      const holder = await lead(world, a);
      expect(await a.lease.release(holder)).toEqual({ outcome: 'released' });
      expect(await a.lease.release(holder)).toEqual({ outcome: 'lost' });
      expect(await b.lease.acquire(acquiring('b'))).toEqual({ outcome: 'granted', epoch: 2 });
    });

    test("somebody else's lease, or one's own of another epoch, is left alone", async () => {
      await lead(world, a);
      expect(await b.lease.release({ podId: 'b', epoch: 1 })).toEqual({ outcome: 'lost' });
      expect(await a.lease.release({ podId: 'a', epoch: 2 })).toEqual({ outcome: 'lost' });
      expect(await world.peek()).toMatchObject({ leader_lock: 'a#1' });
    });
  });

  test.each(['confirm', 'publish'] as const)(
    'an epoch of a version that was put back ends a lease of a lower one: %s',
    async (method) => {
      const holder = await lead(world, a);
      await published(a, publishing(holder));
      const version = recordOf(payloadOf(2), { revision: 2, epoch: 5, podId: 'b' });
      await b.data.restore(restoring(version));
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'renewed' });
      const reply =
        method === 'confirm'
          ? await a.publications.confirm({ ...holder, dataset: 'rates', version, validators: undefined })
          : await a.publications.publish(publishingNext(holder, version));
      expect(reply).toEqual({ outcome: 'notHolder' });
      expect(await a.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
      expect((await b.data.poll(polling('b'))).records).toEqual({ rates: version });
      expect(await a.lease.acquire(acquiring('a', { ownEpoch: 1 }))).toEqual({ outcome: 'granted', epoch: 6 });
    },
  );
}
