/** The contract of presence: who is listed, ranks and turns, and how the list heals. */
import { beforeEach, expect, test } from 'vitest';
import type { PodReport } from '../../machines/index.ts';
import { longestReportBytes, mostReportBytes } from '../../src/fleet-sight.ts';
import { lead, pollIntervalMs, polling, published, publishing } from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

const hourMs = 3_600_000;

/** A report of so many bytes, as a pod with many datasets makes it. */
function reportOf(podId: string, bytes: number): PodReport {
  const rejected: PodReport['rejected'] = {};
  const report: PodReport = { podId, role: 'follower', epoch: 0, versions: {}, rejected };
  for (let i = 0; ; i += 1) {
    const entry = { version: { revision: 1, epoch: 1, podId }, reason: '' };
    rejected[`d${i}`] = entry;
    const missing = bytes - JSON.stringify(report).length;
    entry.reason = 'x'.repeat(Math.min(missing, 400));
    if (missing <= 400) return report;
  }
}

export function presenceContract(openWorld: OpenWorld): void {
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

  test('ranks by first poll, then by name; names with the same beginning are told apart', async () => {
    const names = ['b', 'a', 'a-10', 'a-1'];
    for (const podId of names) await a.data.poll(polling(podId));
    world.advance(1);
    await a.data.poll(polling('0'));
    const views = [];
    for (const podId of ['a', 'a-1', 'a-10', 'b', '0']) views.push(await a.data.poll(polling(podId)));
    expect(views.map(({ rank }) => rank)).toEqual([0, 1, 2, 3, 4]);
    expect(views.map(({ size }) => size)).toEqual([5, 5, 5, 5, 5]);
  });

  test('the holder takes no turn', async () => {
    for (const podId of ['a', 'b', 'c']) await a.data.poll(polling(podId));
    await lead(world, b);
    const views = [];
    for (const podId of ['a', 'b', 'c']) views.push(await a.data.poll(polling(podId)));
    expect(views.map(({ turn, turns }) => [turn, turns])).toEqual([
      [0, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  test('a holder that never polled costs nobody a turn', async () => {
    await lead(world, a);
    await a.data.leave('a');
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 1, rank: 0, turn: 0, turns: 1 });
  });

  test('a look shows who is there, what each said last and when, who leads, and changes nothing', async () => {
    expect(await a.data.look()).toMatchObject({ epoch: 0, records: {}, pods: [] });
    for (const podId of ['b', 'a']) await a.data.poll(polling(podId));
    world.advance(1_000);
    await lead(world, b);
    const before = await world.peek();
    const { now, lock, epoch, pods } = await a.data.look();
    expect({ lock, epoch }).toEqual({ lock: { podId: 'b', epoch: 1, ttlLeftMs: expect.any(Number) }, epoch: 1 });
    expect(new Set(pods.map(({ report }) => report.podId))).toEqual(new Set(['a', 'b']));
    expect(pods[0]?.report).toEqual(polling(pods[0]?.report.podId ?? '').report);
    for (const { polledAt } of pods) expect(now - polledAt).toBeGreaterThanOrEqual(1_000);
    expect(await world.peek()).toEqual(before);
  });

  test('a look tells what Redis holds, and no lock where there is none', async () => {
    const holder = await lead(world, a);
    const record = await published(a, publishing(holder));
    expect((await b.data.look()).records).toEqual({ rates: record });
    await world.evict('leader_lock');
    expect(Object.keys(await b.data.look())).not.toContain('lock');
  });

  test.each(['pods', 'pods:reports'])('a look leaves out pods of which %s is lost', async (key) => {
    await a.data.poll(polling('a'));
    await world.evict(key);
    expect((await b.data.look()).pods).toEqual([]);
    await b.data.poll(polling('b'));
    expect((await a.data.look()).pods.map(({ report }) => report.podId)).toEqual(['b']);
  });

  test('a look takes in no report longer than 64 KiB, and no more than 4 MiB of them; it counts all pods', async () => {
    const ids = Array.from({ length: mostReportBytes / longestReportBytes }, (_, i) => `pod-${100 + i}`);
    const poll = (podId: string, bytes: number) => a.data.poll(polling(podId, { report: reportOf(podId, bytes) }));
    const seen = async () => {
      const { size, pods } = await a.data.look();
      return { size, ids: pods.map(({ report }) => report.podId) };
    };
    await poll('a-stranger', longestReportBytes + 1);
    world.advance(1);
    for (const podId of ids) await poll(podId, longestReportBytes);
    expect(await seen()).toEqual({ size: ids.length + 1, ids });
    world.advance(1);
    await poll('late', 400);
    expect(await seen()).toEqual({ size: ids.length + 2, ids });
    await a.data.leave('pod-100');
    expect(await seen()).toEqual({ size: ids.length + 1, ids: [...ids.slice(1), 'late'] });
  });

  test('drops a pod that was silent for more than three polls', async () => {
    await a.data.poll(polling('a'));
    world.advance(3 * pollIntervalMs);
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 2, rank: 1 });
    world.advance(1);
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 1, rank: 0 });
    expect(await world.peek()).toMatchObject({ 'pods:order': { b: expect.anything() } });
  });

  test('a pod that leaves is gone at once, and comes back as the youngest', async () => {
    await a.data.poll(polling('a'));
    world.advance(1);
    await b.data.poll(polling('b'));
    await a.data.leave('a');
    expect(Object.keys((await world.peek())['pods:order'] ?? {})).toEqual(['b']);
    expect(Object.keys((await world.peek())['pods:reports'] ?? {})).toEqual(['b']);
    await a.data.leave('a');
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 1, rank: 0 });
    world.advance(1);
    expect(await a.data.poll(polling('a'))).toMatchObject({ size: 2, rank: 1 });
  });

  test('a pod that polled in the future, because the clock was set back, is dropped three polls from now', async () => {
    await a.data.poll(polling('a'));
    await world.setBack(hourMs);
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 2 });
    world.advance(3 * pollIntervalMs + 1);
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 1 });
  });

  test('an evicted list forgets whoever does not come back', async () => {
    for (const podId of ['a', 'b', 'c']) await a.data.poll(polling(podId));
    await world.evict('pods');
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 1, rank: 0 });
    expect(Object.keys((await world.peek())['pods:reports'] ?? {})).toEqual(['b']);
    world.advance(1);
    expect(await a.data.poll(polling('a'))).toMatchObject({ size: 2, rank: 1 });
  });

  test.each([['pods:order'], ['pods:reports']])('an evicted list forgets them without its %s, too', async (other) => {
    for (const podId of ['a', 'b', 'c']) await a.data.poll(polling(podId));
    await world.evict('pods');
    await world.evict(other);
    await b.data.poll(polling('b'));
    const keys = await world.peek();
    for (const key of ['pods', 'pods:order', 'pods:reports']) expect(Object.keys(keys[key] ?? {})).toEqual(['b']);
  });

  test('evicted ranks and reports are made anew', async () => {
    for (const podId of ['a', 'b']) await a.data.poll(polling(podId));
    await world.evict('pods:order');
    await world.evict('pods:reports');
    expect(await b.data.poll(polling('b'))).toMatchObject({ size: 2, rank: 0 });
    world.advance(1);
    expect(await a.data.poll(polling('a'))).toMatchObject({ size: 2, rank: 1 });
  });
}
