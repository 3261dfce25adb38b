/** What the actors of syncing ask and find, and what the connection's tells: on stores that answer as the test says. */
import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type AnyActorLogic, createActor, setup, toPromise } from 'xstate';
import { z } from 'zod';
import type { PodEvent, RefreshResult, VersionRecord } from '../../machines/index.ts';
import { connection } from '../../src/actors/connection.ts';
import { downloadRevisions, poll, restoreRevisions, verifyRevisions } from '../../src/actors/sync.ts';
import { serveStaged, verifyStaged } from '../../src/actors/verify-staged.ts';
import { encodePayload } from '../../src/codec.ts';
import type { Integrity } from '../../src/integrity.ts';
import { PodMemory } from '../../src/pod-memory.ts';
import type { ConnectionEvents } from '../../src/ports.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { record, timing } from '../harness/samples.ts';
import { integrityOf, signed } from '../harness/signed.ts';

const limits = { maxBytes: 10_000, compressAboveBytes: 10_000 };

function pod(reply: unknown = undefined, integrity?: Integrity) {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  const asked: string[] = [];
  const warnings: string[] = [];
  const reports: unknown[] = [];
  const ask = (name: string) => async (request?: { report?: unknown }) => {
    asked.push(name);
    if (request?.report) reports.push(request.report);
    return reply;
  };
  const data = { poll: ask('poll'), download: ask('download'), restore: ask('restore') };
  const datasets = new Map([['rates', { schema: z.object({ usd: z.number() }), limits }]]);
  const requests = {
    addRemote: () => asked.push('addRemote'),
    answerRemote: (result: RefreshResult, from: string) => asked.push(`${from}: ${result.reason}`),
    noteAnswer: () => {},
  };
  const parts = {
    ...{
      memory,
      clock,
      timing,
      datasets,
      requests,
      integrity,
      podId: 'pod-a',
      newId: () => 'id',
      feed: new EventEmitter(),
    },
    own: { machine: { getSnapshot: () => ({ value: { online: 'follower' }, context: { leader: { epoch: 1 } } }) } },
    onWarning: (sentence: string) => warnings.push(sentence),
    connection: { stores: { data }, open: () => asked.push('open'), close: async () => {} },
  } as never;
  const run = async (logic: AnyActorLogic, input: object) => {
    const result = toPromise(createActor(logic, { input }).start());
    await clock.advance(1);
    return result;
  };
  return { memory, asked, reports, warnings, parts, run };
}

/** Brings a payload to where it is verified. */
function stage(memory: PodMemory, data: unknown, more: Partial<VersionRecord> = {}): VersionRecord {
  const { payload, ...encoded } = encodePayload(data, limits);
  const staged = record(3, { ...encoded, ...more });
  memory.staged.set('rates', { record: staged, payload });
  return staged;
}

describe('a poll', () => {
  const reply = {
    ...{ now: 0, generation: 'g', records: {}, epoch: 0, wanted: [], callAgesMs: {} },
    ...{ size: 1, rank: 0, turn: 0, turns: 1 },
  };
  const polled = (more: object = {}) => {
    const one = pod({ ...reply, ...more });
    return { ...one, outcome: one.run(poll(one.parts), { held: {}, rejected: {} }) };
  };

  test('reports what this pod is', async () => {
    const { outcome, reports } = polled();
    await outcome;
    expect(reports).toEqual([{ podId: 'pod-a', role: 'follower', epoch: 1, versions: {}, rejected: {} }]);
  });

  test('that finds no lock tells of none', async () => {
    expect(await polled().outcome).not.toHaveProperty('lock');
  });

  test('warns of a Redis that takes no writes, and of nothing else', async () => {
    const [full, well] = [polled({ writeFailure: 'OOM' }), polled()];
    await Promise.all([full.outcome, well.outcome]);
    expect([full.warnings.length, well.warnings]).toEqual([1, []]);
    expect(full.warnings[0]).toContain('OOM');
  });
});

test('what this pod has published itself is not downloaded', async () => {
  const { memory, asked, parts, run } = pod();
  const encoded = encodePayload({ usd: 1 }, limits);
  memory.published.set('rates', { ...encoded, data: { usd: 1 }, validators: undefined, permitId: 'p' });
  const input = (sha256: string) => ({ records: { rates: record(3, { sha256 }) } });
  await run(downloadRevisions(parts), input(encoded.sha256));
  expect(asked).toEqual([]);
  await run(downloadRevisions(parts), input('0'.repeat(64)));
  expect(asked).toEqual(['download']);
});

