/** The routes of the service: data from memory with its version, and one JSON sentence for everything else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entityTag } from '../../src/service/revision-headers.ts';
import { startTestService, type TestService, untilReady } from './service-process.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
  await untilReady(service);
});
afterAll(() => service.stop());

const held = () => service.running.service;

describe('/rates and /terms', () => {
  test.each(['rates', 'terms'] as const)('/%s is what the pod holds, with its version and age', async (name) => {
    const response = await service.get(`/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('bellwether-revision')).toBe(String(held().manager.version(name).revision));
    expect(response.headers.get('bellwether-valid')).toBe('true');
    expect(Number(response.headers.get('age'))).toBeLessThan(60);
    expect(await response.json()).toEqual(held().manager.get(name));
  });

  test('the ETag is the revision and who published it: who knows it is told 304 and its age, and no data', async () => {
    const first = await service.get('/rates');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(new RegExp(`^"${held().manager.version('rates').revision}-[0-9a-f]{8}"$`));
    for (const known of [etag, `W/${etag}`, `"another", ${etag}`, '*']) {
      const again = await service.get('/rates', { headers: { 'if-none-match': known } });
      expect([again.status, await again.text()], known).toEqual([304, '']);
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('bellwether-valid')).toBe('true');
      expect(again.headers.get('content-type')).toBeNull();
    }
    const other = await service.get('/rates', { headers: { 'if-none-match': '"0-00000000"' } });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  test('a new revision has a new ETag', async () => {
    const etag = (await service.get('/rates')).headers.get('etag') ?? '';
    service.api.advance('rates');
    expect(await held().manager.refresh('rates')).toMatchObject({ outcome: 'published' });
    const next = await service.get('/rates', { headers: { 'if-none-match': etag } });
    expect(next.status).toBe(200);
    expect(next.headers.get('etag')).not.toBe(etag);
  });

  test('a pair is told in any case, through the base of the list, and of itself it is 1', async () => {
    const { base, rates, date } = held().getRates();
    const { revision } = held().manager.version('rates');
    const rate = async (path: string) => (await service.json(`/rates/${path}`))[1];
    expect(await rate(`${base}/usd`)).toEqual({ base, quote: 'usd', rate: rates.usd, date, revision });
    expect(await rate('USD/Eur')).toMatchObject({ base: 'usd', quote: 'eur', rate: 1 / (rates.usd as number) });
    expect(await rate('usd/gbp')).toMatchObject({ rate: (rates.gbp as number) / (rates.usd as number) });
    expect(await rate('gbp/gbp')).toMatchObject({ rate: 1 });
    const etag = (await service.get('/rates/usd/gbp')).headers.get('etag') ?? '';
    expect((await service.get('/rates/usd/gbp', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test.each([
    ['xyz9/usd', 'There is no rate of "xyz9": /rates lists the currencies, such as "usd".'],
    ['usd/constructor', 'There is no rate of "constructor": /rates lists the currencies, such as "usd".'],
    ['__proto__/usd', 'There is no rate of that name: /rates lists the currencies, such as "usd".'],
    ['usd/%3Cscript%3E', 'There is no rate of that name: /rates lists the currencies, such as "usd".'],
  ])('/rates/%s: 404 and one sentence', async (path, error) => {
    expect(await service.json(`/rates/${path}`)).toEqual([404, { error }]);
  });

  test('nothing is asked of Redis: it is gone, and every answer is the same', async () => {
    const before = await (await service.get('/rates')).text();
    await service.redis.kill();
    expect(await (await service.get('/rates')).text()).toBe(before);
    expect((await service.get('/rates/usd/gbp')).status).toBe(200);
    expect((await service.get('/terms')).status).toBe(200);
    await service.redis.start();
  });
});

test('one revision of two epochs, or of two publishers, has two ETags: their contents may differ', () => {
  const version = { revision: 12, epoch: 3, podId: 'pod-a' };
  const tags = [version, { ...version, epoch: 4 }, { ...version, podId: 'pod-b' }].map((of) => entityTag(of));
  expect(new Set(tags).size).toBe(3);
  for (const tag of tags) expect(tag).toMatch(/^"12-[0-9a-f]{8}"$/);
});

describe('/revision and /version', () => {
  test('/revision sums up what is held, with an ETag of its own', async () => {
    const response = await service.get('/revision');
    const { rates, terms } = { rates: held().manager.version('rates'), terms: held().manager.version('terms') };
    expect(await response.json()).toEqual({
      revision: rates.revision + terms.revision,
      datasets: {
        rates: { revision: rates.revision, epoch: rates.epoch, podId: rates.podId, updatedAt: rates.updatedAt },
        terms: { revision: terms.revision, epoch: terms.epoch, podId: terms.podId, updatedAt: terms.updatedAt },
      },
    });
    const etag = response.headers.get('etag') ?? '';
    expect((await service.get('/revision', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('/version tells the version of the package', async () => {
    const [status, { bellwether }] = await service.json('/version');
    expect([status, bellwether]).toEqual([200, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  });
});

describe('every answer', () => {
  test.each([
    ['GET', '/', 404, 'There is nothing here: /health tells how this pod is.', null],
    ['GET', '/rates/usd', 404, 'There is nothing here: /health tells how this pod is.', null],
    ['POST', '/rates', 405, 'This answers to GET, HEAD only.', 'GET, HEAD'],
    ['DELETE', '/livez', 405, 'This answers to GET, HEAD only.', 'GET, HEAD'],
    ['OPTIONS', '/health', 405, 'This answers to GET, HEAD only.', 'GET, HEAD'],
    ['POST', '/admin/refresh/rates', 404, 'There is nothing here: /health tells how this pod is.', null],
    ['POST', '/dashboard/faults/redis-stop', 404, 'There is nothing here: /health tells how this pod is.', null],
  ])('%s %s: %i and one sentence', async (method, path, status, error, allow) => {
    const response = await service.get(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow]);
    expect(await response.json()).toEqual({ error });
  });

  test.each([
    '/livez',
    '/readyz',
    '/health',
    '/metrics',
    '/version',
    '/revision',
    '/rates',
    '/terms',
    '/dashboard',
    '/none',
  ])('%s: HEAD has no body, nothing says what serves it, and a browser can do nothing with it', async (path) => {
    for (const method of ['GET', 'HEAD']) {
      const { headers } = await service.get(path, { method });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('cache-control')).toMatch(/^no-(store|cache)$/);
      expect([headers.get('server'), headers.get('x-powered-by')], method).toEqual([null, null]);
    }
    const head = await service.get(path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([(await service.get(path)).status, '']);
  });
});
