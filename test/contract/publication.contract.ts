/** The contract of PublicationStore: fenced, idempotent, all or nothing. Promises 1 and 3. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { VersionRecord } from '../../machines/index.ts';
import type { Holder, PublishRequest } from '../../src/ports.ts';
import {
  claiming,
  lead,
  payloadOf,
  polling,
  published,
  publishing,
  publishingNext,
  recordOf,
  ttlMs,
} from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

export function publicationContract(openWorld: OpenWorld): void {
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
    holder = await lead(world, a, { ttlMs: 10 * ttlMs });
    await b.heard();
  });
  const confirming = (version: VersionRecord, validators?: VersionRecord['validators']) => ({
    ...{ ...holder, dataset: 'rates', version },
    validators,
  });

  describe('publish', () => {
    test("stores payload and version under the store's own time, and tells all", async () => {
      world.advance(250);
      const request = publishing(holder);
      const record = { ...request.record, updatedAt: world.now(), checkedAt: world.now() };
      expect(await a.publications.publish(request)).toEqual({ outcome: 'published', record });
      expect(await b.heard()).toEqual([{ kind: 'published', dataset: 'rates', record }]);
      expect((await b.data.poll(polling('b'))).records).toEqual({ rates: record });
      expect(await b.data.download('rates')).toEqual(request.payload);
    });

    test('what is stored is nobody’s to change: not the caller’s, who gave it', async () => {
      const validators = { etag: 'as published' };
      const request = publishing(holder);
      await published(a, { ...request, record: { ...request.record, validators } });
      validators.etag = 'changed since';
      expect((await b.data.poll(polling('b'))).records.rates?.validators).toEqual({ etag: 'as published' });
    });

    test('a payload travels inline when asked, whatever bytes it has', async () => {
      for (const [revision, text] of [
        [1, 'line\nand "line"'],
        [2, ''],
        [3, '\n'],
        [4, '{"a":1}'],
      ] as const) {
        const payload = Buffer.from(text);
        const record = recordOf(payload, { ...holder, revision });
        const expected = (await b.data.poll(polling('b'))).records.rates;
        await published(a, publishing(holder, { payload, record, expected, isInline: true }));
        expect(await b.heard()).toMatchObject([{ kind: 'published', record: { revision }, inline: text }]);
      }
    });

    test('sent again after a lost reply it finds its own version and announces nothing', async () => {
      const request = publishing(holder);
      const first = await a.publications.publish(request);
      await b.heard();
      world.advance(100);
      expect(await a.publications.publish(request)).toEqual(first);
      expect(await b.heard()).toEqual([]);
    });

    test('another content under a number that is taken: mismatch', async () => {
      const stored = await published(a, publishing(holder));
      const payload = payloadOf(9);
      const other = publishing(holder, { payload, record: recordOf(payload, holder), expected: stored });
      expect(await a.publications.publish(other)).toEqual({ outcome: 'mismatch' });
      expect(await b.data.download('rates')).toEqual(payloadOf(1));
    });

    test('built on another version than the stored one: mismatch', async () => {
      const stored = await published(a, publishing(holder));
      const next = publishingNext(holder, stored);
      for (const expected of [
        undefined,
        { ...stored, revision: 0 },
        { ...stored, epoch: 0 },
        { ...stored, podId: 'b' },
      ]) {
        expect(await a.publications.publish({ ...next, expected })).toEqual({ outcome: 'mismatch' });
      }
      expect(await a.publications.publish({ ...next, dataset: 'terms' })).toEqual({ outcome: 'mismatch' });
      expect(await a.publications.publish(next)).toMatchObject({ outcome: 'published' });
    });

    test('not newer than the stored version: mismatch', async () => {
      const high = publishing(holder, { record: recordOf(payloadOf(1), { ...holder, revision: 5 }) });
      const expected = await published(a, high);
      const low = publishing(holder, { record: recordOf(payloadOf(1), { ...holder, revision: 4 }), expected });
      expect(await a.publications.publish(low)).toEqual({ outcome: 'mismatch' });
    });

    test.each<[string, () => Promise<unknown>]>([
      ['the lock expired', async () => world.advance(10 * ttlMs + 1)],
      ['the lock was evicted', () => world.evict('leader_lock')],
      ['the epoch was evicted', () => world.evict('lease')],
      ['a pod reported a higher epoch', () => b.data.poll(polling('b', { seenEpoch: 2 }))],
      ['it was released', () => a.lease.release(holder)],
      ['a new lease was granted', () => world.evict('leader_lock').then(() => lead(world, b))],
    ])('changes nothing once %s', async (_, lose) => {
      const stored = await published(a, publishing(holder));
      await lose();
      const before = await world.peek();
      await b.heard();
      expect(await a.publications.publish(publishingNext(holder, stored))).toEqual({ outcome: 'notHolder' });
      expect(await a.publications.confirm(confirming(stored))).toEqual({ outcome: 'notHolder' });
      expect(await a.permits.claim(claiming(holder, 'late'))).toEqual({ outcome: 'notHolder' });
      const deferred = { ...holder, dataset: 'rates', permitId: 'late', delayMs: 5 };
      expect(await a.permits.defer(deferred)).toEqual({ outcome: 'notHolder' });
      expect(await world.peek()).toEqual(before);
      expect(await b.heard()).toEqual([]);
    });

    test('what was kept over an outage is outdated once somebody else has called the source', async () => {
      await a.permits.claim(claiming(holder, 'mine'));
      await a.permits.claim(claiming(holder, 'later', { intervalMs: 0 }));
      const kept: PublishRequest = publishing(holder, { permitId: 'mine' });
      expect(await a.publications.publish(kept)).toEqual({ outcome: 'outdated' });
      expect(await a.publications.publish({ ...kept, permitId: 'later' })).toMatchObject({ outcome: 'published' });
    });

    test('nothing is outdated without a permit, of another dataset, or when the schedule was lost', async () => {
      await a.permits.claim(claiming(holder, 'other', { dataset: 'terms' }));
      const kept = publishing(holder, { permitId: 'mine' });
      const stored = await published(a, kept);
      await a.permits.claim(claiming(holder, 'later'));
      const next = publishingNext(holder, stored);
      expect(await a.publications.publish({ ...next, permitId: 'mine' })).toEqual({ outcome: 'outdated' });
      await world.evict('schedule');
      expect(await a.publications.publish({ ...next, permitId: 'mine' })).toMatchObject({ outcome: 'published' });
    });

    test('begins a generation where the data version was lost', async () => {
      await world.evict('data_version');
      await published(a, publishing(holder));
      expect(await b.data.poll(polling('b'))).toMatchObject({
        generation: 'generation-of-a',
        generatedAt: world.now(),
      });
    });
  });

  describe('confirm', () => {
    test('moves checkedAt and no revision, and tells all', async () => {
      const stored = await published(a, publishing(holder));
      await b.heard();
      world.advance(700);
      const record = { ...stored, checkedAt: world.now() };
      expect(await a.publications.confirm(confirming(stored))).toEqual({ outcome: 'confirmed', record });
      const { revision, epoch, podId, checkedAt } = record;
      const version = { revision, epoch, podId };
      expect(await b.heard()).toEqual([{ kind: 'checked', dataset: 'rates', version, checkedAt }]);
      expect((await b.data.poll(polling('b'))).records).toEqual({ rates: record });
    });

    test('keeps the validators, or takes new ones', async () => {
      const stored = await published(a, publishing(holder));
      const confirm = (validators?: VersionRecord['validators']) =>
        a.publications.confirm(confirming(stored, validators));
      expect(await confirm({ etag: 'x' })).toMatchObject({ record: { validators: { etag: 'x' } } });
      expect(await confirm()).toMatchObject({ record: { validators: { etag: 'x' } } });
      const changed = await confirm({ lastModified: 'today' });
      expect(changed).toEqual({
        outcome: 'confirmed',
        record: { ...stored, validators: { lastModified: 'today' } },
      });
    });

    test('checkedAt never lies before updatedAt', async () => {
      const stored = await published(a, publishing(holder));
      await world.setBack(5_000);
      expect(await a.publications.confirm(confirming(stored))).toEqual({ outcome: 'confirmed', record: stored });
    });

    test('another version than the stored one, or none: mismatch', async () => {
      const stored = await published(a, publishing(holder));
      const other = confirming({ ...stored, revision: 2 });
      expect(await a.publications.confirm(other)).toEqual({ outcome: 'mismatch' });
      expect(await a.publications.confirm({ ...confirming(stored), dataset: 'terms' })).toEqual({
        outcome: 'mismatch',
      });
      await world.evict('data_version');
      expect(await a.publications.confirm(confirming(stored))).toEqual({ outcome: 'mismatch' });
    });
  });
}
