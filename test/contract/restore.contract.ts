/** The contract of DataStore: download, restore, suspect, and what can't be read. Promises 3, 8 and 9. */
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
  takingOver,
} from './requests.ts';
import { usingWorld } from './using-world.ts';
import type { Member, OpenWorld, World } from './world.ts';

export function restoreContract(openWorld: OpenWorld): void {
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
  const records = async () => (await b.data.poll(polling('b'))).records;
  const record = (revision: number, epoch = 1, podId = 'a') =>
    recordOf(payloadOf(revision), { revision, epoch, podId });

  describe('download', () => {
    test('nothing is stored: undefined', async () => {
      expect(await a.data.download('rates')).toBeUndefined();
    });

    test('the bytes are those that were stored', async () => {
      const payload = Buffer.from([0, 10, 13, 255, 0xc3, 0x28, 0]);
      await a.data.restore(restoring(record(1), { payload }));
      expect(await b.data.download('rates')).toEqual(payload);
      await a.data.restore(restoring(record(2), { payload: Buffer.alloc(0) }));
      expect(await b.data.download('rates')).toEqual(Buffer.alloc(0));
    });
  });

  describe('restore', () => {
    test('puts back what was lost, as it was published, and tells all without the payload', async () => {
      const lost = { ...record(3), updatedAt: 5, checkedAt: 6, validators: { etag: '"x"' } };
      expect(await a.data.restore(restoring(lost))).toEqual({ outcome: 'restored' });
      const announcement = { kind: 'published', dataset: 'rates', record: lost, isRestored: true };
      expect(await b.heard()).toEqual([announcement]);
      expect(await records()).toEqual({ rates: lost });
      expect(await b.data.download('rates')).toEqual(payloadOf(3));
    });

    test('begins a generation where there is none, and no lease before one grace', async () => {
      await a.data.restore(restoring(record(3)));
      expect(await b.data.poll(polling('b'))).toMatchObject({ generation: 'restored', generatedAt: world.now() });
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'onHold', waitMs: graceMs });
    });

    test('leaves the other datasets alone', async () => {
      await a.data.restore(restoring(record(3), { dataset: 'terms' }));
      await a.data.restore(restoring(record(1)));
      expect(await records()).toEqual({ rates: record(1), terms: record(3) });
    });

    test('an older version is not wanted, by revision, then epoch, then publisher', async () => {
      await a.data.restore(restoring(record(2, 5, 'b')));
      for (const older of [record(1, 9, 'z'), record(2, 4, 'z'), record(2, 5, 'a'), record(2, 5, 'B')]) {
        expect(await a.data.restore(restoring(older))).toEqual({ outcome: 'notWanted' });
      }
      for (const newer of [record(2, 5, 'b-'), record(2, 6, 'a'), record(3, 1, 'a')]) {
        expect(await a.data.restore(restoring(newer))).toEqual({ outcome: 'restored' });
      }
      await a.data.restore(restoring(record(4, 1, 'b-')));
      expect(await a.data.restore(restoring(record(4, 1, 'b')))).toEqual({ outcome: 'notWanted' });
    });

    test('of several pods that restore the same version one does', async () => {
      const replies = await Promise.all([a, b].map(({ data }) => data.restore(restoring(record(2)))));
      expect(replies.map(({ outcome }) => outcome).sort()).toEqual(['notWanted', 'restored']);
    });

    test('the same version is wanted while its payload is missing or suspect, and the mark goes', async () => {
      await a.data.restore(restoring(record(2)));
      await world.evict('rates_backup');
      expect(await a.data.restore(restoring(record(2)))).toEqual({ outcome: 'restored' });
      await a.data.suspect({ dataset: 'rates', version: record(2) });
      const marked = { ...record(2), isSuspect: true };
      expect(await a.data.restore(restoring(marked))).toEqual({ outcome: 'restored' });
      expect(await records()).toEqual({ rates: record(2) });
      expect(await a.data.restore(restoring(record(2)))).toEqual({ outcome: 'notWanted' });
    });

    test('another content under the same version is never wanted', async () => {
      await a.data.restore(restoring(record(2)));
      await world.evict('rates_backup');
      const other = { ...record(2), sha256: record(3).sha256 };
      expect(await a.data.restore(restoring(other))).toEqual({ outcome: 'notWanted' });
    });
  });

  describe('suspect', () => {
    test('marks the stored version once, and tells all', async () => {
      await a.data.restore(restoring(record(2)));
      await b.heard();
      await a.data.suspect({ dataset: 'rates', version: record(2) });
      await b.data.suspect({ dataset: 'rates', version: record(2) });
      expect(await b.heard()).toEqual([{ kind: 'suspected', dataset: 'rates' }]);
      expect(await records()).toEqual({ rates: { ...record(2), isSuspect: true } });
    });

    test('another version, or none, is left alone', async () => {
      await a.data.suspect({ dataset: 'rates', version: record(2) });
      await a.data.restore(restoring(record(2)));
      await b.heard();
      await a.data.suspect({ dataset: 'rates', version: record(1) });
      await a.data.suspect({ dataset: 'terms', version: record(2) });
      expect(await b.heard()).toEqual([]);
      expect(await records()).toEqual({ rates: record(2) });
    });

    test('the next publication is not suspect', async () => {
      const holder = await lead(world, a);
      const stored = await published(a, publishing(holder));
      await a.data.suspect({ dataset: 'rates', version: stored });
      const next = await published(a, publishingNext(holder, stored));
      expect(next).not.toHaveProperty('isSuspect');
      expect(await records()).toEqual({ rates: next });
    });
  });

  describe('garbage in data_version', () => {
    const generation = { format: 1, generation: 'g', generatedAt: 5 };

    test.each([
      ['no JSON', 'hello'],
      ['nothing', ''],
      ['a number', '7'],
      ['null', 'null'],
      ['a list', '[]'],
      ['no format', '{"generation":"g","generatedAt":5,"datasets":{}}'],
      ['an older format', '{"format":0,"generation":"g","generatedAt":5,"datasets":{}}'],
      ['no generation', '{"format":1,"generatedAt":5,"datasets":{}}'],
      ['an empty generation', '{"format":1,"generation":"","generatedAt":5,"datasets":{}}'],
      ['a generation that is too long', `{"format":1,"generation":"${'g'.repeat(65)}","generatedAt":5,"datasets":{}}`],
      ['a format in words', '{"format":"2","generation":"g","generatedAt":5,"datasets":{}}'],
      ['no time', '{"format":1,"generation":"g","datasets":{}}'],
      ['a wrong time', '{"format":1,"generation":"g","generatedAt":-1.5,"datasets":{}}'],
    ])('%s is replaced as lost data', async (_, text) => {
      await world.set('data_version', text);
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'generation-of-a', records: {} });
      await world.set('data_version', text);
      expect(await a.lease.acquire(acquiring('a'))).toEqual({ outcome: 'onHold', waitMs: graceMs });
      await world.set('data_version', text);
      expect(await a.data.restore(restoring(record(1)))).toEqual({ outcome: 'restored' });
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'restored', records: { rates: record(1) } });
    });

    test('one of more than 1 MiB is replaced: nobody is sent more of it than any fleet writes', async () => {
      const padded = (bytes: number) => {
        const text = JSON.stringify({ ...generation, datasets: {}, filling: 'é' });
        return text.replace('é', `é${'x'.repeat(bytes - Buffer.byteLength(text))}`);
      };
      await world.set('data_version', padded(2 ** 20));
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'g' });
      await world.set('data_version', padded(2 ** 20 + 1));
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'generation-of-a' });
    });

    test('a generation of any length that the pods take is kept', async () => {
      const longest = { ...generation, generation: 'g'.repeat(64), datasets: {} };
      await world.set('data_version', JSON.stringify(longest));
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: longest.generation });
    });

    test('a record that no pod could read is left out, and gone with the next write; the others stay', async () => {
      const good = { ...record(1), validators: { etag: 'x' }, isSuspect: true };
      const zipped = { ...record(1), encoding: 'gzip', validators: { etag: 'x'.repeat(512) } };
      const faults = [
        { revision: -1 },
        { revision: 2 ** 53 + 2 },
        { revision: 1.5 },
        { revision: '1' },
        { epoch: null },
        { podId: 'a#1' },
        { podId: '' },
        { podId: 7 },
        { podId: 'x'.repeat(801) },
        { sha256: 7 },
        { sha256: 'abc' },
        { sha256: record(1).sha256.toUpperCase() },
        { updatedAt: 0.5 },
        { checkedAt: undefined },
        { bytes: '1' },
        { encoding: 'xml' },
        { validators: { etag: 1 } },
        { validators: { etag: 'x'.repeat(2_049) } },
        { validators: { lastModified: 1 } },
        { validators: null },
        { validators: 7 },
        { isSuspect: 1 },
      ];
      const bad = Object.fromEntries(faults.map((fault, i) => [`bad${i}`, { ...record(1), ...fault }]));
      const longName = 'n'.repeat(64);
      const unnamed = { '1st': record(1), [`${longName}n`]: record(1), '': record(1), 'a b': record(1) };
      const datasets = { good, zipped, [longName]: good, ...bad, ...unnamed, text: 'text', number: 7, list: [] };
      await world.set('data_version', JSON.stringify({ ...generation, datasets }));
      expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'g', generatedAt: 5 });
      expect(await records()).toEqual({ good, zipped, [longName]: good });
      await a.data.restore(restoring(record(1), { dataset: 'other' }));
      const stored = (await world.peek()).data_version as { datasets: object };
      expect(Object.keys(stored.datasets).sort()).toEqual(['good', longName, 'other', 'zipped'].sort());
    });

    test('datasets of a wrong kind are none', async () => {
      for (const datasets of [[], [record(1)], 'text', 7, null, undefined]) {
        await world.set('data_version', JSON.stringify({ ...generation, datasets }));
        expect(await a.data.poll(polling('a'))).toMatchObject({ generation: 'g', records: {} });
      }
    });

    test('a newer format is not ours to replace: every method that reads it rejects as misconfigured', async () => {
      const holder = await lead(world, a);
      const text = JSON.stringify({ ...generation, format: 2, datasets: {} });
      await world.set('data_version', text);
      const version = record(1);
      const confirmed = { ...holder, dataset: 'rates', version, validators: undefined };
      const refused = [
        () => b.data.poll(polling('b')),
        () => a.data.restore(restoring(version)),
        () => a.data.suspect({ dataset: 'rates', version }),
        () => a.publications.publish(publishing(holder)),
        () => a.publications.confirm(confirmed),
        () => a.lease.acquire(acquiring('a')),
      ];
      for (const ask of refused) await expect(ask()).rejects.toMatchObject({ kind: 'misconfigured' });
      await a.close();
      world.advance(graceMs);
      await expect(b.lease.takeOver(takingOver('b', holder))).rejects.toMatchObject({ kind: 'misconfigured' });
      expect(await world.peek()).toMatchObject({ data_version: JSON.parse(text) });
    });
  });
}
