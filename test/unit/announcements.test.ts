/** What an announcement does at once and what it leaves to the machine: the actor on a feed, with a real payload. */
import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createActor, setup } from 'xstate';
import { z } from 'zod';
import type { SyncEvent, VersionRecord } from '../../machines/index.ts';
import { announcements } from '../../src/actors/announcements.ts';
import type { PodParts } from '../../src/actors/parts.ts';
import { encodePayload } from '../../src/codec.ts';
import { PodMemory } from '../../src/pod-memory.ts';
import type { Message } from '../../src/ports.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { record } from '../harness/samples.ts';

const limits = { maxBytes: 10_000, compressAboveBytes: 10_000 };

const encodedOne = encodePayload({ usd: 1 }, limits);

function startAnnouncements() {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  const feed: PodParts['feed'] = new EventEmitter();
  const plan = { budget: { calls: 4, perMs: 300_000 } };
  const datasets = new Map([['rates', { schema: z.object({ usd: z.number() }), limits, plan }]]);
  const parts = { clock, memory, feed, datasets } as unknown as PodParts;
  const heard: SyncEvent[] = [];
  const actor = createActor(
    setup({ types: { events: {} as SyncEvent }, actors: { announcements: announcements(parts) } }).createMachine({
      invoke: { src: 'announcements' },
      on: { '*': { actions: ({ event }) => heard.push(event) } },
    }),
    { clock },
  ).start();
  const announce = (
    revision: number,
    data: unknown,
    { isInline = true, wrong = {} as Partial<VersionRecord>, dataset = 'rates' } = {},
  ) => {
    const { payload, ...encoded } = encodePayload(data, limits);
    const announced = record(revision, { ...encoded, ...wrong });
    const message = { announcement: { kind: 'published', dataset, record: announced }, receivedAtMs: 0 };
    const heardMessage = { ...message, ...(isInline && { payload }) } as Message;
    memory.hear(heardMessage);
    feed.emit('message', heardMessage);
    return announced;
  };
  const announceCall = (agesMs: readonly number[], more: { dataset?: string; perMs?: number | undefined } = {}) => {
    const usual = { dataset: 'rates', podId: 'pod-b', epoch: 1, at: clock.now(), perMs: 300_000 };
    const announcement = { kind: 'claimed', ...usual, agesMs, ...more };
    const message = { announcement, receivedAtMs: 0 } as Message;
    memory.hear(message);
    feed.emit('message', message);
  };
  return { clock, memory, heard, announce, announceCall, actor };
}

test('a payload that passes is served in the same turn; the machine hears of it when other pods serve it too', async () => {
  const { clock, memory, heard, announce } = startAnnouncements();
  const announced = announce(3, { usd: 1.1 });
  expect([memory.reader.get('rates')?.data, heard]).toEqual([{ usd: 1.1 }, []]);
  await clock.advance(19);
  expect(heard).toEqual([]);
  await clock.advance(1);
  expect(heard).toEqual([{ type: 'announcement.verified', dataset: 'rates', record: announced }]);
});

test('what is served again and again is told no later for it', async () => {
  const { clock, heard, announce } = startAnnouncements();
  announce(3, { usd: 1.1 });
  await clock.advance(15);
  announce(4, { usd: 1.2 });
  await clock.advance(5);
  expect(heard.map((event) => 'record' in event && event.record.revision)).toEqual([3, 4]);
  announce(5, { usd: 1.3 });
  await clock.advance(20);
  expect(heard).toHaveLength(3);
});

test.each([
  ['a wrong checksum', { usd: 1.2 }, { sha256: 'f'.repeat(64) }],
  ['data that the schema refuses', { usd: 'much' }, {}],
])('%s: what was served stays, and the machine finds out why (promise 4)', async (_what, data, wrong) => {
  const { clock, memory, heard, announce } = startAnnouncements();
  announce(3, { usd: 1.1 });
  const announced = announce(4, data, { wrong });
  await clock.advance(1);
  expect(memory.reader.get('rates')?.data).toEqual({ usd: 1.1 });
  expect(heard.at(-1)).toEqual({
    ...{ type: 'announcement.published', dataset: 'rates', record: announced },
    isStaged: true,
  });
});

test('an older version that is announced late is not served (promise 3)', async () => {
  const { clock, memory, heard, announce } = startAnnouncements();
  announce(4, { usd: 1.4 });
  announce(3, { usd: 1.3 });
  await clock.advance(1);
  expect(memory.reader.get('rates')?.data).toEqual({ usd: 1.4 });
  expect(heard.map(({ type }) => type)).toEqual(['announcement.verified', 'announcement.published']);
});

