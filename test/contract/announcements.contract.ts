/** The contract of Connection: who hears what, presence, one pod's own channel, and the end. */
import { beforeEach, expect, test } from 'vitest';
import type { Announcement } from '../../machines/index.ts';
import {
  acquiring,
  claiming,
  lead,
  payloadOf,
  polling,
  publishing,
  recordOf,
  restoring,
  takingOver,
  ttlMs,
} from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

export function announcementsContract(openWorld: OpenWorld): void {
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

  test('every connected pod hears everything in order, the sender included', async () => {
    const holder = await lead(world, a);
    await a.permits.claim(claiming(holder, 'p1'));
    const request = publishing(holder, { isInline: true });
    await a.publications.publish(request);
    await a.publications.confirm({ ...holder, dataset: 'rates', version: request.record, validators: undefined });
    await b.data.suspect({ dataset: 'rates', version: request.record });
    await a.lease.release(holder);
    const kinds = ['acquired', 'claimed', 'published', 'checked', 'suspected', 'released'];
    for (const member of [a, b]) expect((await member.heard()).map(({ kind }) => kind)).toEqual(kinds);
    expect(await a.heard()).toEqual([]);
  });

  test('a refused command announces nothing', async () => {
    const holder = await lead(world, a);
    await a.permits.claim(claiming(holder, 'p1'));
    await b.heard();
    await b.lease.acquire(acquiring('b'));
    await b.lease.takeOver(takingOver('b', holder));
    await b.lease.release({ podId: 'b', epoch: 1 });
    await a.permits.claim(claiming(holder, 'p2'));
    await a.publications.publish(publishing(holder, { expected: recordOf(payloadOf(4), {}) }));
    await a.lease.renew({ ...holder, ttlMs });
    expect(await b.heard()).toEqual([]);
  });

  test('a pod that comes later, or has gone, hears nothing', async () => {
    await b.close();
    await lead(world, a);
    const late = await world.connect('late');
    expect(await late.heard()).toEqual([]);
  });

  test('a hint to one pod reaches that pod alone, and says whether anybody was there', async () => {
    const request: Announcement = { kind: 'requested', dataset: 'rates', requestId: 'r1', from: 'b' };
    expect(await b.connection.send('a', request)).toBe(true);
    const result = { outcome: 'overBudget', retryAfterMs: 5, reason: 'later' } as const;
    const answer: Announcement = { kind: 'answered', requestId: 'r1', result };
    expect(await a.connection.send('b', answer)).toBe(true);
    expect(await a.heard()).toEqual([request]);
    expect(await b.heard()).toEqual([answer]);
    expect(await b.connection.send('nobody', request)).toBe(false);
    await a.close();
    expect(await b.connection.send('a', request)).toBe(false);
  });

  test('a pod is present from its connection to its close', async () => {
    const holder = await lead(world, a);
    const request = takingOver('b', holder);
    expect(await b.lease.takeOver(request)).toMatchObject({ outcome: 'present' });
    await a.close();
    expect(await b.lease.takeOver(request)).toMatchObject({ outcome: 'tooYoung' });
    await world.connect('a');
    expect(await b.lease.takeOver(request)).toMatchObject({ outcome: 'present' });
  });

  test('a wipe takes no connection away', async () => {
    const holder = await lead(world, a);
    await world.wipe();
    await a.data.poll(polling('a', { seenEpoch: holder.epoch }));
    await b.data.restore(restoring(recordOf(payloadOf(1), {})));
    expect((await a.heard()).map(({ kind }) => kind)).toEqual(['acquired', 'published']);
  });

  test('after close every method rejects as unreachable', async () => {
    const holder = await lead(world, a);
    await a.close();
    await a.close();
    const version = recordOf(payloadOf(1), {});
    const calls = [
      () => a.lease.acquire(acquiring('a')),
      () => a.lease.takeOver(takingOver('a', holder)),
      () => a.lease.renew({ ...holder, ttlMs }),
      () => a.lease.release(holder),
      () => a.lease.yield({ ...holder, minIntervalMs: 1, presenceMs: 1 }),
      () => a.data.poll(polling('a')),
      () => a.data.download('rates'),
      () => a.data.restore(restoring(version)),
      () => a.data.suspect({ dataset: 'rates', version }),
      () => a.data.leave('a'),
      () => a.publications.publish(publishing(holder)),
      () => a.publications.confirm({ ...holder, dataset: 'rates', version, validators: undefined }),
      () => a.permits.claim(claiming(holder, 'p1')),
      () => a.permits.defer({ ...holder, dataset: 'rates', permitId: 'p1', delayMs: 1 }),
      () => a.connection.send('b', { kind: 'suspected', dataset: 'rates' }),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await world.peek()).toMatchObject({ leader_lock: 'a#1' });
  });

  test('two namespaces in one store do not see each other', async () => {
    const other = await world.connect('a', 'elsewhere');
    const holder = await lead(world, a);
    await a.publications.publish(publishing(holder));
    await a.permits.claim(claiming(holder, 'p1'));
    expect(await other.heard()).toEqual([]);
    expect(await other.data.download('rates')).toBeUndefined();
    const reply = await other.data.poll(polling('a'));
    expect(reply).toMatchObject({ records: {}, epoch: 0, size: 1, callAgesMs: { rates: [] } });
    expect(reply).not.toHaveProperty('lock');
    await a.close();
    expect(await b.connection.send('a', { kind: 'suspected', dataset: 'rates' })).toBe(false);
  });
}
