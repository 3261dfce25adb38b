/** The current revisions in memory: promises 3 and 8. */
import { describe, expect, test } from 'vitest';
import type { VersionRecord } from '../../machines/index.ts';
import { Reader, type Revision } from '../../src/reader.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { record } from '../harness/samples.ts';

const revisionOf = (version: VersionRecord, data: unknown = { n: version.revision }): Revision => ({
  record: version,
  data,
  payload: Buffer.from(''),
});

function readerAt(redisNow?: number) {
  const clock = new VirtualClock();
  const reader = new Reader(clock);
  if (redisNow !== undefined) reader.noteRedisTime(redisNow, clock.monotonic());
  return { clock, reader };
}

describe('a reader', () => {
  test('knows nothing at first', () => {
    const { reader } = readerAt();
    expect([reader.get('rates'), reader.records()]).toEqual([undefined, {}]);
  });

  test('returns the very object that was served, every time: no copy, no promise', () => {
    const { reader } = readerAt();
    const revision = revisionOf(record(1));
    expect(reader.serve('rates', revision)).toBe(true);
    expect(reader.get('rates')).toBe(revision);
    expect(reader.get('rates')?.data).toBe(revision.data);
  });

  test.each([
    ['a higher revision', record(6), true],
    ['the same revision of a later epoch', record(5, { epoch: 2 }), true],
    ['the same revision and epoch of a publisher that comes later', record(5, { podId: 'pod-b' }), true],
    ['a lower revision of a later epoch', record(4, { epoch: 9 }), false],
    ['the same version', record(5), false],
    ['the same revision and epoch of a publisher that comes before', record(5, { podId: 'pod-A' }), false],
  ])('offered %s after revision 5 takes only what is newer (promise 3)', (_what, offered, isTaken) => {
    const { reader } = readerAt();
    reader.serve('rates', revisionOf(record(5)));
    expect(reader.serve('rates', revisionOf(offered))).toBe(isTaken);
    expect(reader.get('rates')?.record).toEqual(isTaken ? offered : record(5));
  });

  test('keeps datasets apart, and names the records of all', () => {
    const { reader } = readerAt();
    reader.serve('rates', revisionOf(record(5)));
    reader.serve('terms', revisionOf(record(2)));
    expect(reader.records()).toEqual({ rates: record(5), terms: record(2) });
  });
});

describe('the time of the last check', () => {
  test('moves with a confirmation of exactly the version that is served', () => {
    const { reader } = readerAt();
    const revision = revisionOf(record(5));
    reader.serve('rates', revision);
    reader.noteChecked('rates', record(5), 9_000);
    expect(reader.get('rates')?.record.checkedAt).toBe(9_000);
    expect(reader.get('rates')?.data).toBe(revision.data);
  });

  test.each([
    ['another version', record(6), 9_000],
    ['an earlier time', record(5), 1_000],
  ])('does not move for %s', (_what, version, checkedAt) => {
    const { reader } = readerAt();
    reader.serve('rates', revisionOf(record(5)));
    reader.noteChecked('rates', version, checkedAt);
    expect(reader.get('rates')?.record.checkedAt).toBe(record(5).checkedAt);
  });

  test('of a dataset that is not served changes nothing', () => {
    const { reader } = readerAt();
    reader.noteChecked('rates', record(5), 9_000);
    expect(reader.get('rates')).toBeUndefined();
  });
});

describe('the age of a revision', () => {
  const checked = record(5, { checkedAt: 1_000_000 });

  test("is measured on Redis' clock, carried on by the monotonic clock", () => {
    const { clock, reader } = readerAt(1_004_000);
    clock.sleep(2_500);
    expect(reader.ageMs(checked)).toBe(6_500);
  });

  test('does not change when somebody sets the wall clock of this pod', () => {
    const { clock, reader } = readerAt(1_004_000);
    clock.stepWall(3_600_000);
    expect(reader.ageMs(checked)).toBe(4_000);
  });

  test("is never negative, and is the wall clock's before Redis was heard", () => {
    expect(readerAt(999_000).reader.ageMs(checked)).toBe(0);
    const { clock, reader } = readerAt();
    expect(reader.ageMs({ ...checked, checkedAt: clock.now() - 750 })).toBe(750);
  });
});
