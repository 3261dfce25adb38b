/**
 * Payloads in the shape of real FX data: recorded EUR rates, and for the larger ones the cross rates of further bases
 * calculated from them. No two are alike, so that none is skipped as unchanged.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Rates } from './rates-schema.ts';

export const sizes = { '6 KB': 6_000, '100 KB': 100_000, '1 MB': 1_000_000 } as const;
export type Size = keyof typeof sizes;

export type Published = Readonly<{ serial: number; payload: Buffer; sha256: string }>;

type Recorded = { days: { date: string; eur: Record<string, number> }[] };

const recorded = JSON.parse(
  readFileSync(new URL('../../src/cli/demo/data/eur-rates.json', import.meta.url), 'utf8'),
) as Recorded;

let serial = 0;

/** About this large: a whole number of bases, at least one; never beyond 1 MiB, from where payloads are gzipped. */
export function makePayload(size: Size): Published {
  serial += 1;
  const day = recorded.days[serial % recorded.days.length];
  if (!day) throw new Error('there are no recorded rates');
  const bases: Record<string, Record<string, number>> = { eur: day.eur };
  let bytes = JSON.stringify(day.eur).length;
  for (const [base, price] of Object.entries(day.eur)) {
    if (bytes >= sizes[size] * 0.99) break;
    bases[base] = crossRates(day.eur, price);
    bytes += JSON.stringify(bases[base]).length + base.length + 4;
  }
  const rates: Rates = { serial, date: day.date, bases };
  const payload = Buffer.from(JSON.stringify(rates));
  return { serial, payload, sha256: createHash('sha256').update(payload).digest('hex') };
}

function crossRates(eur: Record<string, number>, price: number): Record<string, number> {
  return Object.fromEntries(Object.entries(eur).map(([code, rate]) => [code, Number((rate / price).toPrecision(9))]));
}
