/** What `httpSource` asks for and what it takes, against real servers. */
import { getEventListeners } from 'node:events';
import { gzipSync } from 'node:zlib';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { HttpSourceOptions } from '../../src/source/http-options.ts';
import { httpSource } from '../../src/source/http-source.ts';
import { type Source, SourceAnswer, type SourceCall, UNCHANGED } from '../../src/source/source.ts';
import { data, deferred, type Extra, failure, fetchFrom, json, serve, serveJson } from './http-source-fixture.ts';

describe('a good answer', () => {
  test('is a SourceAnswer with the parsed JSON and its validators', async () => {
    const lastModified = 'Mon, 28 Sep 2026 00:00:00 GMT';
    const url = await serveJson('{"a":[1,"ü"]}', { etag: 'W/"7"', 'last-modified': lastModified });
    expect(await fetchFrom(url)).toEqual(new SourceAnswer({ a: [1, 'ü'] }, { etag: 'W/"7"', lastModified }));
  });

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.api+json', 'text/json'])(
    'is taken as %s',
    async (contentType) => {
      expect(await data(fetchFrom(await serveJson('1', { 'content-type': contentType })))).toBe(1);
    },
  );

  test('is taken as any type that the option accept names', async () => {
    const url = await serveJson('[]', { 'content-type': 'text/plain; charset=utf-8' });
    expect((await failure(fetchFrom(url))).code).toBe('badContentType');
    expect(await data(fetchFrom(url, { accept: 'application/json, text/plain' }))).toEqual([]);
  });

  test('may be compressed, and may begin with a byte order mark', async () => {
    const body = gzipSync('\ufeff{"a":1}');
    expect(await data(fetchFrom(await serveJson(body, { 'content-encoding': 'gzip' })))).toEqual({ a: 1 });
  });

  test('may come in single bytes', async () => {
    const text = JSON.stringify({ a: 'x'.repeat(3_000) });
    const url = await serve((_, response) => {
      response.writeHead(200, json);
      for (const character of text) response.write(character);
      response.end();
    });
    expect(await data(fetchFrom(url))).toEqual(JSON.parse(text));
  });

  test('leaves no connection open', async () => {
    const closed = deferred<void>();
    const url = await serve((request, response) => {
      request.socket.once('close', () => closed.resolve());
      response.writeHead(200, json).end('1');
    });
    await fetchFrom(url);
    await closed.promise;
  });

  test('leaves nothing on a signal that lives on', async () => {
    const { signal } = new AbortController();
    await fetchFrom(await serveJson('1'), {}, { signal });
    await failure(fetchFrom(await serveJson('x'), {}, { signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('the request', () => {
  const echo = () =>
    serve(({ method, headers }, response) => response.writeHead(200, json).end(JSON.stringify({ method, headers })));
  const headersOf = async (options: Partial<HttpSourceOptions>, extra?: Extra) =>
    (await data(fetchFrom(await echo(), options, extra))) as { method: string; headers: Record<string, string> };

  test('is a GET that asks for JSON and carries the configured headers', async () => {
    const { method, headers } = await headersOf({ headers: { 'X-Api-Key': 'k', 'User-Agent': 'pod' } });
    expect(method).toBe('GET');
    expect(headers).toMatchObject({ accept: 'application/json', 'x-api-key': 'k', 'user-agent': 'pod' });
    expect(headers.connection).toBe('close');
    expect(headers).not.toHaveProperty('if-none-match');
    expect(headers).not.toHaveProperty('if-modified-since');
  });

  test('sends user and password of the url as basic authorization', async () => {
    const url = (await echo()).replace('//', '//us%40er:p%C3%A4ss@');
    const { headers } = (await data(fetchFrom(url))) as { headers: Record<string, string> };
    expect(headers.authorization).toBe(`Basic ${Buffer.from('us@er:päss').toString('base64')}`);
  });

  test('sends the validators of the previous revision as conditions', async () => {
    const validators = { etag: '"7"', lastModified: 'Mon, 28 Sep 2026 00:00:00 GMT' };
    const { headers } = await headersOf({}, { previous: { data: 1, revision: 1, validators } });
    expect(headers['if-none-match']).toBe('"7"');
    expect(headers['if-modified-since']).toBe(validators.lastModified);
  });

  test('leaves out stored validators that no header can carry', async () => {
    const validators = { etag: '"7"\r\nx-evil: 1', lastModified: '\u2028' };
    const { headers } = await headersOf({}, { previous: { data: 1, revision: 1, validators } });
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['if-none-match']));
    expect(headers).not.toHaveProperty('if-modified-since');
    expect(headers).not.toHaveProperty('x-evil');
  });

  test('is made exactly once, whatever the answer', async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.writeHead(503, { 'retry-after': '0' }).end();
    });
    await failure(fetchFrom(url));
    expect(requests).toBe(1);
  });
});

describe('validators', () => {
  const validatorsOf = async (headers: Record<string, string>) =>
    ((await fetchFrom(await serveJson('1', headers))) as SourceAnswer).validators;

  test('that are longer than the protocol stores are dropped', async () => {
    expect(
      await validatorsOf({ etag: `"${'x'.repeat(512)}"`, 'last-modified': `Mon, ${'x'.repeat(200)} GMT` }),
    ).toEqual({});
  });

  test('do not include a Last-Modified of the very second of the answer: a second change would be missed', async () => {
    const second = 'Mon, 28 Sep 2026 12:00:01 GMT';
    expect(await validatorsOf({ 'last-modified': second, date: second })).toEqual({});
    expect(await validatorsOf({ 'last-modified': second, date: 'Mon, 28 Sep 2026 12:00:02 GMT' })).toEqual({
      lastModified: second,
    });
  });
});

describe('an unchanged answer', () => {
  const previous = { data: 1, revision: 1, validators: { etag: '"7"' } };

  test('is UNCHANGED when a condition was sent', async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.headers['if-none-match'] === '"7"' ? 304 : 500).end();
    });
    expect(await fetchFrom(url, {}, { previous })).toBe(UNCHANGED);
  });

  test('that nobody asked for is an error', async () => {
    const url = await serve((_, response) => response.writeHead(304).end());
    const unasked: Extra[] = [
      {},
      { previous: { data: 1, revision: 1 } },
      { previous: { data: 1, revision: 1, validators: {} } },
    ];
    for (const extra of unasked) {
      const { code, message } = await failure(fetchFrom(url, {}, extra));
      expect(code).toBe('badStatus');
      expect(message).toContain('no condition was sent');
    }
  });
});

