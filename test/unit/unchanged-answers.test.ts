/** What the source says of one version is never taken for news of another one. Promise 4, and honest ages. */
import { expect, test } from 'vitest';
import { type AnyActorLogic, createActor, toPromise } from 'xstate';
import { callSource, confirmRevision } from '../../src/actors/refresh.ts';
import { momentOf } from '../../src/belief.ts';
import { PodMemory } from '../../src/pod-memory.ts';
import type { PublicationStore } from '../../src/ports.ts';
import { type SourceCall, UNCHANGED } from '../../src/source/source.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { plan, record, timing } from '../harness/samples.ts';

const version = (revision: number) => ({ revision, epoch: 1, podId: 'pod-a' });

function prepare(source: (call: SourceCall<unknown>) => Promise<unknown>) {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  memory.belief.confirm(momentOf(clock), Number.POSITIVE_INFINITY);
  memory.permits.set('rates', { permitId: 'permit-1', sentAt: momentOf(clock) });
  memory.stored.set('rates', record(1, { validators: { etag: '"one"' } }));
  memory.reader.serve('rates', { record: record(1), data: { usd: 1 }, payload: Buffer.from('{"usd":1}') });
  const datasets = new Map([['rates', { plan: plan('rates'), source, sourceLimitMs: 1_000 }]]);
  const parts = { memory, clock, timing, datasets } as never;
  const confirmed: unknown[] = [];
  const confirm: PublicationStore['confirm'] = async (request) => {
    confirmed.push(request.version);
    return { outcome: 'confirmed', record: record(request.version.revision) };
  };
  const stores = { publications: { confirm } } as never;
  const task = { podId: 'pod-a', epoch: 1, plan: plan('rates') };
  const ask = (logic: AnyActorLogic, input: object) => toPromise(createActor(logic, { input }).start());
  return {
    memory,
    confirmed,
    call: () => ask(callSource(parts), task),
    confirm: (asked: object | null) => ask(confirmRevision(parts, stores), { ...task, version: asked }),
  };
}

test('"unchanged" confirms the version that the source was asked about, not one that a restore put there meanwhile', async () => {
  const pod = prepare(async () => {
    pod.memory.stored.set('rates', record(2));
    return UNCHANGED;
  });
  expect(await pod.call()).toEqual({ outcome: 'unchanged', version: version(1) });
  expect(await pod.confirm(version(1))).toEqual({ outcome: 'mismatch' });
  expect(pod.confirmed).toEqual([]);
});

test('a source is told of no previous version where the stored one is another: it gives the whole dataset', async () => {
  const told: unknown[] = [];
  const pod = prepare(async ({ previous }) => {
    told.push(previous);
    return previous ? UNCHANGED : { usd: 3 };
  });
  pod.memory.stored.set('rates', record(2));
  expect(await pod.call()).toEqual({ outcome: 'answered' });
  expect(told).toEqual([undefined]);
});

test('a version that the source confirmed is confirmed in Redis', async () => {
  const pod = prepare(async () => UNCHANGED);
  expect(await pod.call()).toEqual({ outcome: 'unchanged', version: version(1) });
  expect(await pod.confirm(version(1))).toMatchObject({ outcome: 'confirmed' });
  expect(pod.confirmed).toEqual([version(1)]);
});
