/** What the benchmarks publish: rates of one base or of many. */
import { z } from 'zod';

const CurrencyCode = z.string().regex(/^[a-z0-9]{2,12}$/, 'expected a currency code');
const RateTable = z.record(CurrencyCode, z.number().positive());

/** Per base what one unit of it costs in every other currency. */
export const Rates = z.object({
  serial: z.number().int(),
  date: z.iso.date(),
  bases: z.record(CurrencyCode, RateTable),
});
export type Rates = z.infer<typeof Rates>;
