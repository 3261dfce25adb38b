/** Values that nobody means well with. */
import fc from 'fast-check';

export const oddNumbers = [
  '-1',
  '-0',
  '0',
  'NaN',
  'nan',
  'inf',
  '-inf',
  'Infinity',
  '1e300',
  '-1e300',
  '1e-300',
  '9007199254740991',
  '9007199254740993',
  '99999999999999999999',
  '0x10',
  '1.5',
  '4102444800000',
] as const;

const prototypes = [
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"\\u005f_proto__":{"polluted":1}}',
] as const;

const deep = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.constantFrom(100, 5_000, 20_000), fc.boolean())
  .map(([[open, close], depth, isClosed]) => `${open?.repeat(depth)}1${isClosed ? close?.repeat(depth) : ''}`);

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.json(),
  fc.constantFrom(...oddNumbers),
  fc.constantFrom(...prototypes),
  fc.constantFrom('', 'null', '[]', '{}', '""', 'pod-x#5', 'pod-x#-1', '#', 'a#b#c', '#1', 'x#1e300', '\ud800'),
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }).map((length) => 'x'.repeat(length)) },
);

export const hostileBytes: fc.Arbitrary<Buffer> = fc.oneof(
  hostileText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);

/** As it stands in a JSON document. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(-1, 1e300, -1e300, 1.5, 2 ** 53, Number.MAX_SAFE_INTEGER, 4_102_444_800_000, '__proto__', ''),
  fc.constantFrom('x'.repeat(10_000), [], {}, null),
);
