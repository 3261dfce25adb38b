/** The contract of PermitStore: due, within the budget, on the store's clock. Promise 5. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ClaimRequest, Holder } from '../../src/ports.ts';
import { claiming, intervalMs, lead, polling, publishing, ttlMs } from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

const hourMs = 3_600_000;

export function permitContract(openWorld: OpenWorld): void {
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
    await startSchedule();
    world.advance(intervalMs);
    holder = await lead(world, a, { ttlMs: 1_000 * ttlMs });
    await b.heard();
  });
  const startSchedule = () => a.data.poll(polling('a'));
  const claim = (permitId: string, changes?: Partial<ClaimRequest>) =>
    a.permits.claim(claiming(holder, permitId, changes));
  const defer = (permitId: string, delayMs: number) =>
    a.permits.defer({ ...holder, dataset: 'rates', permitId, delayMs });

  describe('claim', () => {
    test('a new fleet calls at once, and all hear of it', async () => {
      expect(await claim('p1')).toEqual({ outcome: 'granted', callAgesMs: [0] });
      expect(await b.heard()).toEqual([
        { kind: 'claimed', dataset: 'rates', ...holder, at: world.now(), agesMs: [0], perMs: intervalMs },
      ]);
    });

    test('the next call is due one interval later, and not a millisecond earlier', async () => {
      await claim('p1');
      world.advance(intervalMs - 1);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: 1 });
      world.advance(1);
      expect(await claim('p2')).toEqual({ outcome: 'granted', callAgesMs: [0] });
    });

    test('asking again with the same id moves the grant to now and costs nothing: no call was made under it', async () => {
      await claim('p1');
      world.advance(300);
      expect(await claim('p1')).toEqual({ outcome: 'granted', callAgesMs: [0] });
      expect((await b.heard()).map((claimed) => 'isAskedAgain' in claimed && claimed.isAskedAgain)).toEqual([
        false,
        true,
      ]);
      world.advance(200);
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'granted', callAgesMs: [0, 200] });
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'granted', callAgesMs: [0, 200] });
    });

    test('asking again is no other call: the budget may be full', async () => {
      for (const permitId of ['p1', 'p2', 'p3', 'p3']) {
        expect(await claim(permitId, { isRequested: true })).toMatchObject({ outcome: 'granted' });
      }
    });

    test('asking again is no other call, even for a budget that was made smaller since', async () => {
      await claim('p1');
      await claim('p2', { isRequested: true });
      const smaller = { calls: 1, perMs: intervalMs };
      expect(await claim('p2', { budget: smaller })).toMatchObject({ outcome: 'granted' });
      expect(await claim('p3', { isRequested: true, budget: smaller })).toMatchObject({ outcome: 'overBudget' });
    });

    test('a requested call is due at once, within the budget', async () => {
      await claim('p1');
      world.advance(100);
      await claim('p2', { isRequested: true });
      await claim('p3', { isRequested: true });
      world.advance(100);
      const fourth = { outcome: 'overBudget', waitMs: intervalMs - 200 };
      expect(await claim('p4', { isRequested: true })).toEqual(fourth);
      world.advance(intervalMs - 200 - 1);
      expect(await claim('p4', { isRequested: true })).toEqual({ outcome: 'overBudget', waitMs: 1 });
      world.advance(1);
      const ages = [0, intervalMs - 100, intervalMs - 100];
      expect(await claim('p4', { isRequested: true })).toEqual({ outcome: 'granted', callAgesMs: ages });
    });

    test('a smaller budget counts the calls made under a larger one', async () => {
      for (const permitId of ['p1', 'p2', 'p3']) {
        await claim(permitId, { isRequested: true });
        world.advance(100);
      }
      const smaller = { calls: 2, perMs: intervalMs };
      const reply = await claim('p4', { isRequested: true, budget: smaller });
      expect(reply).toEqual({ outcome: 'overBudget', waitMs: intervalMs - 200 });
    });

    test('a budget beyond what is remembered ends at 64 calls', async () => {
      const callAgesMs = Array.from({ length: 64 }, (_, i) => 100 + i);
      const changes = { isRequested: true, budget: { calls: 1_000, perMs: intervalMs }, callAgesMs };
      expect(await claim('p1', changes)).toEqual({ outcome: 'overBudget', waitMs: intervalMs - 163 });
      world.advance(intervalMs - 163);
      expect(await claim('p1', { ...changes, callAgesMs: [] })).toMatchObject({ outcome: 'granted' });
    });

    test('calls that left the window are forgotten', async () => {
      await claim('p1');
      world.advance(2 * intervalMs);
      expect(await claim('p2')).toEqual({ outcome: 'granted', callAgesMs: [0] });
    });

    test('datasets have their own calls', async () => {
      await claim('p1');
      expect(await claim('p1', { dataset: 'terms' })).toEqual({ outcome: 'granted', callAgesMs: [0] });
    });

    test('a permit is spent when granted: another leader waits as long, ten failovers make no call', async () => {
      await claim('p1');
      let leader = holder;
      for (let i = 0; i < 10; i += 1) {
        const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
        await from.lease.release(leader);
        leader = await lead(world, to);
        expect(await to.permits.claim(claiming(leader, `of ${i}`))).toMatchObject({ outcome: 'notDue' });
      }
    });
  });

  describe('what pods remember', () => {
    test('remembered calls win over a wiped schedule', async () => {
      expect(await claim('p1', { callAgesMs: [20_000] })).toEqual({ outcome: 'notDue', waitMs: intervalMs - 20_000 });
      const full = { isRequested: true, callAgesMs: [20_000, 30_000, 50_000] };
      expect(await claim('p1', full)).toEqual({ outcome: 'overBudget', waitMs: 10_000 });
    });

    test('a call that a rollback lost is remembered, though the store has as many older ones', async () => {
      await a.data.poll(polling('a', { callAgesMs: { rates: [intervalMs] } }));
      expect(await claim('p1', { callAgesMs: [5_000] })).toEqual({ outcome: 'notDue', waitMs: intervalMs - 5_000 });
    });

    test('a call that the caller missed counts, though it remembers more older ones', async () => {
      await claim('p1');
      const callAgesMs = [intervalMs + 1_000, 2 * intervalMs];
      expect(await claim('p2', { callAgesMs })).toEqual({ outcome: 'notDue', waitMs: intervalMs });
    });

    test('a permit is not the last one any more when a later call is remembered that the store has lost', async () => {
      await claim('p1');
      world.advance(5_000);
      const callAgesMs = [2_000, 5_000];
      expect(await claim('p1', { callAgesMs })).toEqual({ outcome: 'notDue', waitMs: intervalMs - 2_000 });
      expect(await claim('p1', { callAgesMs: [] })).toEqual({ outcome: 'notDue', waitMs: intervalMs - 2_000 });
      expect(await defer('p1', 10)).toEqual({ outcome: 'deferred' });
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: intervalMs - 2_000 });
      const kept = publishing(holder, { permitId: 'p1' });
      expect(await a.publications.publish(kept)).toEqual({ outcome: 'outdated' });
    });

    test('older calls that are remembered leave the permit what it is', async () => {
      await claim('p1');
      world.advance(10_000);
      await claim('p2', { isRequested: true });
      const reply = await claim('p2', { callAgesMs: [0, 5_000, 20_000] });
      expect(reply).toEqual({ outcome: 'granted', callAgesMs: [0, 5_000, 20_000] });
    });

    test('after a wipe, what was fetched under a permit can still be published', async () => {
      await claim('p1');
      await world.evict('schedule');
      await b.data.poll(polling('b', { callAgesMs: { rates: [0] } }));
      const reply = await a.publications.publish(publishing(holder, { permitId: 'p1' }));
      expect(reply).toMatchObject({ outcome: 'published' });
    });

    test("what the caller remembers stays known, though it wasn't granted", async () => {
      await claim('p1', { callAgesMs: [20_000] });
      expect((await b.data.poll(polling('b'))).callAgesMs.rates).toEqual([20_000]);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: intervalMs - 20_000 });
    });

    test('another pod that heard of a call a little later moves nothing', async () => {
      await claim('p1');
      world.advance(2_000);
      expect(await claim('p2', { callAgesMs: [1_001] })).toEqual({ outcome: 'notDue', waitMs: intervalMs - 2_000 });
    });
  });

  describe('a schedule that is younger than the window: a whole budget may have been spent that nobody remembers', () => {
    beforeEach(() => world.evict('schedule'));

    test('begins with the first poll or claim, whichever comes first', async () => {
      await startSchedule();
      world.advance(intervalMs - 1);
      await claim('p1');
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'overBudget', waitMs: 1 });
      world.advance(1);
      expect(await claim('p2', { isRequested: true })).toMatchObject({ outcome: 'granted' });
    });

    test('one call at once, asked for or not, and no other in the first window', async () => {
      expect(await claim('p1', { isRequested: true })).toEqual({ outcome: 'granted', callAgesMs: [0] });
      world.advance(1_000);
      const waitMs = intervalMs - 1_000;
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'overBudget', waitMs });
      expect(await claim('p1')).toEqual({ outcome: 'granted', callAgesMs: [0] });
      await defer('p1', 2_000);
      world.advance(2_000);
      expect(await claim('p2')).toEqual({ outcome: 'overBudget', waitMs: waitMs - 2_000 });
      world.advance(waitMs - 2_000);
      expect(await claim('p2')).toMatchObject({ outcome: 'granted' });
    });

    test('what pods remember counts as that call', async () => {
      const asked = { isRequested: true, callAgesMs: [20_000] };
      expect(await claim('p1', asked)).toEqual({ outcome: 'overBudget', waitMs: intervalMs - 20_000 });
    });

    test('an older call that is remembered only when the permit is asked for again counts as that call too', async () => {
      await claim('p1');
      const again = await claim('p1', { callAgesMs: [20_000, 30_000] });
      expect(again).toEqual({ outcome: 'overBudget', waitMs: intervalMs - 30_000 });
      expect((await b.data.poll(polling('b'))).callAgesMs.rates).toEqual([0, 30_000]);
    });

    test('a window of many intervals has its call in each', async () => {
      const budget = { calls: 100, perMs: 10 * intervalMs };
      await claim('p1', { budget });
      expect(await claim('p2', { budget, isRequested: true })).toEqual({ outcome: 'overBudget', waitMs: intervalMs });
      world.advance(intervalMs);
      expect(await claim('p2', { budget })).toMatchObject({ outcome: 'granted' });
    });

    test('a window shorter than the interval is waited for alone', async () => {
      const budget = { calls: 2, perMs: 5_000 };
      await claim('p1', { budget });
      expect(await claim('p2', { budget, isRequested: true })).toEqual({ outcome: 'overBudget', waitMs: 5_000 });
      world.advance(5_000);
      expect(await claim('p2', { budget, isRequested: true })).toMatchObject({ outcome: 'granted' });
    });

    test('has begun now, at the latest: a clock that was set back makes it young again', async () => {
      await startSchedule();
      world.advance(10 * intervalMs);
      await world.setBack(hourMs);
      await startSchedule();
      world.advance(intervalMs - 1);
      await claim('p1');
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'overBudget', waitMs: 1 });
    });
  });

  describe('defer', () => {
    test('after a failed call the next is due after the delay, not the interval, and then as usual', async () => {
      await claim('p1');
      expect(await defer('p1', 5_000)).toEqual({ outcome: 'deferred' });
      world.advance(4_999);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: 1 });
      world.advance(1);
      expect(await claim('p2')).toEqual({ outcome: 'granted', callAgesMs: [0, 5_000] });
      expect(await claim('p3')).toEqual({ outcome: 'notDue', waitMs: intervalMs });
    });

    test('a longer delay than the interval counts as well, and nobody can ask it away', async () => {
      await claim('p1');
      await defer('p1', 3 * intervalMs);
      world.advance(2 * intervalMs);
      expect(await claim('p2', { isRequested: true })).toEqual({ outcome: 'notDue', waitMs: intervalMs });
    });

    test('binds whoever leads then', async () => {
      await claim('p1');
      await defer('p1', 30_000);
      await a.lease.release(holder);
      const next = await lead(world, b);
      const waitMs = 30_000 - (world.now() - (await calledAt()));
      expect(await b.permits.claim(claiming(next, 'p2'))).toEqual({ outcome: 'notDue', waitMs });
    });

    test('the budget holds for retries', async () => {
      for (const permitId of ['p1', 'p2', 'p3']) {
        await claim(permitId);
        await defer(permitId, 1_000);
        world.advance(1_000);
      }
      expect(await claim('p4')).toEqual({ outcome: 'overBudget', waitMs: intervalMs - 3_000 });
    });

    test('a call under an earlier permit defers nothing', async () => {
      await claim('p1');
      await claim('p2', { isRequested: true });
      expect(await defer('p1', 3 * intervalMs)).toEqual({ outcome: 'deferred' });
      expect(await claim('p3')).toEqual({ outcome: 'notDue', waitMs: intervalMs });
    });

    test('a lost schedule takes the deferral of a permit it does not know', async () => {
      await claim('p1');
      await world.evict('schedule');
      await defer('p1', 7_000);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: 7_000 });
    });
  });

  describe('when the clock was set back', () => {
    test('the last call counts as one just now, and the next is due one interval from then', async () => {
      await claim('p1');
      await world.setBack(hourMs);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: intervalMs });
      world.advance(intervalMs);
      expect(await claim('p2')).toMatchObject({ outcome: 'granted' });
    });

    test('a deferral is never further away than the delay that was asked for, and ends', async () => {
      await claim('p1');
      await defer('p1', 2 * intervalMs);
      await world.setBack(hourMs);
      expect(await claim('p2')).toEqual({ outcome: 'notDue', waitMs: 2 * intervalMs });
      world.advance(2 * intervalMs);
      expect(await claim('p2')).toMatchObject({ outcome: 'granted' });
    });
  });

  async function calledAt(): Promise<number> {
    const { callAgesMs, now } = await b.data.poll(polling('b'));
    return now - (callAgesMs.rates?.[0] ?? Number.NaN);
  }
}
