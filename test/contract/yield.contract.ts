/** The contract of LeaseStore.yield: a leader whose source fails hands over, and nobody flaps. */
import { beforeEach, expect, test } from 'vitest';
import { acquiring, graceMs, intervalMs, lead, pollIntervalMs, polling } from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

const hourMs = 3_600_000;

export function yieldContract(openWorld: OpenWorld): void {
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

  const limits = { minIntervalMs: intervalMs, presenceMs: 3 * pollIntervalMs };

  test('alone it stays: the others were never there, or not lately', async () => {
    const holder = await lead(world, a);
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'alone' });
    await b.data.poll(polling('b'));
    await a.lease.renew({ ...holder, ttlMs: 20 * intervalMs });
    world.advance(limits.presenceMs + 1);
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'alone' });
    // At the very edge of "lately" it counts itself, and takes itself off.
    await a.data.poll(polling('a', { pollIntervalMs: intervalMs }));
    world.advance(limits.presenceMs);
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'alone' });
  });

  test('with others there it yields, even if Redis has forgotten that it is there itself', async () => {
    const holder = await lead(world, a);
    await world.evict('pods');
    await b.data.poll(polling('b'));
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'yielded' });
  });

  test('with others there it yields, even if it has not polled lately itself', async () => {
    const holder = await lead(world, a, { ttlMs: 10 * intervalMs });
    world.advance(limits.presenceMs + 1);
    await b.data.poll(polling('b', { pollIntervalMs: 10 * pollIntervalMs }));
    await a.heard();
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'yielded' });
    expect(await b.heard()).toContainEqual({ kind: 'released', ...holder });
    expect(await world.peek()).not.toHaveProperty('leader_lock');
  });

  test('the fleet yields at most once an interval', async () => {
    const first = await lead(world, a);
    await b.data.poll(polling('b'));
    await a.lease.yield({ ...first, ...limits });
    const second = await lead(world, b, { ttlMs: 10 * intervalMs });
    world.advance(intervalMs - graceMs - 1);
    await a.data.poll(polling('a'));
    expect(await b.lease.yield({ ...second, ...limits })).toEqual({ outcome: 'tooSoon' });
    world.advance(1);
    expect(await b.lease.yield({ ...second, ...limits })).toEqual({ outcome: 'yielded' });
  });

  test('a yield from the future counts as now, and the next may come one interval later', async () => {
    const first = await lead(world, a);
    await b.data.poll(polling('b'));
    await a.lease.yield({ ...first, ...limits });
    await world.setBack(hourMs);
    // The generation is from the future too: its grace begins with the first that asks.
    await b.lease.acquire(acquiring('b'));
    const second = await lead(world, b, { ttlMs: 10 * intervalMs });
    await a.data.poll(polling('a'));
    expect(await b.lease.yield({ ...second, ...limits })).toEqual({ outcome: 'tooSoon' });
    world.advance(intervalMs);
    await a.data.poll(polling('a'));
    expect(await b.lease.yield({ ...second, ...limits })).toEqual({ outcome: 'yielded' });
  });

  test('only the holder yields, and a fenced one is none', async () => {
    const holder = await lead(world, a);
    await b.data.poll(polling('b'));
    expect(await b.lease.yield({ podId: 'b', epoch: 1, ...limits })).toEqual({ outcome: 'notHolder' });
    await b.data.poll(polling('b', { seenEpoch: 2 }));
    expect(await a.lease.yield({ ...holder, ...limits })).toEqual({ outcome: 'notHolder' });
  });
}
