/** What a stranger can make the server hold, and for how long: real sockets, and bytes that no client would send. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from './service-process.ts';

const token = 'a token of the operators';
let service: TestService;
beforeAll(async () => {
  service = await startTestService({ ADMIN_TOKEN: token });
});
afterAll(() => service.stop());

/** All that comes back until the server closes the connection. */
async function send(text: string): Promise<string> {
  const socket = connect(service.running.http.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // The server may close while we still write: that is what is asked here.
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const sentences = (answer: string) => answer.split('\r\n\r\n')[1] ?? '';

describe('a request', () => {
  test('whose headers are longer than 8 KB: 431', async () => {
    expect(await send(`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('whose headers never end: 408, and the connection is closed', async () => {
    expect(await send('GET /livez HTTP/1.1\r\nhost: a\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that is none: 400', async () => {
    expect(await send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ['a host that is none', 'GET /livez HTTP/1.1\r\nhost: a b/c\r\nconnection: close\r\n\r\n'],
    ['no path at all', 'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
  ])('with %s: 400 and one sentence', async (_what, text) => {
    const answer = await send(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(sentences(answer)).toContain('{"error":"This is no request that could be read."}');
  });

  test('with TRACE: 405, and nothing of it is sent back', async () => {
    const answer = await send('TRACE /livez HTTP/1.1\r\nhost: a\r\ncookie: secret\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).not.toContain('secret');
  });

  test('with a body where none is wanted is not kept waiting for it', async () => {
    expect((await service.get('/livez', { method: 'POST', body: 'x'.repeat(1_000_000) })).status).toBe(405);
  });

  test.each([
    ['too long', 413, `content-length: 2000\r\n\r\n${'x'.repeat(2_000)}`, 'The body is longer than 1024 bytes.'],
    [
      'of no told length',
      411,
      'transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      'Say how long the body is: send Content-Length.',
    ],
  ])('for an operator with a body %s: %i', async (_what, status, rest, error) => {
    const answer = await send(`POST /admin/refresh/rates HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${rest}`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(sentences(answer))).toEqual({ error });
  });
});

test('after all of that the pod is alive', async () => {
  expect(await service.json('/livez')).toEqual([200, { status: 'ok' }]);
});
