/** The contract of DataStore.poll and leave: what a pod reads, brings and learns of its place. Promises 1, 2, 5, 9. */
import { beforeEach, describe, expect, test } from 'vitest';
import { acquiring, claiming, lead, payloadOf, polling, published, publishing, recordOf, ttlMs } from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

const hourMs = 3_600_000;

export function pollContract(openWorld: OpenWorld): void {
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

  test('the first poll of new data writes a generation, which all that follow find', async () => {
    const generatedAt = world.now();
    const first = await a.data.poll(polling('a'));
    expect(first).toEqual({
      ...{ now: generatedAt, generation: 'generation-of-a', generatedAt, records: {}, epoch: 0 },
      ...{ size: 1, rank: 0, turn: 0, turns: 1, wanted: [], callAgesMs: { rates: [], terms: [] } },
    });
    world.advance(10);
    const second = await b.data.poll(polling('b'));
    expect(second).toMatchObject({ now: generatedAt + 10, generation: 'generation-of-a', generatedAt });
  });

  test('a wipe shows as another generation', async () => {
    await a.data.poll(polling('a'));
    await world.wipe();
    expect(await b.data.poll(polling('b'))).toMatchObject({ generation: 'generation-of-b', records: {}, size: 1 });
  });

  test('reads the lock, the highest epoch and all versions', async () => {
    const holder = await lead(world, a, { seenEpoch: 4 });
    const rates = await published(a, publishing(holder));
    world.advance(100);
    const reply = await b.data.poll(polling('b'));
    expect(reply).toMatchObject({ epoch: 5, lock: { podId: 'a', epoch: 5, ttlLeftMs: ttlMs - 100 } });
    expect(reply.records).toEqual({ rates });
  });

  test('raises the stored epoch to the highest the caller has seen, and never lowers it', async () => {
    expect(await a.data.poll(polling('a', { seenEpoch: 6 }))).toMatchObject({ epoch: 6 });
    expect(await b.data.poll(polling('b', { seenEpoch: 3 }))).toMatchObject({ epoch: 6 });
    expect(await lead(world, b)).toMatchObject({ epoch: 7 });
  });

  test('only observes a lock without expiry', async () => {
    await world.set('leader_lock', 'somebody');
    const lock = { podId: 'somebody', epoch: 0, ttlLeftMs: -1 };
    expect(await a.data.poll(polling('a'))).toMatchObject({ lock });
    expect(await a.data.poll(polling('a'))).toMatchObject({ lock });
  });

  test("keeps the pod's report as it was sent", async () => {
    const report = { podId: 'a', role: 'leader', epoch: 3, versions: {}, rejected: {} } as const;
    await a.data.poll(polling('a', { report }));
    expect(await world.peek()).toMatchObject({ 'pods:reports': { a: report } });
  });

  describe('wanted', () => {
    const held = (revision: number, epoch = 1) => ({ rates: recordOf(payloadOf(revision), { revision, epoch }) });

    test('nothing, while the store holds what the pod holds, or newer', async () => {
      const holder = await lead(world, a);
      await published(a, publishing(holder, { record: recordOf(payloadOf(1), { revision: 5 }) }));
      expect(await b.data.poll(polling('b', { held: held(5) }))).toMatchObject({ wanted: [] });
      expect(await b.data.poll(polling('b', { held: held(4, 9) }))).toMatchObject({ wanted: [] });
    });

    test('what the pod holds in a newer version, by revision, then epoch, then name', async () => {
      const holder = await lead(world, a);
      await published(a, publishing(holder));
      expect(await b.data.poll(polling('b', { held: held(2, 0) }))).toMatchObject({ wanted: ['rates'] });
      expect(await b.data.poll(polling('b', { held: held(1, 2) }))).toMatchObject({ wanted: ['rates'] });
      const names = ['A', 'a-', 'a', 'a.', 'B', 'b', 'a1'];
      const newer = [];
      for (const podId of names) {
        const reply = await b.data.poll(polling('b', { held: { rates: { ...held(1).rates, podId } } }));
        if (reply.wanted.length > 0) newer.push(podId);
      }
      expect(newer).toEqual(['a-', 'a.', 'b', 'a1']);
    });

    test('what the store has lost, of the datasets of this fleet', async () => {
      await a.data.poll(polling('a'));
      const both = { ...held(1), terms: held(1).rates };
      expect(await a.data.poll(polling('a', { held: both }))).toMatchObject({ wanted: ['rates', 'terms'] });
      const some = polling('a', { held: both, datasets: ['terms'] });
      expect(await a.data.poll(some)).toMatchObject({ wanted: ['terms'], callAgesMs: { terms: [] } });
    });

    test('a version whose payload is gone or suspect, from pods that hold just this version', async () => {
      const holder = await lead(world, a);
      const { rates } = { rates: await published(a, publishing(holder)) };
      await world.evict('rates_backup');
      expect(await b.data.poll(polling('b', { held: { rates } }))).toMatchObject({ wanted: ['rates'] });
      expect(await b.data.poll(polling('b'))).toMatchObject({ wanted: [] });
      await world.set('rates_backup', 'nonsense');
      expect(await b.data.poll(polling('b', { held: { rates } }))).toMatchObject({ wanted: [] });
      await b.data.suspect({ dataset: 'rates', version: rates });
      expect(await b.data.poll(polling('b', { held: { rates } }))).toMatchObject({ wanted: ['rates'] });
    });
  });

  describe('ages of source calls', () => {
    test('tells the ages of the stored calls, youngest first', async () => {
      const holder = await lead(world, a);
      await a.permits.claim(claiming(holder, 'first'));
      world.advance(400);
      await a.permits.claim(claiming(holder, 'second', { intervalMs: 400 }));
      world.advance(50);
      expect(await b.data.poll(polling('b'))).toMatchObject({ callAgesMs: { rates: [50, 450], terms: [] } });
    });

    test('a wiped schedule learns the calls again', async () => {
      await a.data.poll(polling('a', { callAgesMs: { rates: [2_000, 9_000] } }));
      world.advance(500);
      expect(await b.data.poll(polling('b'))).toMatchObject({ callAgesMs: { rates: [2_500, 9_500], terms: [] } });
    });

    test('fractions of a millisecond make a call younger, and so do ages below zero', async () => {
      const first = await a.data.poll(polling('a', { callAgesMs: { rates: [-5, 1_000.9] } }));
      expect(first.callAgesMs.rates).toEqual([0, 1_000]);
      expect(await b.data.poll(polling('b'))).toMatchObject({ callAgesMs: { rates: [0, 1_000] } });
    });

    test('of two accounts each call counts as the younger, unless it is the same within a second', async () => {
      const callAgesMs = { rates: [2_000, 9_000] };
      await a.data.poll(polling('a', { callAgesMs }));
      for (const [remembered, merged] of [
        [[1_000], [2_000, 9_000]],
        [[999], [999, 9_000]],
        [
          [5_000, 8_000, 20_000],
          [2_000, 9_000, 20_000],
        ],
        [
          [5_000, 7_999],
          [2_000, 7_999],
        ],
        [
          [1_500, 1_500],
          [2_000, 2_000],
        ],
        [[], [2_000, 9_000]],
      ] as const) {
        await world.evict('schedule');
        await a.data.poll(polling('a', { callAgesMs }));
        const reply = await b.data.poll(polling('b', { callAgesMs: { rates: remembered } }));
        expect(reply.callAgesMs.rates).toEqual(merged);
        expect((await a.data.poll(polling('a'))).callAgesMs.rates).toEqual(merged);
      }
    });

    test('no more than 64 calls are remembered', async () => {
      const rates = Array.from({ length: 70 }, (_, i) => 1_000 * i);
      const reply = await a.data.poll(polling('a', { callAgesMs: { rates } }));
      expect(reply.callAgesMs.rates).toEqual(rates.slice(0, 64));
    });

    test('a call in the future, because the clock was set back, counts as one just now, and ages from then', async () => {
      await a.data.poll(polling('a', { callAgesMs: { rates: [2_000, hourMs + 1_000] } }));
      await world.setBack(hourMs);
      expect((await b.data.poll(polling('b'))).callAgesMs.rates).toEqual([0, 1_000]);
      world.advance(700);
      expect((await b.data.poll(polling('b'))).callAgesMs.rates).toEqual([700, 1_700]);
    });
  });

  test('a lock of a pod that is not there is observed all the same', async () => {
    await lead(world, a);
    await a.close();
    expect(await b.data.poll(polling('b'))).toMatchObject({ lock: { podId: 'a', epoch: 1 } });
    expect(await b.lease.acquire(acquiring('b'))).toMatchObject({ outcome: 'held' });
  });
}
