/** The demo's API: what it serves, and that it counts honestly. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type FxApi, type FxApiOptions, startFxApi } from '../../src/cli/demo/fx-api.ts';
import { Rates, Terms } from '../../src/hedging/schemas.ts';
import { httpSource } from '../../src/source/http-source.ts';
import { type SourceAnswer, type SourceError, UNCHANGED } from '../../src/source/source.ts';

const apis: FxApi[] = [];
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.close()));
});

async function start(options: FxApiOptions = {}): Promise<FxApi> {
  const api = await startFxApi(options);
  apis.push(api);
  return api;
}

const get = (url: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(url, { headers: { connection: 'close', ...headers }, ...init });
const dateOf = async (answer: Promise<Response>) => ((await (await answer).json()) as { date: string }).date;
const countsOf = (api: FxApi, dataset: 'rates' | 'terms' = 'rates') => {
  const { log: _, ...counts } = api.calls(dataset);
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
};

describe('the days', () => {
  test('are ten real ones that fit the schemas of the hedging service, in a row and then round', async () => {
    const api = await start();
    const dates: string[] = [];
    for (let day = 0; day < 10; day++) {
      const rates = Rates.parse(await (await get(`${api.url}/rates`)).json());
      const terms = Terms.parse(await (await get(`${api.url}/terms`)).json());
      expect(terms.date).toBe(rates.date);
      expect(rates.base).toBe('eur');
      expect(Object.keys(rates.rates).length).toBeGreaterThan(300);
      expect(Object.keys(terms.terms)).toHaveLength(40);
      dates.push(rates.date);
    }
    expect(dates).toEqual(Array.from({ length: 10 }, (_, day) => `2026-09-${20 + day}`));
    expect(await dateOf(get(`${api.url}/rates`))).toBe('2026-09-20');
  });

  test('differ from each other in both datasets, and are the same in every run', async () => {
    const run = async () => {
      const api = await start();
      const tags: (string | null)[] = [];
      for (let day = 0; day < 10; day++) {
        for (const dataset of ['rates', 'terms']) tags.push((await get(`${api.url}/${dataset}`)).headers.get('etag'));
      }
      return tags;
    };
    const tags = await run();
    expect(new Set(tags).size).toBe(20);
    expect(await run()).toEqual(tags);
  });

  test('hold terms whose margins grow by a tenth of the recorded move', async () => {
    const api = await start();
    const [first, second] = [await get(`${api.url}/terms`), await get(`${api.url}/terms`)].map(async (response) =>
      Terms.parse(await response.json()),
    );
    // EUR/KRW: 1592.1850915, then 1588.2873531, a move of 24.48 bps.
    const marginOf = async (terms: Promise<Terms> | undefined) => (await terms)?.terms.eurkrw?.tenors['1W']?.marginBps;
    expect(await marginOf(first)).toBe(36.5);
    expect(await marginOf(second)).toBe(39);
  });

  test('can be fewer; a number that is none is refused', async () => {
    const api = await start({ days: 2 });
    const url = `${api.url}/rates`;
    expect([await dateOf(get(url)), await dateOf(get(url)), await dateOf(get(url))]).toEqual([
      '2026-09-20',
      '2026-09-21',
      '2026-09-20',
    ]);
    for (const days of [0, 11, 1.5]) await expect(startFxApi({ days })).rejects.toThrow('expected 1 to 10');
  });

  test('move on per dataset', async () => {
    const api = await start();
    await get(`${api.url}/rates`);
    expect(api.stats().datasets).toMatchObject({ rates: { day: 1 }, terms: { day: 0 } });
  });
});

describe('conditional calls', () => {
  test('get 304 with the validators and without a body, and move no day', async () => {
    const api = await start({ advance: 'manual' });
    const full = await get(`${api.url}/rates`);
    const etag = full.headers.get('etag') ?? '';
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get(`${api.url}/rates`, { 'if-none-match': tag });
      expect(answer.status).toBe(304);
      expect(answer.headers.get('etag')).toBe(etag);
      expect(await answer.text()).toBe('');
    }
    expect(countsOf(api)).toEqual({ total: 5, answered: 1, notModified: 4 });
    api.advance('rates');
    expect((await get(`${api.url}/rates`, { 'if-none-match': etag })).status).toBe(200);
  });

  test('that match move no day, though full answers do', async () => {
    const api = await start();
    await get(`${api.url}/rates`);
    expect((await get(`${api.url}/rates`, { 'if-none-match': '*' })).status).toBe(304);
    expect(api.stats().datasets.rates.day).toBe(1);
  });

  test('by date see every change, even many in one second; the tag goes before the date', async () => {
    const api = await start({ advance: 'manual' });
    const modified = async () => (await get(`${api.url}/rates`)).headers.get('last-modified') ?? '';
    const first = await modified();
    const since = (date: string, extra = {}) => get(`${api.url}/rates`, { 'if-modified-since': date, ...extra });
    expect((await since(first)).status).toBe(304);
    expect((await since(first, { 'if-none-match': '"other"' })).status).toBe(200);
    for (let day = 0; day < 12; day++) {
      const before = await modified();
      api.advance('rates');
      expect((await since(before)).status).toBe(200);
    }
    expect(Date.parse(await modified())).toBeLessThan(Date.now());
    expect((await since('nonsense')).status).toBe(200);
  });

  test('by httpSource are unchanged, or the next day', async () => {
    const api = await start({ advance: { everyCalls: 2 } });
    const source = httpSource({ url: `${api.url}/rates`, headers: { 'x-pod': 'pod-1' } });
    const signal = new AbortController().signal;
    const first = (await source({ signal, dataset: 'rates', previous: undefined })) as SourceAnswer;
    const previous = { data: first.data, revision: 1, validators: first.validators };
    expect(first.validators.lastModified).toBeDefined();
    expect(await source({ signal, dataset: 'rates', previous })).toBe(UNCHANGED);
    expect(await source({ signal, dataset: 'rates', previous })).toMatchObject({ data: { date: '2026-09-21' } });
    expect(api.calls('rates').log.map(({ pod, userAgent, outcome }) => [pod, userAgent, outcome])).toEqual([
      ['pod-1', 'bellwether', 'answered'],
      ['pod-1', 'bellwether', 'notModified'],
      ['pod-1', 'bellwether', 'answered'],
    ]);
  });
});

describe('counting', () => {
  test('covers every call with its time, whatever became of it', async () => {
    let nowMs = 1_000;
    const api = await start({ rateLimit: { calls: 3, perMs: 60_000 }, now: () => nowMs++, monotonic: () => 0 });
    const url = `${api.url}/rates`;
    const etag = (await get(url)).headers.get('etag') ?? '';
    await get(url, { 'if-none-match': etag });
    await get(url, {}, { method: 'POST' });
    api.fail(500);
    await get(url);
    await get(url);
    await get(`${api.url}/terms?a=b`);
    expect(countsOf(api)).toEqual({ total: 5, answered: 2, refused: 1, faulted: 1, limited: 1 });
    expect(countsOf(api, 'terms')).toEqual({ total: 1, faulted: 1 });
    const { log } = api.calls('rates');
    expect(log.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'refused', 'faulted', 'limited']);
    expect(log.map(({ atMs }) => atMs)).toEqual([1_001, 1_002, 1_003, 1_004, 1_005]);
  });

  test('is what GET /stats shows; other paths are counted apart', async () => {
    const api = await start();
    await get(`${api.url}/rates`);
    expect((await get(`${api.url}/nothing`)).status).toBe(404);
    const stats = await (await get(`${api.url}/stats`)).json();
    expect(stats).toMatchObject({
      datasets: { rates: { total: 1, answered: 1, day: 1 }, terms: { total: 0 } },
      other: 2,
    });
  });

  test('keeps a bounded log, and counters of everything', async () => {
    const { CallLog } = await import('../../src/cli/demo/fx-calls.ts');
    const log = new CallLog();
    for (let at = 0; at < 25_000; at++) log.open(at, 'p'.repeat(1_000), undefined).become('answered');
    expect(log.counts()).toMatchObject({ total: 25_000, answered: 25_000 });
    expect(log.calls()).toHaveLength(10_000);
    expect(log.calls().at(-1)).toMatchObject({ atMs: 24_999, pod: 'p'.repeat(200) });
  });

  test('shows a call whose client went away as cut', async () => {
    const api = await start();
    api.hang();
    const controller = new AbortController();
    const answer = get(`${api.url}/rates`, {}, { signal: controller.signal });
    await expect.poll(() => countsOf(api)).toEqual({ total: 1, faulted: 1 });
    controller.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => countsOf(api)).toEqual({ total: 1, faulted: 1, cut: 1 });
  });

  test('counts a slow call whose client went away as faulted', async () => {
    const api = await start();
    api.slow(60_000);
    const controller = new AbortController();
    const answer = get(`${api.url}/rates`, {}, { signal: controller.signal });
    await expect.poll(() => countsOf(api)).toEqual({ total: 1, pending: 1 });
    controller.abort();
    await expect(answer).rejects.toThrow();
    await expect.poll(() => countsOf(api)).toEqual({ total: 1, faulted: 1, cut: 1 });
    expect(api.stats().datasets.rates.day).toBe(0);
  });
});

describe('the rate limit', () => {
  test('answers 429 with the seconds until the next place, per dataset; refused calls take no place', async () => {
    let atMs = 0;
    const api = await start({ rateLimit: { calls: 2, perMs: 10_000 }, monotonic: () => atMs });
    const call = async (dataset: string) => {
      const { status, headers } = await get(`${api.url}/${dataset}`);
      return [status, headers.get('retry-after')];
    };
    expect(await call('rates')).toEqual([200, null]);
    atMs = 4_000;
    expect(await call('rates')).toEqual([200, null]);
    atMs = 4_500;
    expect(await call('rates')).toEqual([429, '6']);
    expect(await call('terms')).toEqual([200, null]);
    atMs = 9_999;
    expect(await call('rates')).toEqual([429, '1']);
    atMs = 10_000;
    expect(await call('rates')).toEqual([200, null]);
    expect(await call('rates')).toEqual([429, '4']);
    expect(countsOf(api)).toEqual({ total: 6, answered: 3, limited: 3 });
    expect(api.stats().datasets.rates.day).toBe(3);
  });

  test('is a SourceError that says when to come back', async () => {
    const api = await start({ rateLimit: { calls: 1, perMs: 60_000 }, monotonic: () => 0 });
    const source = httpSource({ url: `${api.url}/rates` });
    const call = { signal: new AbortController().signal, dataset: 'rates', previous: undefined };
    await source(call);
    await expect(source(call)).rejects.toMatchObject({ code: 'badStatus', retryAfterMs: 60_000 });
  });
});

describe('faults', () => {
  const codeOf = async (api: FxApi, options: { timeLimit?: number; pod?: string; dataset?: string } = {}) => {
    const { timeLimit = 20_000, pod = 'pod-1', dataset = 'rates' } = options;
    const source = httpSource({ url: `${api.url}/${dataset}`, timeLimit, headers: { 'x-pod': pod } });
    return source({ signal: new AbortController().signal, dataset, previous: undefined }).then(
      () => 'none',
      ({ code }: SourceError) => code,
    );
  };

  test.each<[string, (api: FxApi) => void, string, number?]>([
    ['fail', (api) => api.fail(503), 'badStatus'],
    ['hang', (api) => api.hang(), 'timeout', 50],
    ['drip', (api) => api.drip(), 'timeout', 150],
    ['garbage', (api) => api.garbage(), 'badJson'],
    ['html', (api) => api.html(), 'badContentType'],
    ['empty', (api) => api.empty(), 'empty'],
    ['flood', (api) => api.flood(), 'tooLarge'],
    ['slow', (api) => api.slow(60_000), 'timeout', 50],
    ['a little slow', (api) => api.slow(5), 'none'],
  ])('%s, and heal', async (_, breakIt, code, timeLimit) => {
    const api = await start();
    breakIt(api);
    expect(await codeOf(api, timeLimit === undefined ? {} : { timeLimit })).toBe(code);
    api.heal();
    expect(await codeOf(api)).toBe('none');
    const { total, answered, faulted, log } = api.calls('rates');
    expect(total).toBe(2);
    expect(log).toHaveLength(2);
    await expect.poll(() => api.calls('rates').answered + api.calls('rates').faulted).toBe(2);
    if (code !== 'none' && code !== 'timeout') expect([answered, faulted]).toEqual([1, 1]);
  });

  test('wrongShape is JSON that both schemas refuse', async () => {
    const api = await start();
    api.wrongShape();
    for (const [dataset, schema] of Object.entries({ rates: Rates, terms: Terms })) {
      expect(schema.safeParse(await (await get(`${api.url}/${dataset}`)).json()).success).toBe(false);
    }
  });

  test('may meet one pod or one dataset only; the last one set goes first', async () => {
    const api = await start();
    api.fail(500, { pod: 'pod-1' });
    api.html({ dataset: 'terms' });
    expect(await codeOf(api)).toBe('badStatus');
    expect(await codeOf(api, { pod: 'pod-2' })).toBe('none');
    expect(await codeOf(api, { pod: 'pod-2', dataset: 'terms' })).toBe('badContentType');
    expect(await codeOf(api, { dataset: 'terms' })).toBe('badContentType');
    api.heal({ pod: 'pod-1' });
    expect(await codeOf(api)).toBe('none');
    expect(await codeOf(api, { dataset: 'terms' })).toBe('badContentType');
    api.heal();
    expect(await codeOf(api, { dataset: 'terms' })).toBe('none');
  });
});

describe('closing', () => {
  test('ends calls that hang, drip and flood', async () => {
    const api = await startFxApi();
    await once(connect(Number(new URL(api.url).port), '127.0.0.1'), 'connect');
    api.hang();
    const hanging = get(`${api.url}/rates`).catch(() => 'ended');
    await expect.poll(() => api.calls('rates').total).toBe(1);
    api.drip();
    const dripping = await get(`${api.url}/rates`);
    api.flood();
    const flooding = await get(`${api.url}/terms`);
    await api.close();
    expect(await hanging).toBe('ended');
    expect((await dripping.text()).trim()).toBe('{');
    expect((await flooding.text()).length).toBeLessThan(100e6);
  });

  test('is told apart from a port that is taken', async () => {
    const api = await start();
    await expect(startFxApi({ port: Number(new URL(api.url).port) })).rejects.toThrow('EADDRINUSE');
  });
});
