/** Signatures of versions: what they cover, whose they are. */
import { describe, expect, test } from 'vitest';
import { VersionRecord } from '../../machines/index.ts';
import { IntegrityOptions } from '../../src/integrity.ts';
import { record } from '../harness/samples.ts';
import { integrityOf, signed } from '../harness/signed.ts';

const [oldKey, newKey] = ['o'.repeat(32), 'n'.repeat(32)];

describe('a signature', () => {
  const integrity = integrityOf([newKey]);

  test('covers number, publisher and content, dataset and namespace', () => {
    const good = signed(integrity);
    expect(integrity.objection('rates', good)).toBeUndefined();
    const changes: Partial<VersionRecord>[] = [
      { revision: 8 },
      { epoch: 2 },
      { podId: 'pod-b' },
      { sha256: 'f'.repeat(64) },
      { bytes: 101 },
      { encoding: 'gzip' },
    ];
    for (const change of changes) {
      expect(integrity.objection('rates', { ...good, ...change }), JSON.stringify(change)).toMatch(
        /by none of the keys/,
      );
    }
    expect(integrity.objection('terms', good)).toMatch(/by none of the keys/);
    expect(integrityOf([newKey], true, 'other').objection('rates', good)).toMatch(/by none of the keys/);
  });

  test('leaves alone what others move: times, validators, the mark of a damaged payload', () => {
    const moved = { checkedAt: 9e12, updatedAt: 1, validators: { etag: '"x"' }, isSuspect: true };
    expect(integrity.objection('rates', { ...signed(integrity), ...moved })).toBeUndefined();
  });

  test('that is cut, empty or of no use counts as a bad one; none at all as none', () => {
    const good = signed(integrity);
    for (const signature of ['', 'x', good.signature?.slice(1), `${good.signature}A`, 'é'.repeat(43)]) {
      expect(integrity.objection('rates', { ...good, signature }), signature).toMatch(/by none of the keys/);
    }
    expect(integrity.objection('rates', record(7))).toMatch(/is not signed: give its publisher the integrity key/);
  });

  test('in a record that is no text makes no record unreadable, else it could hide a version', () => {
    for (const signature of [7, {}, 'x'.repeat(129)]) {
      expect(VersionRecord.parse({ ...record(7), signature }).signature).toBeUndefined();
    }
    expect(VersionRecord.parse(record(7))).toEqual(record(7));
  });
});

describe('keys', () => {
  test('are changed while the fleet runs: all are accepted, the first one signs', () => {
    const [before, between, after] = [integrityOf([oldKey]), integrityOf([newKey, oldKey]), integrityOf([newKey])];
    expect(between.objection('rates', signed(before))).toBeUndefined();
    expect(between.isUpToDate('rates', signed(before))).toBe(false);
    expect(between.isUpToDate('rates', signed(between))).toBe(true);
    expect(after.objection('rates', signed(between))).toBeUndefined();
    expect(after.objection('rates', signed(before))).toMatch(/by none of the keys/);
  });

  test('need not be there yet on every pod: unsigned versions may be accepted, badly signed ones never', () => {
    const lenient = integrityOf([newKey], false);
    expect(lenient.objection('rates', record(7))).toBeUndefined();
    expect(lenient.isUpToDate('rates', record(7))).toBe(false);
    expect(lenient.objection('rates', signed(integrityOf([oldKey])))).toMatch(/by none of the keys/);
  });

  test('are bytes or text of at least 32 bytes, one to eight of them', () => {
    for (const keys of [[], ['short'], Array.from({ length: 9 }, () => newKey), [7], newKey]) {
      const parsed = IntegrityOptions.safeParse({ keys });
      expect(parsed.success).toBe(false);
      expect(parsed.error?.message).not.toContain('short');
    }
    expect(IntegrityOptions.safeParse({ keys: [new Uint8Array(32)] }).success).toBe(true);
  });
});
