/** What the actors of a refresh ask, remember and tell, each on stores that answer as the test says. */
import { describe, expect, test } from 'vitest';
import { type AnyActorLogic, createActor, toPromise } from 'xstate';
import { z } from 'zod';
import type { VersionRecord } from '../../machines/index.ts';
import { callSource, claimPermit, confirmRevision, publishRevision, validateResult } from '../../src/actors/refresh.ts';
import { momentOf } from '../../src/belief.ts';
import { encodePayload } from '../../src/codec.ts';
import type { Integrity } from '../../src/integrity.ts';
import { PodMemory, type Result } from '../../src/pod-memory.ts';
import { SourceAnswer, type SourceCall, UNCHANGED } from '../../src/source/source.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { plan, record, timing } from '../harness/samples.ts';
import { integrityOf, signed } from '../harness/signed.ts';

const limits = { maxBytes: 100_000, compressAboveBytes: 100_000 };
const inlineLimitBytes = 32 * 1024;
const epoch = 7;

type Reply = Readonly<{ outcome: string; record?: VersionRecord }>;

/** A leader that believes, has a permit, and is answered so. */
function leader({
  reply,
  source = async () => ({ usd: 1 }),
  integrity,
}: {
  reply?: Reply | Error;
  integrity?: Integrity;
  source?: (call: SourceCall<unknown>) => unknown;
} = {}) {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  memory.belief.confirm(momentOf(clock), Number.POSITIVE_INFINITY);
  memory.permits.set('rates', { permitId: 'permit-1', sentAt: momentOf(clock) });
  const asked: Record<string, unknown>[] = [];
  const answer = async (request: Record<string, unknown>) => {
    asked.push(request);
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const schema = z.object({ usd: z.number() });
  const datasets = new Map([['rates', { plan: plan('rates'), source, schema, limits, sourceLimitMs: 1_000 }]]);
  const parts = { memory, clock, timing, datasets, newId: () => 'id', integrity } as never;
  const stores = { publications: { publish: answer, confirm: answer }, permits: { claim: answer } } as never;
  const task = { podId: 'pod-a', epoch, plan: plan('rates') };
  const run = (logic: AnyActorLogic, more: object = {}) => {
    const actor = createActor(logic, { input: { ...task, ...more } });
    actor.subscribe({ error: () => undefined });
    return toPromise(actor.start());
  };
  return {
    memory,
    asked,
    claim: () => run(claimPermit(parts, stores), { isRequested: false }),
    call: (more?: object) => run(callSource(parts), more),
    validate: () => run(validateResult(parts)),
    publish: () => run(publishRevision(parts, stores)),
    confirm: (version: object | null) => run(confirmRevision(parts, stores), { version }),
  };
}

function resultOf(data: unknown, more: Partial<Result> = {}): Result {
  return { ...encodePayload(data, limits), data, validators: undefined, permitId: 'permit-1', ...more };
}

const version = (revision: number, more: object = {}) => ({ revision, epoch, podId: 'pod-a', ...more });

test('without belief nothing is claimed, called, published or confirmed (promise 6)', async () => {
  const pod = leader({ reply: { outcome: 'granted' }, source: () => pod.asked.push({}) });
  pod.memory.unpublished.set('rates', resultOf({ usd: 1 }));
  pod.memory.stored.set('rates', record(1));
  pod.memory.belief.end();
  const outcomes = [await pod.claim(), await pod.call(), await pod.publish(), await pod.confirm(version(1))];
  expect(outcomes).toEqual(Array(4).fill({ outcome: 'uncertain' }));
  expect(pod.asked).toEqual([]);
});

describe('a source call', () => {
  test('is not made without a permit (promise 5)', async () => {
    const pod = leader();
    pod.memory.permits.clear();
    expect(await pod.call()).toEqual({ outcome: 'uncertain' });
  });

  test('is not made for a dataset that this pod does not have', async () => {
    const pod = leader();
    pod.memory.permits.set('moons', pod.memory.permits.get('rates') as never);
    await expect(pod.call({ plan: plan('moons') })).rejects.toMatchObject({ code: 'unknownDataset' });
  });

  test('that answers "unchanged" before anything was published is a failure of the source', async () => {
    const pod = leader({ source: async () => UNCHANGED });
    await expect(pod.call()).rejects.toMatchObject({ code: 'nothingPublished', kind: 'sourceFailed' });
  });

  test('leaves what it answered, with its validators if it gave some', async () => {
    const plain = leader({ source: async () => ({ usd: 1 }) });
    await plain.call();
    expect(plain.memory.answers.get('rates')).toEqual({ raw: { usd: 1 }, validators: undefined, permitId: 'permit-1' });
    const own = leader({ source: async () => ({ usd: 1, validators: 'of its own' }) });
    await own.call();
    expect(own.memory.answers.get('rates')?.validators).toBeUndefined();
    const full = leader({ source: async () => new SourceAnswer({ usd: 2 }, { etag: '"2"' }) });
    await full.call();
    expect(full.memory.answers.get('rates')).toEqual({
      raw: { usd: 2 },
      validators: { etag: '"2"' },
      permitId: 'permit-1',
    });
  });

  test.each([[{ etag: '"1"' }], [undefined]])(
    'is told of the current version with its validators: %j',
    async (validators) => {
      const calls: SourceCall<unknown>[] = [];
      const pod = leader({ source: async (call) => calls.push(call) });
      const current = record(1, validators && { validators });
      pod.memory.stored.set('rates', current);
      pod.memory.reader.serve('rates', { record: current, data: { usd: 1 }, payload: Buffer.from('{}') });
      await pod.call();
      const previous = { data: { usd: 1 }, revision: 1, ...(validators && { validators }) };
      expect(calls.map((call) => call.previous)).toStrictEqual([previous]);
    },
  );

  test.each([
    ['an error', new Error('boom'), { message: 'The source of "rates" threw: boom', code: 'sourceFailed' }],
    ['a text', 'boom', { message: 'The source of "rates" threw: boom', code: 'sourceFailed' }],
    [
      'a failure of its own kind',
      Object.assign(new Error('own'), { kind: 'sourceFailed', code: 'own' }),
      { code: 'own' },
    ],
    ['a wait', Object.assign(new Error('busy'), { retryAfterMs: 5 }), { kind: 'sourceFailed', retryAfterMs: 5 }],
  ])('that throws %s fails as a source does', async (_what, thrown, expected) => {
    const pod = leader({
      source: async () => {
        throw thrown;
      },
    });
    await expect(pod.call()).rejects.toMatchObject({ kind: 'sourceFailed', ...expected });
  });

  test('that asks for no wait has none', async () => {
    const pod = leader({ source: () => Promise.reject(new Error('boom')) });
    const error = await pod.call().catch((failure: unknown) => failure);
    expect(error).not.toHaveProperty('retryAfterMs');
  });
});

describe('validating', () => {
  const answered = (pod: ReturnType<typeof leader>, raw: unknown) =>
    pod.memory.answers.set('rates', { raw, validators: undefined, permitId: 'permit-1' });

  test('needs an answer', async () => {
    await expect(leader().validate()).rejects.toMatchObject({ code: 'wrongShape' });
  });

  test('finds that nothing has changed only where what is served is what Redis holds', async () => {
    const pod = leader();
    const { sha256, payload } = encodePayload({ usd: 1 }, limits);
    const served = record(3, { sha256 });
    pod.memory.reader.serve('rates', { record: served, data: { usd: 1 }, payload });
    pod.memory.stored.set('rates', served);
    answered(pod, { usd: 1 });
    expect(await pod.validate()).toMatchObject({ outcome: 'unchanged', version: { revision: 3 } });
    expect([pod.memory.published.has('rates'), pod.memory.unpublished.has('rates')]).toEqual([true, false]);
    pod.memory.stored.set('rates', record(4));
    answered(pod, { usd: 1 });
    expect(await pod.validate()).toEqual({ outcome: 'changed' });
    expect(pod.memory.unpublished.has('rates')).toBe(true);
  });
});

describe('publishing', () => {
  const published = { outcome: 'published', record: record(1) };
  const ready = (reply: Reply | Error, result = resultOf({ usd: 1 })) => {
    const pod = leader({ reply });
    pod.memory.unpublished.set('rates', result);
    return { ...pod, result };
  };

  test('of nothing is out of date', async () => {
    const pod = leader({ reply: published });
    expect([await pod.publish(), pod.asked]).toEqual([{ outcome: 'outdated' }, []]);
  });

  test('sends the validators that it has, and none if it has none', async () => {
    const [plain, full] = [ready(published), ready(published, resultOf({ usd: 1 }, { validators: { etag: '"1"' } }))];
    await Promise.all([plain.publish(), full.publish()]);
    expect(plain.asked[0]?.record).not.toHaveProperty('validators');
    expect(full.asked[0]?.record).toHaveProperty('validators', { etag: '"1"' });
  });

  test('sends the payload with the announcement up to the limit', async () => {
    const sizes = [inlineLimitBytes, inlineLimitBytes + 1];
    const pods = sizes.map((bytes) => ready(published, resultOf({ usd: 1 }, { bytes })));
    await Promise.all(pods.map((pod) => pod.publish()));
    expect(pods.map(({ asked }) => asked[0]?.isInline)).toEqual([true, false]);
  });

  test('that Redis refuses keeps the result, and its number unless Redis holds another version', async () => {
    const [lost, mismatched] = [ready({ outcome: 'notHolder' }), ready({ outcome: 'mismatch' })];
    expect([await lost.publish(), await mismatched.publish()]).toEqual([
      { outcome: 'notHolder' },
      { outcome: 'mismatch' },
    ]);
    expect([lost.result.proposal, mismatched.result.proposal]).toEqual([version(1), undefined]);
    for (const { memory, result } of [lost, mismatched]) {
      expect([memory.unpublished.get('rates'), memory.stored.size, memory.published.size]).toEqual([result, 0, 0]);
    }
  });

  test('that came too late drops the result', async () => {
    const pod = ready({ outcome: 'outdated' });
    expect(await pod.publish()).toEqual({ outcome: 'outdated' });
    expect(pod.memory.unpublished.size).toBe(0);
  });

  test('whose fate is unknown is tried again under its own number, until Redis holds a newer version (promise 3)', async () => {
    const pod = ready(new Error('no answer'));
    const attempt = async () => {
      await pod.publish().catch(() => undefined);
      return (pod.asked.at(-1)?.record as VersionRecord | undefined)?.revision;
    };
    expect([await attempt(), await attempt()]).toEqual([1, 1]);
    // It had landed.
    pod.memory.stored.set('rates', record(1, { epoch }));
    expect(await attempt()).toBe(1);
    pod.memory.stored.set('rates', record(4, { epoch }));
    expect(await attempt()).toBe(5);
  });

  describe('again, what a restore has overridden', () => {
    const again = async (proposalEpoch: number, stored: VersionRecord | undefined) => {
      const pod = leader({ reply: published });
      const result = resultOf({ usd: 1 }, { proposal: version(2, { epoch: proposalEpoch }) });
      pod.memory.published.set('rates', result);
      if (stored) pod.memory.stored.set('rates', stored);
      await pod.publish();
      return (pod.asked[0]?.record as VersionRecord | undefined)?.revision;
    };
    const { sha256 } = encodePayload({ usd: 1 }, limits);

    test('under the next number', async () => {
      expect(await again(epoch, record(5))).toBe(6);
    });

    test.each([
      ['it was published under an earlier lease', epoch - 1, record(5)],
      ['Redis holds nothing', epoch, undefined],
      ['Redis holds it', epoch, record(2, { epoch })],
      ['Redis holds an older version', epoch, record(1)],
      ['what Redis holds has the same content', epoch, record(5, { sha256 })],
    ])('not if %s', async (_what, proposalEpoch, stored) => {
      expect(await again(proposalEpoch, stored)).toBeUndefined();
    });

    test('not if it was never proposed', async () => {
      const pod = leader({ reply: published });
      pod.memory.published.set('rates', resultOf({ usd: 1 }));
      pod.memory.stored.set('rates', record(5));
      expect([await pod.publish(), pod.asked]).toEqual([{ outcome: 'outdated' }, []]);
    });
  });
});

describe('confirming', () => {
  test('notes what Redis holds then', async () => {
    const confirmed = record(1, { checkedAt: 9_000 });
    const pod = leader({ reply: { outcome: 'confirmed', record: confirmed } });
    pod.memory.stored.set('rates', record(1));
    expect(await pod.confirm(record(1))).toMatchObject({ outcome: 'confirmed', record: confirmed });
    expect(pod.memory.stored.get('rates')).toBe(confirmed);
  });

  test('under a lost lease changes nothing', async () => {
    const pod = leader({ reply: { outcome: 'notHolder' } });
    const stored = record(1);
    pod.memory.stored.set('rates', stored);
    expect(await pod.confirm(record(1))).toEqual({ outcome: 'notHolder' });
    expect(pod.memory.stored.get('rates')).toBe(stored);
  });

  test('of a version that Redis does not hold is not asked for', async () => {
    const pod = leader({ reply: { outcome: 'confirmed' } });
    expect([await pod.confirm(record(1)), pod.asked]).toEqual([{ outcome: 'mismatch' }, []]);
  });
});

describe('with a key', () => {
  const [key, oldKey] = ['k'.repeat(32), 'o'.repeat(32)];
  const integrity = integrityOf([key, oldKey]);
  const { payload, ...encoded } = encodePayload({ usd: 1 }, limits);
  const unsigned = record(3, { ...encoded, validators: { etag: '"of whoever writes to Redis"' } });
  const underOldKey = signed(integrityOf([oldKey]), unsigned);
  const underKey = signed(integrity, unsigned);

  function holding(current?: VersionRecord) {
    const calls: SourceCall<unknown>[] = [];
    const pod = leader({ integrity, source: async (call) => calls.push(call), reply: { outcome: 'notHolder' } });
    if (current) {
      pod.memory.stored.set('rates', current);
      pod.memory.reader.serve('rates', { record: current, data: { usd: 1 }, payload });
    }
    return { ...pod, calls };
  }

  test('the source is asked about a version that it signed as now, and about no other', async () => {
    for (const [current, previous] of [
      [underKey, { data: { usd: 1 }, revision: 3 }],
      [underOldKey, undefined],
      [unsigned, undefined],
      [undefined, undefined],
    ] as const) {
      const pod = holding(current);
      await pod.call();
      expect(pod.calls.map((call) => call.previous)).toStrictEqual([previous]);
    }
  });

  test('validators are believed of a call of its own alone', async () => {
    const pod = holding(underKey);
    pod.memory.published.set('rates', resultOf({ usd: 1 }, { validators: { etag: '"own"' } }));
    await pod.call();
    expect(pod.calls[0]?.previous).toStrictEqual({ data: { usd: 1 }, revision: 3, validators: { etag: '"own"' } });
  });

  test('what the source left unchanged is published anew unless it is signed as now', async () => {
    const outcomes: unknown[] = [];
    for (const current of [underKey, underOldKey, unsigned]) {
      const pod = holding(current);
      pod.memory.answers.set('rates', { raw: { usd: 1 }, validators: undefined, permitId: 'permit-1' });
      outcomes.push(((await pod.validate()) as { outcome: string }).outcome);
    }
    expect(outcomes).toEqual(['unchanged', 'changed', 'changed']);
  });

  test('what is published is signed, and without one it is not', async () => {
    const [withKey, without] = [holding(), leader({ reply: { outcome: 'notHolder' } })];
    for (const pod of [withKey, without]) {
      pod.memory.unpublished.set('rates', resultOf({ usd: 1 }));
      await pod.publish();
    }
    const proposed = withKey.asked[0]?.record as VersionRecord;
    expect([proposed.signature !== undefined, integrity.objection('rates', proposed)]).toEqual([true, undefined]);
    expect(without.asked[0]?.record).not.toHaveProperty('signature');
  });
});