describe('a version that will be refused whatever its payload is', () => {
  const integrity = integrityOf(['k'.repeat(32)]);
  const downloads = async (version: VersionRecord, withKey?: Integrity) => {
    const { asked, parts, run } = pod(Buffer.from('{}'), withKey);
    await run(downloadRevisions(parts), { records: { rates: version } });
    return asked;
  };

  test('is not downloaded: longer than maxBytes, by a byte', async () => {
    expect(await downloads(record(3, { bytes: limits.maxBytes }))).toEqual(['download']);
    expect(await downloads(record(3, { bytes: limits.maxBytes + 1 }))).toEqual([]);
  });

  test('is not downloaded: under no key or another', async () => {
    expect(await downloads(signed(integrity), integrity)).toEqual(['download']);
    expect(await downloads(record(7), integrity)).toEqual([]);
    expect(await downloads(signed(integrityOf(['o'.repeat(32)])), integrity)).toEqual([]);
  });

  test('is not served, though its payload is at hand (promise 4)', () => {
    const { memory, parts } = pod(undefined, integrity);
    const unsigned = stage(memory, { usd: 1 });
    expect(verifyStaged(parts, 'rates', unsigned)).toMatchObject({ outcome: 'rejected' });
    const good = signed(integrity, unsigned);
    stage(memory, { usd: 1 }, { signature: good.signature });
    expect(verifyStaged(parts, 'rates', good)).toMatchObject({ outcome: 'verified' });
  });
});

test('what is not held is not restored', async () => {
  const { asked, parts, run } = pod();
  await run(restoreRevisions(parts), { datasets: ['rates'] });
  expect(asked).toEqual([]);
});

describe('verifying', () => {
  const wrong = { sha256: '0'.repeat(64) };

  test('finds damage, unless a newer version was published meanwhile: the payload is that one’s', async () => {
    const { memory, parts, run } = pod();
    const verify = (staged: VersionRecord) => run(verifyRevisions(parts), { records: { rates: staged } });
    const damaged = stage(memory, { usd: 1 }, wrong);
    memory.stored.set('rates', damaged);
    expect(Object.keys(((await verify(damaged)) as { damaged: object }).damaged)).toEqual(['rates']);
    memory.stored.set('rates', record(4));
    expect(await verify(stage(memory, { usd: 1 }, wrong))).toEqual({ verified: {}, rejected: {}, damaged: {} });
  });

  test('tells what the schema refuses, though a newer version was published meanwhile', async () => {
    const { memory, parts, run } = pod();
    memory.stored.set('rates', record(4));
    const outcome = await run(verifyRevisions(parts), { records: { rates: stage(memory, { usd: 'one' }) } });
    expect(Object.keys((outcome as { rejected: object }).rejected)).toEqual(['rates']);
  });

  test('makes ready to be served what passed, and nothing else (promise 4)', () => {
    const { memory, parts } = pod();
    expect(verifyStaged(parts, 'rates', stage(memory, { usd: 'one' })).outcome).toBe('rejected');
    expect(memory.verified.size).toBe(0);
    expect(verifyStaged(parts, 'rates', stage(memory, { usd: 1 })).outcome).toBe('verified');
    expect(memory.verified.size).toBe(1);
  });

  test('refuses a dataset that this pod does not have', () => {
    const { memory, parts } = pod();
    expect(verifyStaged(parts, 'moons', stage(memory, { usd: 1 }))).toMatchObject({ outcome: 'rejected' });
  });

  test('serves a version once', () => {
    const { memory, parts } = pod();
    const staged = stage(memory, { usd: 1 });
    expect(serveStaged(parts, 'rates', staged)).toBe(true);
    stage(memory, { usd: 1 });
    expect(serveStaged(parts, 'rates', staged)).toBe(false);
  });
});

describe('the connection', () => {
  function open(mode: 'distributed' | 'standalone') {
    const one = pod();
    let events: ConnectionEvents | undefined;
    const parts = {
      ...(one.parts as object),
      connection: {
        open: (its: ConnectionEvents) => {
          events = its;
        },
        close: async () => {},
      },
    } as never;
    const heard: PodEvent[] = [];
    const machine = setup({
      types: { events: {} as PodEvent },
      actors: { connection: connection(parts) },
    }).createMachine({
      invoke: { src: 'connection', input: { podId: 'pod-a', mode } },
      on: { '*': { actions: ({ event }) => heard.push(event) } },
    });
    createActor(machine).start();
    return { heard, asked: one.asked, events: () => events };
  }

  test('is opened by a pod of a fleet alone', () => {
    expect([open('distributed').events() !== undefined, open('standalone').events()]).toEqual([true, undefined]);
  });

  test('passes on the requests for datasets that this pod has, and declines the others', () => {
    const { heard, asked, events } = open('distributed');
    for (const dataset of ['moons', 'rates']) {
      const announcement = { kind: 'requested', dataset, from: 'pod-b', requestId: 'r' } as const;
      events()?.onMessage({ announcement, receivedAtMs: 0 });
    }
    events()?.onMessage({ announcement: { kind: 'suspected', dataset: 'moons' }, receivedAtMs: 0 });
    expect(heard).toEqual([{ type: 'announcement.requested', dataset: 'rates' }]);
    expect(asked).toEqual(['pod-b: the leader pod-a has no dataset "moons"', 'addRemote']);
  });
});