test('what did not come with its payload is told in the next turn, after all that was announced before', async () => {
  const { clock, heard, announce } = startAnnouncements();
  announce(3, { usd: 1.1 });
  announce(4, { usd: 1.2 }, { isInline: false });
  announce(5, { usd: 1.3 });
  await clock.advance(1);
  expect(heard.map((event) => 'record' in event && event.record.revision)).toEqual([3, 4, 5]);
});

test('a flood of announcements does not put off the turn in which the machine hears of them', async () => {
  const { clock, heard, announce } = startAnnouncements();
  const timers = vi.spyOn(clock, 'setTimeout');
  for (const revision of [3, 4, 5]) announce(revision, { usd: 1 }, { isInline: false });
  expect(timers.mock.calls.map(([, delayMs]) => delayMs)).toEqual([0]);
  await clock.advance(1);
  expect(heard).toHaveLength(3);
});

test('a pod that has stopped syncing tells nothing more', async () => {
  const { clock, heard, announce, actor } = startAnnouncements();
  announce(3, { usd: 1.1 });
  actor.stop();
  announce(4, { usd: 1.2 });
  await clock.advance(1);
  expect(heard).toEqual([]);
});

test('a version of a dataset that this pod does not have is no news', async () => {
  const { clock, heard, announce } = startAnnouncements();
  announce(1, { usd: 1 }, { dataset: 'moons' });
  await clock.advance(1);
  expect(heard).toEqual([]);
});

test('an announcement without its payload leaves everything to the machine, though the payload is at hand', async () => {
  const { clock, memory, heard, announce } = startAnnouncements();
  memory.hear({
    announcement: { kind: 'published', dataset: 'rates', record: record(1, encodedOne) },
    payload: encodedOne.payload,
    receivedAtMs: 0,
  });
  announce(1, { usd: 1 }, { isInline: false });
  await clock.advance(1);
  expect(heard).toMatchObject([{ type: 'announcement.published', isStaged: false }]);
});

test('a call that is announced among fewer than this pod knows of: Redis has forgotten some (promise 5)', async () => {
  const { clock, heard, announceCall } = startAnnouncements();
  announceCall([0, 100_000]);
  await clock.advance(5_000);
  announceCall([0, 5_000, 105_000]);
  await clock.advance(5_000);
  expect(heard).toEqual([]);
  announceCall([0, 110_000]);
  await clock.advance(1);
  expect(heard).toEqual([{ type: 'calls.forgotten' }]);
});

test('one call that Redis has forgotten is seen beside the one that is announced (promise 5)', async () => {
  const { clock, memory, heard, announceCall } = startAnnouncements();
  announceCall([0, 100_000]);
  await clock.advance(5_000);
  announceCall([0, 105_000]);
  await clock.advance(1);
  expect(heard).toEqual([{ type: 'calls.forgotten' }]);
  expect(memory.calls.agesMs('rates')).toEqual([1, 5_001, 105_001]);
});

test.each([
  ['of a window that is shorter than the one of this pod', 10_000],
  ['of a pod of an older version, which does not tell its window', undefined],
])('calls that are announced %s: those before it are not forgotten', async (_whose, perMs) => {
  const { clock, heard, announceCall } = startAnnouncements();
  announceCall([0, 100_000]);
  await clock.advance(20_000);
  announceCall([0], { perMs });
  await clock.advance(1);
  expect(heard).toEqual([]);
});

test('calls of a dataset that this pod does not have are nothing to it', async () => {
  const { clock, heard, announceCall } = startAnnouncements();
  announceCall([0, 1_000], { dataset: 'moons' });
  announceCall([0], { dataset: 'moons' });
  await clock.advance(1);
  expect(heard).toEqual([]);
});

test('epochs are taken from announcements, but none that is far from those of Redis: no lease would get past it', () => {
  const memory = new PodMemory(new VirtualClock(), 'pod-a');
  const hear = (kind: 'acquired' | 'released', epoch: number) =>
    memory.hear({ announcement: { kind, podId: 'pod-b', epoch, ttlLeftMs: 1 }, receivedAtMs: 0 } as Message);
  hear('acquired', 7);
  expect(memory.seenEpoch).toBe(7);
  for (const epoch of [1_000_008, Number.MAX_SAFE_INTEGER]) hear('released', epoch);
  expect(memory.seenEpoch).toBe(7);
  hear('released', 1_000_007);
  expect(memory.seenEpoch).toBe(1_000_007);
});
