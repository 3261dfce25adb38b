/** Between data and payload bytes: promise 4, verified, and promise 3, one version has one content. */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodePayload, describeIssues, encodePayload } from '../../src/codec.ts';
import { BellwetherError } from '../../src/errors.ts';

const limits = { maxBytes: 10_000, compressAboveBytes: 1_000 };
const Rates = z.object({ base: z.string(), rates: z.record(z.string(), z.number().positive()) });
const rates = { base: 'eur', rates: { usd: 1.08, gbp: 0.86 } };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const recordOf = (payload: Buffer, encoding: 'json' | 'gzip' = 'json') => ({
  sha256: sha256(payload),
  bytes: payload.length,
  encoding,
});

function codeOf(raw: unknown): string {
  try {
    encodePayload(raw, limits);
    return 'encoded';
  } catch (error) {
    expect(error).toBeInstanceOf(BellwetherError);
    return `${(error as BellwetherError).code} ${(error as BellwetherError).kind}`;
  }
}

describe('encoding', () => {
  test('writes small data as plain JSON, so that redis-cli reads it', () => {
    const encoded = encodePayload(rates, limits);
    expect(encoded.payload.toString()).toBe(JSON.stringify(rates));
    expect(encoded).toMatchObject({ encoding: 'json', bytes: encoded.payload.length, sha256: sha256(encoded.payload) });
  });

  test.each([
    [1_000, 'json'],
    [1_001, 'gzip'],
  ])('of %d bytes of JSON gives %s', (bytes, encoding) => {
    const encoded = encodePayload('x'.repeat(bytes - 2), limits);
    expect([encoded.encoding, encoded.bytes === encoded.payload.length]).toEqual([encoding, true]);
    expect(decodePayload(encoded, encoded.payload, z.string(), limits.maxBytes)).toMatchObject({ outcome: 'verified' });
  });

  test('leaves as it is what compression would make longer', () => {
    const noise = randomBytes(900).toString('base64');
    expect(encodePayload([noise.slice(0, 12)], { maxBytes: 100, compressAboveBytes: 1 }).encoding).toBe('json');
  });

  test('gives the same bytes for the same data, compressed or not', () => {
    for (const raw of [rates, 'y'.repeat(5_000)]) {
      expect(encodePayload(raw, limits).sha256).toBe(encodePayload(structuredClone(raw), limits).sha256);
    }
  });

  test.each([
    ['a function', () => 1],
    ['undefined', undefined],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a cycle', cyclic()],
  ])('refuses %s: JSON cannot hold it', (_what, raw) => {
    expect(codeOf(raw)).toBe('notJson sourceFailed');
  });

  test('refuses more than the limit, by the size of the text and not of the compressed bytes', () => {
    expect(codeOf('z'.repeat(limits.maxBytes - 2))).toBe('encoded');
    expect(codeOf('z'.repeat(limits.maxBytes - 1))).toBe('tooLarge sourceFailed');
  });
});

