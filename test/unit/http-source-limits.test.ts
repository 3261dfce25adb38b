/** What ends a call: the size limit, the time limit, the signal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { data, deferred, failure, fetchFrom, json, serve, serveJson } from './http-source-fixture.ts';

describe('the size limit', () => {
  /** Sends until the client goes; resolves to the bytes that were sent by then. */
  function flood(response: ServerResponse, chunk: Buffer, totalBytes: number): Promise<number> {
    const { promise, resolve } = deferred<number>();
    let sentBytes = 0;
    response.once('close', () => resolve(sentBytes));
    const send = () => {
      while (!response.destroyed && sentBytes < totalBytes) {
        sentBytes += chunk.byteLength;
        if (!response.write(chunk)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
    return promise;
  }

  test('cuts off 500 MB at 16 MiB, and holds no more than that', async () => {
    const sent = deferred<number>();
    const url = await serve((_, response) => {
      response.writeHead(200, json);
      sent.resolve(flood(response, Buffer.alloc(65_536, ' '), 500e6));
    });
    const before = process.memoryUsage();
    expect((await failure(fetchFrom(url))).code).toBe('tooLarge');
    const { rss, arrayBuffers } = process.memoryUsage();
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(64e6);
    expect(rss - before.rss).toBeLessThan(200e6);
    expect(await sent.promise).toBeLessThan(40e6);
  });

  test('reads nothing of an answer that admits to be too large', async () => {
    const sent = deferred<number>();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(500e6) });
      sent.resolve(flood(response, Buffer.alloc(65_536, ' '), 500e6));
    });
    expect((await failure(fetchFrom(url))).code).toBe('tooLarge');
    expect(await sent.promise).toBeLessThan(10e6);
  });

  test('counts the bytes after decompression', async () => {
    const closed = deferred<void>();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      const bomb = createGzip();
      bomb.pipe(response);
      const plain = Buffer.alloc(2 ** 20, ' ');
      const send = (): void => {
        if (response.destroyed) return void bomb.destroy();
        bomb.write(plain, send);
      };
      response.once('close', () => closed.resolve());
      send();
    });
    const before = process.memoryUsage();
    expect((await failure(fetchFrom(url))).code).toBe('tooLarge');
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(200e6);
    // It would go on for ever: a thousandth of it travels, so how much was sent by then is no measure.
    await closed.promise;
  });

  test('lets through an answer of exactly its size, and nothing larger', async () => {
    const url = await serveJson('"123456"');
    expect(await data(fetchFrom(url, { sizeLimit: 8 }))).toBe('123456');
    expect((await failure(fetchFrom(url, { sizeLimit: 7 }))).code).toBe('tooLarge');
    const chunked = await serve((_, response) => {
      response.writeHead(200, json).write('"123');
      response.end('456"');
    });
    expect(await data(fetchFrom(chunked, { sizeLimit: 8 }))).toBe('123456');
    expect((await failure(fetchFrom(chunked, { sizeLimit: 7 }))).code).toBe('tooLarge');
  });
});

describe('the time limit', () => {
  /** The answer never ends; resolves when the client has gone. */
  async function endless(begin: (request: IncomingMessage, response: ServerResponse) => void) {
    const gone = deferred<void>();
    const url = await serve((request, response) => {
      response.once('close', () => gone.resolve());
      begin(request, response);
    });
    return { url, gone: gone.promise };
  }

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['hangs before its headers', () => {}],
    ['sends headers and then nothing for ever', (_, response) => response.writeHead(200, json).flushHeaders()],
    ['hangs in the middle of its body', (_, response) => void response.writeHead(200, json).write('{"a":')],
    [
      'sends a byte now and then for ever',
      (_, response) => {
        response.writeHead(200, json);
        const timer = setInterval(() => response.write(' '), 10);
        response.once('close', () => clearInterval(timer));
      },
    ],
    ['hangs with an error status', (_, response) => void response.writeHead(500, json).write('{')],
  ])('ends a server that %s', async (_, begin) => {
    const { url, gone } = await endless(begin);
    const { code } = await failure(fetchFrom(url, { timeLimit: '150ms' }));
    expect(['timeout', 'badStatus']).toContain(code);
    await gone;
  });

  test('counts all redirects together', async () => {
    const url = await serve((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 80);
    });
    const { code, message } = await failure(fetchFrom(url, { timeLimit: 200 }));
    expect(code).toBe('timeout');
    expect(message).toContain('within 200ms');
  });

  test('holds even for a fetch that knows of no signals, and its late answer is cancelled', async () => {
    const late = deferred<Response>();
    const cancelled = deferred<void>();
    const body = new ReadableStream({ cancel: () => cancelled.resolve() });
    const answer = fetchFrom('http://api.test', { timeLimit: 20, fetch: () => late.promise });
    expect((await failure(answer)).code).toBe('timeout');
    late.resolve(new Response(body, { headers: json }));
    await cancelled.promise;
  });
});

describe('a fetch that knows of no signals', () => {
  test.each([500, 200, 304])('has its body cancelled after status %d, too', async (status) => {
    const cancelled = deferred<void>();
    const body = new ReadableStream({ cancel: () => cancelled.resolve() });
    // Response refuses a body with 304; a real one may have it anyway.
    const response = Object.defineProperty(new Response(body, { headers: { 'content-type': 'text/html' } }), 'status', {
      value: status,
    });
    const previous = { data: 1, revision: 1, validators: { etag: '"1"' } };
    await fetchFrom('http://api.test', { fetch: async () => response }, { previous }).catch(() => {});
    await cancelled.promise;
  });
});

describe('aborting', () => {
  test('beforehand makes no request', async () => {
    const answer = fetchFrom(
      'http://api.test',
      { fetch: () => expect.fail('called') },
      { signal: AbortSignal.abort() },
    );
    expect((await failure(answer)).code).toBe('aborted');
  });

  test('before the headers ends the call at once', async () => {
    const controller = new AbortController();
    const gone = deferred<void>();
    const url = await serve((_, response) => {
      response.once('close', () => gone.resolve());
      controller.abort();
    });
    expect((await failure(fetchFrom(url, {}, { signal: controller.signal }))).code).toBe('aborted');
    await gone.promise;
  });

  test('in the middle of the body ends the call at once', async () => {
    const controller = new AbortController();
    const gone = deferred<void>();
    const url = await serve((_, response) => {
      response.once('close', () => gone.resolve());
      response.writeHead(200, json).write('{"a":', () => controller.abort());
    });
    const { code, cause } = await failure(fetchFrom(url, {}, { signal: controller.signal }));
    expect(code).toBe('aborted');
    expect(cause).toBe(controller.signal.reason);
    await gone.promise;
  });
});
