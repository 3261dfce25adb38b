/** 10,000 generated requests that nobody means well with, and a thousand that are none: each is answered, none harms. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { pickerOf } from '../../src/testing/random.ts';
import { startTestService, untilReady } from './service-process.ts';

const { next: random } = pickerOf(7);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const repeat = (text: string) => text.repeat(Math.floor(random() ** 4 * 2_000));

const methods = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'PROPFIND',
];
const roots = [
  'livez',
  'readyz',
  'health',
  'metrics',
  'version',
  'revision',
  'rates',
  'terms',
  'admin',
  'dashboard',
  '',
];
const parts = [
  '..',
  '.',
  '%2e%2e',
  '%00',
  '%',
  '%zz',
  '__proto__',
  'constructor',
  'toString',
  'usd',
  'USD',
  'eur',
  '*',
  ':base',
];
const odd = [
  '<script>',
  '{{7*7}}',
  "' or 1=1",
  '\u{1F600}',
  'é',
  ' ',
  '?a=b',
  '#c',
  ';d',
  '//',
  '\\',
  '%c0%af',
  'refresh',
  'events',
];
const names = [
  'if-none-match',
  'authorization',
  'accept-encoding',
  'origin',
  'content-type',
  'x-forwarded-for',
  '__proto__',
  'range',
];
const values = [
  '*',
  '"',
  '"1-2',
  'W/"',
  'Bearer',
  'Bearer ',
  'bearer x',
  'gzip;q=9',
  'null',
  'application/json',
  '0',
  '-1',
  'bytes=0-1',
];

function path(): string {
  const more = Array.from({ length: Math.floor(random() * 4) }, () => pick([...parts, ...odd]) + repeat('a'));
  return `/${[pick(roots), ...more].join('/')}`;
}

function headers(): string[] {
  return Array.from({ length: Math.floor(random() * 5) }, () => `${pick(names)}: ${pick(values)}${repeat('x')}`);
}

function request(): string {
  const body = random() < 0.2 ? `{"__proto__":{"polluted":1},"podId":"${repeat('y')}"}` : '';
  const length = random() < 0.9 ? [`content-length: ${Buffer.byteLength(body)}`] : [];
  return `${pick(methods)} ${path()} HTTP/1.1\r\n${['host: pod', 'connection: close', ...length, ...headers()].join('\r\n')}\r\n\r\n${body}`;
}

function bytes(): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
}

test('are all answered, within bounds, and the pod serves on', { timeout: 120_000 }, async () => {
  const service = await startTestService({ ADMIN_TOKEN: 'correct-horse-battery-staple' });
  await untilReady(service);
  const before = await (await service.get('/rates')).text();

  async function send(what: string | Buffer): Promise<string> {
    const socket = connect(service.running.http.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      // A stream of events has no end of its own.
      if (chunk.includes('text/event-stream')) socket.destroy();
    });
    // A server that closes in the middle of a request is one of the answers.
    socket.on('error', () => {});
    socket.end(what);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  }

  const statuses = new Map<string, number>();
  const judge = (what: string, answer: string) => {
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 'closed';
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect(status, what).not.toMatch(/^5/);
    if (status === 'closed') return;
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    if (/^4/.test(status) && body !== '') expect(JSON.parse(body), what).toEqual({ error: expect.any(String) });
    expect(head, what).not.toMatch(/\r\n(server|x-powered-by):/i);
  };
  for (let batch = 0; batch < 500; batch += 1) {
    const requests = Array.from({ length: 20 }, request);
    const answers = await Promise.all(requests.map(send));
    for (const [index, answer] of answers.entries()) judge(requests[index] as string, answer);
  }
  for (let batch = 0; batch < 50; batch += 1) {
    const none = Array.from({ length: 20 }, bytes);
    for (const answer of await Promise.all(none.map(send))) judge('bytes', answer);
  }

  // Both what is there and what is refused was met.
  for (const status of ['200', '400', '401', '404', '405', '431'])
    expect(statuses.get(status), status).toBeGreaterThan(0);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(await service.json('/livez')).toEqual([200, { status: 'ok' }]);
  expect(await (await service.get('/rates')).text()).toBe(before);
  await service.stop();
});
