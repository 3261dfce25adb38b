/**
 * Durations as people write them in options and environment variables: `'5m'`, `'250ms'`, or a number of ms.
 *
 * One number and one unit, so that no reader has to guess. A bare number in a string (`'300'`) is refused: some
 * read it as seconds, some as milliseconds. Units are lower case: in other notations `M` is a month.
 */
import { z } from 'zod';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;
const unitMs: ReadonlyMap<string, number> = new Map(units);

/** Longer is a slip of the unit, not a wish. */
const longestMs = 365 * 86_400_000;

const expected = "expected a duration such as '5m', '30s' or a number of milliseconds";

/** In: `'5m'`, `'1.5h'`, `300_000`. Out: whole milliseconds, from 1 to one year. */
export const Duration = z
  .union([z.number(), z.string()], { error: expected })
  .transform((value, context) => {
    const durationMs = Math.round(typeof value === 'number' ? value : millisecondsOf(value));
    if (durationMs >= 1 && durationMs <= longestMs) return durationMs;
    context.addIssue({ code: 'custom', message: durationMs > longestMs ? `${expected}, at most '365d'` : expected });
    return z.NEVER;
  })
  .meta({ title: 'duration', unit: 'ms' });
/** What a user may write; the schema gives a number of ms. */
export type Duration = z.input<typeof Duration>;

function millisecondsOf(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,15})?) ?(ms|s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1]) * (unitMs.get(match[2] ?? '') ?? Number.NaN) : Number.NaN;
}

/** For messages: the largest unit that is not below 1, one decimal at most. `'5m'`, `'1.5s'`, `'250ms'`. */
export function formatDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '-' : '';
  const ms = Math.abs(durationMs);
  // Twice, so that what rounds up to the next unit is shown in that unit: 59,960 ms are 1m, not 60s.
  const roundedMs = roundInUnit(ms).roundedMs;
  const { amount, name } = roundInUnit(roundedMs);
  return `${sign}${amount}${name}`;
}

function roundInUnit(ms: number) {
  const [name, unit] = units.find(([, size]) => ms >= size) ?? ['ms', 1];
  const decimals = unit === 1 ? 1 : 10;
  const amount = Math.round((ms / unit) * decimals) / decimals;
  return { amount, name, roundedMs: Math.round(amount * unit) };
}
