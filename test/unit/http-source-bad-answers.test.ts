/** Whatever a server may answer instead of a dataset: one clear error each. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { closeServers, data, failure, fetchFrom, json, serve, serveJson, serveRaw } from './http-source-fixture.ts';

describe('an answer that is no dataset', () => {
  test.each([
    [500, 'the fault is on its side'],
    [502, 'the fault is on its side'],
    [401, 'check the credentials'],
    [404, 'check the option url'],
    [201, 'only 200'],
    [206, 'only 200'],
  ])('of status %d is refused, with what to do', async (status, advice) => {
    const { code, message } = await failure(fetchFrom(await serveJson('{}', {}, status)));
    expect(code).toBe('badStatus');
    expect(message).toContain(`answered ${status}`);
    expect(message).toContain(advice);
  });

  test('of HTML is refused by its content type', async () => {
    const error = await failure(fetchFrom(await serveJson('<html>', { 'content-type': 'text/html; charset=utf-8' })));
    expect(error.code).toBe('badContentType');
    expect(error.message).toContain('text/html');
  });

  test('of HTML that claims to be JSON is refused by its content', async () => {
    expect((await failure(fetchFrom(await serveJson('<!doctype html>\n<html>')))).code).toBe('badJson');
  });

  test('without a content type is refused', async () => {
    const { code, message } = await failure(fetchFrom(await serve((_, response) => response.end('{}'))));
    expect(code).toBe('badContentType');
    expect(message).toContain('no content type');
  });

  test.each([
    ['status 204', 204, ''],
    ['an empty body', 200, ''],
    ['a blank body', 200, ' \n'],
  ])('with %s is refused as empty', async (_, status, body) => {
    expect((await failure(fetchFrom(await serveJson(body, {}, status)))).code).toBe('empty');
  });

  test('with an empty chunked body is refused as empty', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, json).flushHeaders();
      response.end();
    });
    expect((await failure(fetchFrom(url))).code).toBe('empty');
  });

  test.each([
    ['wrong JSON', '{"a":1,}'],
    ['two documents', '{}{}'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}é', 'utf16le')],
    ['NaN', '{"a":NaN}'],
  ])('with %s is refused as bad JSON', async (_, body) => {
    expect((await failure(fetchFrom(await serveJson(body)))).code).toBe('badJson');
  });

  test('nested too deep is refused, before anything overflows its stack; brackets in strings do not count', async () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const { code, message } = await failure(fetchFrom(await serveJson(nested(1_000_000))));
    expect(code).toBe('badJson');
    expect(message).toContain('nested more than');
    const text = JSON.stringify({ a: `\\"${'['.repeat(1_000)}`, b: nested(3) });
    expect(await data(fetchFrom(await serveJson(text)))).toEqual(JSON.parse(text));
  });

  test('in a compression that was not asked for is refused', async () => {
    const url = await serveJson(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x02]), { 'content-encoding': 'zstd' });
    expect((await failure(fetchFrom(url))).code).toBe('badJson');
  });

  test('never puts line breaks or long texts of the server into the message', async () => {
    const url = await serveJson(`{"a\n${'x'.repeat(5_000)}`);
    expect((await failure(fetchFrom(url))).message.length).toBeLessThan(400);
  });
});

describe('an answer that breaks off', () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

  test.each([
    ['before its content-length', `${head}content-length: 100\r\n\r\n{"a":`, 'brokenBody'],
    ['between two chunks', `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`, 'brokenBody'],
    ['with no length given', `${head}\r\n{"a":`, 'brokenBody'],
    [
      'after Connection: close',
      `${head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n7\r\n{"a":12\r\n`,
      'brokenBody',
    ],
    ['within a string', `${head}\r\n["EUR`, 'brokenBody'],
    ['before its headers are complete', head, 'unreachable'],
    ['before it begins', '', 'unreachable'],
    ['by not being HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'badProtocol'],
    ['in garbage for chunks', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`, 'brokenBody'],
    ['in endless headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`, 'badProtocol'],
  ])('%s is refused', async (_, text, code) => {
    const url = await serveRaw((socket) => socket.end(text));
    expect((await failure(fetchFrom(url))).code).toBe(code);
  });

  test('in damaged gzip is refused', async () => {
    const damaged = gzipSync('{"a":1}'.padEnd(2_000)).fill(0x55, 12, 20);
    expect((await failure(fetchFrom(await serveJson(damaged, { 'content-encoding': 'gzip' })))).code).toBe(
      'brokenBody',
    );
  });
});

describe('Retry-After', () => {
  const answer = async (status: number, headers: Record<string, string>) =>
    failure(fetchFrom(await serveJson('{}', headers, status)));

  test.each([429, 503])('in seconds, with status %d, says when to come back', async (status) => {
    const { code, retryAfterMs, message } = await answer(status, { 'retry-after': '120' });
    expect(code).toBe('badStatus');
    expect(retryAfterMs).toBe(120_000);
    expect(message).toContain('asks not to be called for 2m');
  });

  test("as a date is measured on the server's own clock", async () => {
    const headers = { 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT', date: 'Sun, 06 Nov 1994 08:49:37 GMT' };
    expect((await answer(429, headers)).retryAfterMs).toBe(30_000);
  });

  test('as a date without a Date beside it is measured on our clock', async () => {
    const url = await serve((_, response) => {
      response.sendDate = false;
      response.writeHead(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }).end();
    });
    const { retryAfterMs } = await failure(fetchFrom(url));
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each([
    ['0', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['9'.repeat(400), 2 ** 31 - 1],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 2 ** 31 - 1],
    ['-5', undefined],
    ['1.5', undefined],
    ['10 minutes', undefined],
    ['Mon, nonsense GMT', undefined],
    ['', undefined],
  ])('of %j becomes %j ms', async (text, retryAfterMs) => {
    expect((await answer(429, { 'retry-after': text })).retryAfterMs).toBe(retryAfterMs);
  });

  test('is undefined when there is none', async () => {
    expect((await answer(429, {})).retryAfterMs).toBeUndefined();
  });
});

describe('a server that is not there', () => {
  test('refuses the connection: one sentence that says so', async () => {
    const url = await serve(() => {});
    await closeServers();
    const { code, message } = await failure(fetchFrom(url));
    expect(code).toBe('unreachable');
    expect(message).toContain('refuses the connection (ECONNREFUSED)');
  });

  test('has a name that nobody knows: one sentence that says so', async () => {
    const { code, message } = await failure(fetchFrom('http://api.invalid/rates'));
    expect(code).toBe('unreachable');
    expect(message).toContain('DNS');
  });

  test('is no TLS server: one sentence that says so', async () => {
    const url = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await failure(fetchFrom(url.replace('http:', 'https:')))).code).toBe('badProtocol');
  });
});

describe('redirects', () => {
  test('are followed, three at most', async () => {
    const hops = Number;
    const url = await serve((request, response) => {
      const left = hops(request.url?.slice(1));
      if (left === 0) response.writeHead(200, json).end('"there"');
      else response.writeHead(307, { location: `/${left - 1}` }).end('moved');
    });
    expect(await data(fetchFrom(`${url}/3`))).toBe('there');
    expect((await failure(fetchFrom(`${url}/4`))).code).toBe('badRedirect');
  });

  test('in a loop end', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(302, { location: '/' }).end();
    });
    expect((await failure(fetchFrom(url))).code).toBe('badRedirect');
    expect(requests).toBe(4);
  });

  test.each(['https://127.0.0.1:1/', 'file:///etc/passwd', 'data:application/json,1', 'http://', ''])(
    'to %j are refused',
    async (location) => {
      expect((await failure(fetchFrom(await serveJson('', { location }, 302)))).code).toBe('badRedirect');
    },
  );

  test('take the configured headers along to the same origin only', async () => {
    const received: IncomingMessage['headers'][] = [];
    const answer: RequestListener = ({ headers }, response) => {
      received.push(headers);
      response.writeHead(200, json).end('1');
    };
    const elsewhere = await serve(answer);
    const home = await serve((request, response) => {
      if (request.url === '/same') return answer(request, response);
      response.writeHead(302, { location: request.url === '/away' ? elsewhere : '/same' }).end();
    });
    const headers = { 'x-api-key': 'secret', 'user-agent': 'pod' };
    const withPassword = home.replace('//', '//user:pass@');
    await fetchFrom(`${withPassword}/near`, { headers });
    await fetchFrom(`${withPassword}/away`, { headers });
    expect(received[0]).toMatchObject({ 'x-api-key': 'secret', authorization: expect.stringMatching(/^Basic/) });
    expect(received[1]).toMatchObject({ 'user-agent': 'bellwether' });
    expect(received[1]).not.toHaveProperty('x-api-key');
    expect(received[1]).not.toHaveProperty('authorization');
  });
});
