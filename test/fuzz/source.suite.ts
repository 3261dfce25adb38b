/** What an API may answer: data, or an error of one sentence, and every connection closed. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SourceAnswer, SourceError } from '../../src/index.ts';
import { fetchFrom, serveRaw } from '../unit/http-source-fixture.ts';
import { assertFor, boundingMemory, type Extent } from './campaign.ts';
import { hostileBytes, hostileText } from './hostile.ts';

type Answer = Readonly<{ bytes: Buffer; ending: 'end' | 'destroy' | 'hang' | 'drip' }>;

const sizeLimit = 2 ** 20;
const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, '['));
const huge = Buffer.alloc(3 * 2 ** 20, ' ');

const body = fc.oneof(
  hostileBytes,
  hostileBytes.map((bytes) => gzipSync(bytes)),
  hostileBytes.map((bytes) => gzipSync(bytes).subarray(0, 15)),
  fc.constantFrom(bomb, huge),
);

const header = fc.oneof(
  fc.constantFrom(
    'content-type: application/json',
    'content-type: text/html',
    'content-encoding: gzip',
    'content-encoding: br',
    'content-encoding: gzip, gzip, gzip',
    'transfer-encoding: chunked',
    'content-length: 5',
    'content-length: -1',
    'content-length: 99999999999',
    'location: /again',
    'location: http://[',
    'location: file:///etc/passwd',
    'retry-after: -5',
    'retry-after: 99999999999999',
    'retry-after: Thu, 01 Jan 9999 00:00:00 GMT',
    'etag: "',
    '__proto__: x',
  ),
  hostileText.map((text) => `x-odd: ${text.slice(0, 5_000)}`),
  fc.nat(200).map((count) => 'x-many: y\r\n'.repeat(count).trimEnd()),
);

const answers: fc.Arbitrary<Answer> = fc.record({
  bytes: fc.oneof(
    { weight: 1, arbitrary: hostileBytes },
    {
      weight: 9,
      arbitrary: fc
        .tuple(
          fc.oneof(fc.constant(200), fc.constantFrom(100, 204, 206, 301, 302, 304, 307, 401, 404, 429, 500, 503, 999)),
          fc.array(header, { maxLength: 4 }),
          fc.boolean(),
          body,
        )
        .map(([status, headers, isJson, content]) => {
          const lines = [`HTTP/1.1 ${status} X`, ...(isJson ? ['content-type: application/json'] : []), ...headers];
          return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]);
        }),
    },
  ),
  ending: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('end', 'destroy') },
    { weight: 1, arbitrary: fc.constantFrom('hang', 'drip') },
  ) as fc.Arbitrary<Answer['ending']>,
});

function send(socket: Socket, { bytes, ending }: Answer): void {
  if (ending === 'end') socket.end(bytes);
  else if (ending === 'destroy') socket.write(bytes, () => socket.destroy());
  else socket.write(bytes);
  if (ending !== 'drip') return;
  const dripping = setInterval(() => socket.write(' '), 20);
  socket.once('close', () => clearInterval(dripping));
}

export function fuzzSource(extent: Extent): void {
  const runs = extent === 'whole' ? 2_000 : 80;

  test('source answers: data, or one error of one sentence', { timeout: 900_000 }, async () => {
    let next: Answer | undefined;
    const url = await serveRaw((socket) => next && send(socket, next));
    const outcomes = { data: 0, error: 0 };
    await boundingMemory(() =>
      assertFor(answers, runs, async (answer) => {
        next = answer;
        const outcome: unknown = await fetchFrom(url, { sizeLimit, timeLimit: 250 }).catch((error: unknown) => error);
        if (outcome instanceof SourceAnswer) {
          outcomes.data += 1;
          expect(JSON.stringify(outcome.data).length).toBeLessThan(2 * sizeLimit);
          return;
        }
        expect(outcome).toBeInstanceOf(SourceError);
        expect((outcome as SourceError).message).toMatch(/^rates: http[^\n]+; [^\n]+\.$/);
        outcomes.error += 1;
      }),
    );
    expect(outcomes.data).toBeGreaterThan(0);
    expect(outcomes.error).toBeGreaterThan(0);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
}
