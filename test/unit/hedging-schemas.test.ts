/** `Rates` and `Terms`: what they take, and what they refuse. Real and made data: see fx-api.test.ts. */
import { describe, expect, test } from 'vitest';
import { Rates, Terms } from '../../src/hedging/schemas.ts';

const rates = { base: 'eur', date: '2026-09-28', rates: { usd: 1.17, '1inch': 11.5 } };
const tenor = { minAmount: 10_000, maxAmount: 50_000, marginBps: 4.5, depositPercent: 3 };
const pair = { settlementDays: 2, settlement: 'delivery', tenors: { '1W': tenor, '12M': tenor } };
const terms = { date: '2026-09-28', terms: { eurusd: pair } };

const pathsOf = (schema: typeof Rates | typeof Terms, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ path }) => path.join('.'));

describe('rates', () => {
  test('are taken, and unknown keys are dropped', () => {
    expect(Rates.parse({ ...rates, provider: 'x' })).toEqual(rates);
  });

  test.each<[string, unknown, string]>([
    ['a rate of 0', { ...rates, rates: { usd: 0 } }, 'rates.usd'],
    ['a negative rate', { ...rates, rates: { usd: -1 } }, 'rates.usd'],
    ['an infinite rate', { ...rates, rates: JSON.parse('{"usd":1e999}') }, 'rates.usd'],
    ['a rate as text', { ...rates, rates: { usd: '1.17' } }, 'rates.usd'],
    ['a code in upper case', { ...rates, rates: { USD: 1 } }, 'rates.USD'],
    ['no rate at all', { ...rates, rates: {} }, 'rates'],
    ['a list', { ...rates, rates: [1] }, 'rates'],
    ['no base', { ...rates, base: undefined }, 'base'],
    ['a date that is none', { ...rates, date: '2026-02-30' }, 'date'],
  ])('with %s are refused, with its path', (_, value, path) => {
    expect(pathsOf(Rates, value)).toEqual([path]);
  });

  test('of a million wrong entries are one fault, not a million', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, index) => [`k${index}`, 'x']));
    expect(pathsOf(Rates, { ...rates, rates: many })).toEqual(['rates']);
  });

  test('cannot reach the prototype', () => {
    const parsed = Rates.safeParse(
      JSON.parse('{"base":"eur","date":"2026-09-28","rates":{"usd":1,"__proto__":{"x":1}}}'),
    );
    expect((parsed.data?.rates as unknown as { x?: number } | undefined)?.x).toBeUndefined();
  });
});

describe('terms', () => {
  test('are taken, and unknown keys are dropped at every level', () => {
    const extra = { note: 'x' };
    const noisy = {
      ...terms,
      ...extra,
      terms: { eurusd: { ...pair, ...extra, tenors: { '1W': { ...tenor, ...extra } } } },
    };
    expect(Terms.parse(noisy)).toEqual({ ...terms, terms: { eurusd: { ...pair, tenors: { '1W': tenor } } } });
  });

  const withTenor = (change: object) => ({
    ...terms,
    terms: { eurusd: { ...pair, tenors: { '1W': { ...tenor, ...change } } } },
  });
  const withPair = (change: object) => ({ ...terms, terms: { eurusd: { ...pair, ...change } } });

  test.each<[string, unknown, string]>([
    ['a largest amount below the smallest', withTenor({ maxAmount: 9_999 }), 'terms.eurusd.tenors.1W.maxAmount'],
    ['a negative margin', withTenor({ marginBps: -1 }), 'terms.eurusd.tenors.1W.marginBps'],
    ['a deposit of more than everything', withTenor({ depositPercent: 101 }), 'terms.eurusd.tenors.1W.depositPercent'],
    ['a tenor that is none', withPair({ tenors: { soon: tenor } }), 'terms.eurusd.tenors.soon'],
    ['no tenor', withPair({ tenors: {} }), 'terms.eurusd.tenors'],
    ['an unknown settlement', withPair({ settlement: 'gold' }), 'terms.eurusd.settlement'],
    ['half a day', withPair({ settlementDays: 0.5 }), 'terms.eurusd.settlementDays'],
    ['a pair that is none', { ...terms, terms: { 'EUR/USD': pair } }, 'terms.EUR/USD'],
    ['no pair', { ...terms, terms: {} }, 'terms'],
  ])('with %s are refused, with its path', (_, value, path) => {
    expect(pathsOf(Terms, value)).toEqual([path]);
  });
});
