/** Announcements on the wire: what comes in from anybody, dropped without harm when it is nothing. */
import { expect, test } from 'vitest';
import type { Announcement } from '../../machines/index.ts';
import { announcementReader, encodeAnnouncement, longestMessageBytes } from '../../src/redis/announcements.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { openLink, plainClient, recordOf } from './link.ts';

function reader() {
  const warnings: string[] = [];
  return { read: announcementReader((sentence) => warnings.push(sentence)), warnings };
}

const record = recordOf(Buffer.from('{}'), { validators: { etag: '"1"' } });
const published = { kind: 'published', dataset: 'rates', record } as const;

test('every kind comes out as it went in', () => {
  const version = { revision: 3, epoch: 2, podId: 'p' };
  const announcements: Announcement[] = [
    published,
    { ...published, isRestored: true },
    { kind: 'checked', dataset: 'rates', version, checkedAt: 5 },
    { kind: 'claimed', dataset: 'rates', podId: 'p', epoch: 1, at: 1_700_000_000_000, agesMs: [0, 1.5] },
    { kind: 'acquired', podId: 'p', epoch: 1, ttlLeftMs: 5 },
    { kind: 'released', podId: 'p', epoch: 1 },
    { kind: 'suspected', dataset: 'rates' },
    { kind: 'requested', dataset: 'rates', requestId: 'r', from: 'p' },
    { kind: 'stepDownRequested', requestId: 'r', from: 'p' },
    { kind: 'stepDownAnswered', requestId: 'r', result: { outcome: 'alone' } },
    { kind: 'answered', requestId: 'r', result: { outcome: 'overBudget', retryAfterMs: 4 } },
  ];
  const { read, warnings } = reader();
  for (const announcement of announcements) {
    expect(read(Buffer.from(encodeAnnouncement(announcement)))).toEqual({ announcement });
  }
  expect(warnings).toEqual([]);
});

test('a payload is the bytes after the first line feed, whatever they are', () => {
  const { read } = reader();
  for (const payload of [Buffer.alloc(0), Buffer.from([10, 0, 255, 10]), Buffer.alloc(32_768, 7)]) {
    const message = Buffer.concat([Buffer.from(`${encodeAnnouncement(published)}\n`), payload]);
    expect(read(message)).toEqual({ announcement: published, payload });
  }
  expect(read(Buffer.from('{"kind":"released","podId":"p","epoch":1}\nx'))?.payload).toBeUndefined();
});

test('a payload keeps no more in memory than itself', () => {
  const chunk = Buffer.alloc(60_000);
  const length = chunk.write(`${encodeAnnouncement(published)}\n{"a":1}`);
  const payload = reader().read(chunk.subarray(0, length))?.payload;
  expect(payload?.toString()).toBe('{"a":1}');
  expect(payload?.buffer.byteLength).toBeLessThan(60_000);
});

test('what is malformed, foreign or oversized is dropped, with one warning per cause', () => {
  const { read, warnings } = reader();
  for (const garbage of ['', '{', 'null', '[]', '7', '{"kind":"new"}', '{"kind":"published"}', '\n{}', 'x\ny']) {
    for (let i = 0; i < 3; i += 1) expect(read(Buffer.from(garbage))).toBeUndefined();
  }
  expect(read(Buffer.from([0xff, 0xfe]))).toBeUndefined();
  expect(read(Buffer.from('['.repeat(50_000)))).toBeUndefined();
  const oversized = Buffer.concat([
    Buffer.from(`${encodeAnnouncement(published)}\n`),
    Buffer.alloc(longestMessageBytes),
  ]);
  expect(read(oversized)).toBeUndefined();
  expect(warnings).toEqual([
    expect.stringMatching(/is not JSON: see to it that only pods of this fleet publish/),
    expect.stringMatching(/of a kind or shape that this pod does not know/),
    expect.stringMatching(/longer than 65536 bytes/),
  ]);
});

test('garbage from another client disturbs nobody', async () => {
  const { url } = await startRedisServer();
  const link = await openLink({ address: url });
  const client = plainClient(url);
  for (const garbage of ['nonsense', '{"kind":"?"}', 'x'.repeat(100_000)])
    await client.publish('hedging:pod:pod-1', garbage);
  await client.publish('hedging:announcements', '{"kind":"suspected","dataset":"rates"}');
  await link.announcement('suspected');
  expect(link.told).toMatchObject({ message: { length: 1 }, warning: { length: 3 }, down: [] });
});