describe('messages', () => {
  test('show the address without user, password, values of the query and keys in the path', async () => {
    const url = await serveJson('{}', {}, 500);
    const secret = 'a1b2c3d4e5f6a7b8c9d0';
    const address = `${url.replace('//', '//someone:hunter2@')}/v6/${secret}/latest?apikey=${secret}&base=EUR&bare#${secret}`;
    const { message } = await failure(fetchFrom(address));
    expect(message).toContain(`${url}/v6/***/latest?apikey=***&base=***&*** answered 500`);
    for (const hidden of ['someone', 'hunter2', secret, 'EUR', 'bare']) expect(message).not.toContain(hidden);
  });
});

describe('options', () => {
  const faultsOf = (options: unknown): string => {
    try {
      httpSource(options as HttpSourceOptions);
    } catch (error) {
      expect(error).toMatchObject({ name: 'BellwetherError', code: 'configuration' });
      return (error as Error).message;
    }
    return expect.fail('expected an error');
  };

  test('are all checked at once, each fault with its path, no value repeated', () => {
    const message = faultsOf({
      url: 'http://me:hunter%2@api.test',
      headers: { 'x key': 'v', 'x-key': 'hunter2\n', 'If-None-Match': '"1"', accept: 'x', n: 5 },
      timeLimit: '5 minutes',
      sizeLimit: 0,
      accept: '',
      fetch: 'fetch',
      timelimit: '5s',
    });
    const paths = ['url', 'headers.n', 'timeLimit', 'sizeLimit', 'accept', 'fetch'];
    for (const path of paths) expect(message).toContain(` ${path}: `);
    expect(message).toContain('timelimit: there is no such option');
    expect(message).not.toContain('hunter');
  });

  test.each<[Record<string, unknown>, string]>([
    [{ url: 'rates' }, "url: expected a URL such as 'https://api.example.com/rates'"],
    [{ url: 'ftp://api.test' }, 'http or https'],
    [{ url: 'http://a.test', headers: { 'x-key': 'a\nb' } }, 'headers.x-key: expected a header name and a value'],
    [{ url: 'http://a.test', headers: { 'If-None-Match': '1' } }, 'headers.If-None-Match: is set by the source itself'],
    [{ url: 'http://a.test', headers: { Accept: '1' } }, 'headers.Accept: use the option accept'],
    [{ url: 'http://u:p@a.test', headers: { Authorization: '1' } }, 'headers.authorization: the url holds a user'],
    [{ url: 'http://a.test', timeLimit: '6m' }, "timeLimit: expected at most '5m'"],
    [{ url: 'http://a.test', sizeLimit: 2 ** 30 }, 'sizeLimit: expected at most 256 MiB'],
    [{ url: 'http://a.test', method: 'POST' }, 'method: there is no such option'],
  ])('%j are refused, with what is expected', (options, expected) => {
    expect(faultsOf(options)).toContain(expected);
  });

  test('that are no object are refused', () => {
    for (const nothing of [undefined, null, 'http://a.test']) expect(faultsOf(nothing)).toContain('expected an object');
  });

  test('give a source that fits a dataset of any type', () => {
    const source: Source<{ usd: number }> = httpSource({ url: new URL('http://a.test') });
    expectTypeOf(source).parameter(0).toHaveProperty('previous');
    type Data = NonNullable<SourceCall<{ list: { n: number }[] }>['previous']>['data'];
    expectTypeOf<Data>().toEqualTypeOf<{ readonly list: readonly { readonly n: number }[] }>();
  });
});
