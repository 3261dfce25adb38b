/** The contract of LeaseStore.takeOver: safe by the lock's age, spared by presence. Promises 2 and 6. */
import { beforeEach, expect, test } from 'vitest';
import type { Holder } from '../../src/ports.ts';
import { beliefWindowMs, graceMs, lead, polling, takingOver, ttlMs } from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

export function takeOverContract(openWorld: OpenWorld): void {
  let world: World;
  let a: Member;
  let b: Member;
  let holder: Holder;
  usingWorld(openWorld, (opened) => {
    world = opened;
  });
  beforeEach(async () => {
    a = await world.connect('a');
    b = await world.connect('b');
    holder = await lead(world, a);
  });

  test('nobody holds the lock: free, and not granted here', async () => {
    await a.lease.release(holder);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'free' });
    expect(await world.peek()).not.toHaveProperty('leader_lock');
  });

  test('another holder or another epoch than the observed one: changed', async () => {
    world.advance(100);
    const lock = { podId: 'a', epoch: 1, ttlLeftMs: ttlMs - 100 };
    expect(await b.lease.takeOver(takingOver('b', { podId: 'c', epoch: 1 }))).toEqual({ outcome: 'changed', lock });
    expect(await b.lease.takeOver(takingOver('b', { podId: 'a', epoch: 0 }))).toEqual({ outcome: 'changed', lock });
  });

  test('a changed lock without expiry gets one, and says so in numbers', async () => {
    await world.set('leader_lock', 'c#3');
    const lock = { podId: 'c', epoch: 3, ttlLeftMs: ttlMs };
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'changed', lock });
  });

  test('a holder that is connected keeps its lease, however old the lock', async () => {
    world.advance(ttlMs - 100);
    const lock = { ...holder, ttlLeftMs: 100 };
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'present', now: world.now(), lock });
  });

  test('a holder that is gone keeps its lease for one grace since its last renewal, and not a millisecond more', async () => {
    world.advance(1_000);
    await a.lease.renew({ ...holder, ttlMs });
    await a.close();
    world.advance(graceMs - 1);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: 1 });
    world.advance(1);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'granted', epoch: 2 });
    expect(await b.heard()).toContainEqual({ kind: 'acquired', podId: 'b', epoch: 2, ttlLeftMs: ttlMs });
    expect(await b.lease.renew({ podId: 'b', epoch: 2, ttlMs })).toEqual({ outcome: 'renewed' });
  });

  test('the old holder has lost its lease once it was taken over', async () => {
    await a.close();
    world.advance(graceMs);
    await b.lease.takeOver(takingOver('b', holder));
    const back = await world.connect('a');
    expect(await back.lease.renew({ ...holder, ttlMs })).toEqual({ outcome: 'lost' });
    expect(await back.lease.release(holder)).toEqual({ outcome: 'lost' });
  });

  test("a holder's longer belief window counts, with the observer's margin on top", async () => {
    await a.lease.release(holder);
    const longer = await lead(world, a, { beliefWindowMs: 4_000 });
    await a.close();
    world.advance(4_000 + (graceMs - beliefWindowMs) - 1);
    expect(await b.lease.takeOver(takingOver('b', longer))).toEqual({ outcome: 'tooYoung', waitMs: 1 });
    world.advance(1);
    expect(await b.lease.takeOver(takingOver('b', longer))).toMatchObject({ outcome: 'granted' });
  });

  test("the age is counted with the holder's TTL, not the observer's", async () => {
    await a.close();
    world.advance(graceMs - 1);
    const other = takingOver('b', holder, { ttlMs: 10 * ttlMs });
    expect(await b.lease.takeOver(other)).toEqual({ outcome: 'tooYoung', waitMs: 1 });
  });

  test('never waits longer than for the expiry', async () => {
    await a.close();
    const patient = takingOver('b', holder, { graceMs: 2 * ttlMs });
    expect(await b.lease.takeOver(patient)).toEqual({ outcome: 'tooYoung', waitMs: ttlMs });
  });

  test('without the terms of the grant only expiry ends a lease', async () => {
    await a.close();
    await world.evict('lease');
    world.advance(graceMs);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: ttlMs - graceMs });
    await b.data.poll(polling('b', { seenEpoch: 1 }));
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: ttlMs - graceMs });
  });

  test('terms of another holder say nothing about a lock that somebody wrote', async () => {
    await world.set('leader_lock', 'c#1');
    const written = takingOver('b', { podId: 'c', epoch: 1 }, { ttlMs: 3 * ttlMs });
    expect(await b.lease.takeOver(written)).toEqual({ outcome: 'tooYoung', waitMs: 3 * ttlMs });
    world.advance(graceMs);
    expect(await b.lease.takeOver(written)).toEqual({ outcome: 'tooYoung', waitMs: 3 * ttlMs - graceMs });
  });

  test('a holder that was fenced and is gone can be taken over as soon as any other', async () => {
    await a.close();
    await b.data.poll(polling('b', { seenEpoch: 5 }));
    world.advance(graceMs);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'granted', epoch: 6 });
  });

  test('no takeover in the first grace of a generation', async () => {
    await a.close();
    world.advance(graceMs);
    await world.evict('data_version');
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: graceMs });
    world.advance(graceMs);
    expect(await b.lease.takeOver(takingOver('b', holder))).toMatchObject({ outcome: 'granted' });
  });

  test('when the clock was set back, the lock is as old as now, and a grace later it may be taken', async () => {
    await a.close();
    await world.setBack(3_600_000);
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: graceMs });
    world.advance(graceMs);
    // The generation is from the future too, and counts as begun now.
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'tooYoung', waitMs: graceMs });
    world.advance(graceMs);
    expect(await b.lease.takeOver(takingOver('b', holder))).toMatchObject({ outcome: 'granted' });
  });

  test('sent again after a lost reply, it finds its own lease', async () => {
    await a.close();
    world.advance(graceMs);
    await b.lease.takeOver(takingOver('b', holder));
    const lock = { podId: 'b', epoch: 2, ttlLeftMs: ttlMs };
    expect(await b.lease.takeOver(takingOver('b', holder))).toEqual({ outcome: 'changed', lock });
  });

  test('of two that try at once, one gets it', async () => {
    await a.close();
    const c = await world.connect('c');
    world.advance(graceMs);
    const replies = await Promise.all([b, c].map(({ podId, lease }) => lease.takeOver(takingOver(podId, holder))));
    expect(replies.map(({ outcome }) => outcome).sort()).toEqual(['changed', 'granted']);
  });
}
