/**
 * The two datasets of the hedging service, as the APIs must answer them.
 *
 * Strict about what is used, tolerant of what isn't: unknown keys are dropped, so that an API may grow. Sizes are
 * checked before the entries are, so that a huge wrong answer doesn't become a huge list of faults.
 */
import { z } from 'zod';

const date = z.iso.date('expected a date such as "2026-09-28"');

/** Lower case, as published: `eur`, `usd`, also `btc` and `1inch`. */
const CurrencyCode = z.string().regex(/^[a-z0-9]{2,12}$/, 'expected a currency code in lower case, such as "usd"');

/** Two ISO 4217 codes, base first: `eurusd` is dollars for one euro. */
const CurrencyPair = z.string().regex(/^[a-z]{6}$/, 'expected a currency pair in lower case, such as "eurusd"');

const Tenor = z.string().regex(/^[1-9]\d?[DWMY]$/, 'expected a tenor such as "1W" or "12M"');

const positive = z.number().positive();

function bounded(minEntries: number, maxEntries: number, what: string) {
  return z.custom<Record<string, unknown>>((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = Object.keys(value).length;
    return entries >= minEntries && entries <= maxEntries;
  }, `expected an object of ${minEntries} to ${maxEntries} ${what}`);
}

/** What one unit of `base` costs in every other currency, on that date. */
export const Rates = z.object({
  base: CurrencyCode,
  date,
  rates: bounded(1, 2_000, 'currency codes with their rates').pipe(z.record(CurrencyCode, positive)),
});
export type Rates = z.infer<typeof Rates>;

/** The conditions of a forward of one tenor. Amounts are in the pair's base currency. */
const TenorTerms = z
  .object({
    minAmount: positive,
    maxAmount: positive,
    /** On top of the forward rate, in hundredths of a per cent. */
    marginBps: z.number().nonnegative().max(10_000),
    /** Deposited when the contract is made. */
    depositPercent: z.number().nonnegative().max(100),
  })
  .refine(({ minAmount, maxAmount }) => minAmount <= maxAmount, {
    path: ['maxAmount'],
    message: 'expected at least minAmount',
  });

const PairTerms = z.object({
  /** Working days from trade to value date. */
  settlementDays: z.number().int().nonnegative().max(10),
  /** `cash`: a non-deliverable forward, only the difference is paid. */
  settlement: z.enum(['delivery', 'cash']),
  tenors: bounded(1, 60, 'tenors with their terms').pipe(z.record(Tenor, TenorTerms)),
});

/** The hedging terms per currency pair, valid from that date. */
export const Terms = z.object({
  date,
  terms: bounded(1, 2_000, 'currency pairs with their terms').pipe(z.record(CurrencyPair, PairTerms)),
});
export type Terms = z.infer<typeof Terms>;