describe('decoding', () => {
  test('gives back what was encoded, frozen all the way down', () => {
    const encoded = encodePayload(rates, limits);
    const decoded = decodePayload(encoded, encoded.payload, Rates, limits.maxBytes);
    expect(decoded).toEqual({ outcome: 'verified', data: rates });
    const { data } = decoded as unknown as { data: typeof rates };
    expect([Object.isFrozen(data), Object.isFrozen(data.rates)]).toEqual([true, true]);
    expect(() => {
      data.rates.usd = 2;
    }).toThrow(TypeError);
  });

  test('freezes on the inside what a schema has frozen on the outside', () => {
    const encoded = encodePayload(rates, limits);
    const decoded = decodePayload(encoded, encoded.payload, Rates.readonly(), limits.maxBytes);
    expect(Object.isFrozen((decoded as unknown as { data: typeof rates }).data.rates)).toBe(true);
  });

  test.each([
    ['a cycle', z.unknown().transform(cyclic)],
    ['bytes', z.unknown().transform(() => ({ bytes: new Uint8Array(3) }))],
    ['null', z.unknown().transform(() => null)],
  ])('copes with a schema that makes %s of the data', (_what, schema) => {
    const encoded = encodePayload(rates, limits);
    expect(decodePayload(encoded, encoded.payload, schema, limits.maxBytes).outcome).toBe('verified');
  });

  test('finds a missing payload damaged', () => {
    const { payload } = encodePayload(rates, limits);
    expect(decodePayload(recordOf(payload), undefined, Rates, 1_000)).toEqual({
      outcome: 'damaged',
      reason: 'the payload is missing',
    });
  });

  test('finds every single changed byte damaged, before it is parsed', () => {
    const { payload } = encodePayload(rates, limits);
    for (let i = 0; i < payload.length; i++) {
      const changed = Buffer.from(payload);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(decodePayload(recordOf(payload), changed, Rates, 1_000).outcome).toBe('damaged');
    }
    expect(decodePayload(recordOf(payload), payload.subarray(0, -1), Rates, 1_000).outcome).toBe('damaged');
  });

  test.each([
    ['that is not JSON', Buffer.from('<html>'), 'json', 'the payload is not json'],
    ['that is not gzipped', Buffer.from('{}'), 'gzip', 'the payload is not gzip'],
    ['that unpacks to more than the limit', gzipSync(Buffer.alloc(1_001, 0x20)), 'gzip', 'the payload is not gzip'],
  ] as const)('rejects a payload %s, although its checksum is right', (_what, payload, encoding, reason) => {
    const decoded = decodePayload(recordOf(payload, encoding), payload, Rates, 1_000);
    expect(decoded.outcome).toBe('rejected');
    expect((decoded as { reason: string }).reason).toMatch(reason);
  });

  test('rejects what is longer than the limit, by its record or in truth, before anything is parsed', () => {
    const payload = Buffer.from(JSON.stringify('x'.repeat(2_000)));
    const decoded = decodePayload(recordOf(payload), payload, z.string(), 1_000);
    expect(decoded).toEqual({ outcome: 'rejected', reason: 'it has 2002 bytes, more than maxBytes (1000)' });
    const liar = { ...recordOf(payload), bytes: 5 };
    expect(decodePayload(liar, payload, z.string(), 1_000).outcome).toBe('rejected');
    const boaster = { ...recordOf(payload), bytes: 5_000 };
    expect(decodePayload(boaster, undefined, z.string(), 3_000).outcome).toBe('rejected');
  });

  test.each([
    ['__proto__', '{"a":[{"b":{"__proto__":{"isAdmin":true}}}]}'],
    ['__proto__', String.raw`{"\u005f\u005fproto\u005f_":{"isAdmin":true}}`],
    ['constructor.prototype', '{"constructor":{"prototype":{"isAdmin":true}}}'],
  ])('rejects data with a key %s, which some code that merges objects takes for the prototype', (key, text) => {
    const payload = Buffer.from(text);
    expect(decodePayload(recordOf(payload), payload, z.unknown(), 1_000)).toEqual({
      outcome: 'rejected',
      reason: `it has a key "${key}", which no data needs`,
    });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  test('takes such words where they are no such keys, however deep', () => {
    const texts = [
      '{"a":"__proto__"}',
      '{"constructor":"Lego","x":"\\u0041"}',
      `["__proto__",${'['.repeat(400)}${']'.repeat(400)}]`,
    ];
    for (const text of texts) {
      const payload = Buffer.from(text);
      expect(decodePayload(recordOf(payload), payload, z.unknown(), 1_000).outcome, text).toBe('verified');
    }
  });

  test('rejects what the schema refuses, and says where', () => {
    const payload = Buffer.from(JSON.stringify({ base: 'eur', rates: { usd: -1 } }));
    const decoded = decodePayload(recordOf(payload), payload, Rates, 1_000);
    expect(decoded).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/^rates\.usd: /) });
  });

  test.each([
    [
      'throws',
      z.string().refine(() => {
        throw new Error('broken check');
      }),
    ],
    ['is asynchronous', z.string().refine(async () => true)],
  ])('rejects with a reason where the schema itself %s: no crash (promise 8)', (_what, schema) => {
    const payload = Buffer.from('"text"');
    expect(decodePayload(recordOf(payload), payload, schema, 1_000)).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringMatching(/^the schema could not be applied: /),
    });
  });

  test('serves what the schema makes of the data, on every pod alike', () => {
    const schema = z.object({ day: z.string().transform((text) => text.length) });
    const payload = Buffer.from('{"day":"monday","more":1}');
    expect(decodePayload(recordOf(payload), payload, schema, 1_000)).toEqual({ outcome: 'verified', data: { day: 6 } });
  });
});

describe('the description of faults', () => {
  const issue = (n: number) => ({ path: ['rates', n], message: 'expected number' });

  test('names the first three with their paths, and counts the others', () => {
    expect(describeIssues([issue(0), issue(1), issue(2), issue(3), issue(4)])).toBe(
      'rates.0: expected number; rates.1: expected number; rates.2: expected number (and 2 more)',
    );
    expect(describeIssues([{ path: [], message: 'expected object' }])).toBe('(whole): expected object');
  });

  test('stays short, whatever the data holds', () => {
    expect(describeIssues([{ path: ['x'.repeat(10_000)], message: 'no' }]).length).toBeLessThanOrEqual(400);
  });
});

function cyclic(): unknown {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  return cycle;
}
