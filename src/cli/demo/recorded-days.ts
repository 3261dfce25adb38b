/**
 * The days that the demo's API serves: recorded EUR rates, and hedging terms made from them (data/README.md says how).
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Rates, Terms } from '../../hedging/schemas.ts';

export type RecordedDay = Readonly<{ rates: Rates; terms: Terms }>;

/** The files as they ship; a day stands there as it was published. */
const RatesFile = z.object({
  days: z.array(z.object({ date: Rates.shape.date, eur: Rates.shape.rates })).min(2),
});
const TermsFile = z.object({ terms: Terms.shape.terms });

/** The margin grows by a tenth of the pair's move since the day before, and by no more than this. */
const largestSurchargeBps = 50;

/** In the order of their dates; the first has no day before it, and so no surcharge. */
export function recordedDays(): readonly RecordedDay[] {
  const { days } = RatesFile.parse(readData('eur-rates.json'));
  const { terms } = TermsFile.parse(readData('terms.json'));
  return days.map(({ date, eur }, index) => ({
    rates: { date, base: 'eur', rates: eur },
    terms: { date, terms: termsOfDay(terms, eur, days[index - 1]?.eur ?? eur) },
  }));
}

/** Read, not imported: Node 20 warns about every import of JSON. */
function readData(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8'));
}

type ByCode = Rates['rates'];

function termsOfDay(terms: Terms['terms'], today: ByCode, yesterday: ByCode): Terms['terms'] {
  return Object.fromEntries(
    Object.entries(terms).map(([pair, conditions]) => {
      const surchargeBps = surcharge(rateOf(pair, today), rateOf(pair, yesterday));
      const tenors = Object.entries(conditions.tenors).map(([tenor, of]) => [
        tenor,
        { ...of, marginBps: of.marginBps + surchargeBps },
      ]);
      return [pair, { ...conditions, tenors: Object.fromEntries(tenors) }];
    }),
  );
}

/** In half basis points, as the margins are. */
function surcharge(today: number, yesterday: number): number {
  const moveBps = Math.abs(today / yesterday - 1) * 10_000;
  return Math.min(largestSurchargeBps, Math.round((moveBps / 10) * 2) / 2);
}

function rateOf(pair: string, eur: ByCode): number {
  const [base, quote] = [eur[pair.slice(0, 3)], eur[pair.slice(3)]];
  if (base === undefined || quote === undefined) throw new Error(`No recorded rate for the pair ${pair}.`);
  return quote / base;
}
