/** One rate out of a list that is told for one base: what one unit of `base` costs in `quote`. */
import type { DeepReadonly } from '../index.ts';
import type { Rates } from './schemas.ts';

export type CrossRate = Readonly<{ base: string; quote: string; rate: number; date: string }>;

/** Codes are taken in any case. A rate between two others goes through the base of the list, and is rounded nowhere. */
export function crossRate(
  rates: DeepReadonly<Rates>,
  base: string,
  quote: string,
): CrossRate | Readonly<{ unknown: string }> {
  const [from, to] = [base.toLowerCase(), quote.toLowerCase()];
  const [fromRate, toRate] = [rateOf(rates, from), rateOf(rates, to)];
  if (fromRate === undefined) return { unknown: base };
  if (toRate === undefined) return { unknown: quote };
  return { base: from, quote: to, rate: from === to ? 1 : toRate / fromRate, date: rates.date };
}

function rateOf({ base, rates }: DeepReadonly<Rates>, code: string): number | undefined {
  if (code === base) return 1;
  return Object.hasOwn(rates, code) ? rates[code] : undefined;
}
