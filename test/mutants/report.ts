/** What is printed of a campaign: every mutant with the layer that caught it and by which test, then sums. */
import type { Fate } from './fate.ts';

const widest = 88;
const short = (text: string) => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text);

export const survivors = (fates: readonly Fate[]) =>
  fates.filter(({ caught, equivalent }) => caught.length === 0 && equivalent === undefined);

export function tableOf(fates: readonly Fate[]): string[] {
  const rows = fates.map(({ mutant, caught, equivalent, seconds }) => {
    const [first] = caught;
    const layer = equivalent ? 'equivalent' : caught.map(({ layer }) => layer).join(', ') || 'SURVIVES';
    return [short(mutant), layer, `${seconds.toFixed(2)} s`, short(equivalent ?? first?.by ?? '')];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** How many each layer caught: alone of those that were asked, or before the others were. */
export function summaryOf(fates: readonly Fate[], seconds: number): string[] {
  const counts = new Map<string, number>();
  for (const { caught } of fates) {
    for (const { layer } of caught) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  }
  const left = survivors(fates);
  const equivalent = fates.filter((fate) => fate.equivalent).length;
  return [
    `${fates.length} mutants in ${Math.round(seconds)} s: ${fates.length - equivalent - left.length} caught, ${equivalent} equivalent, ${left.length} survive`,
    ...[...counts].sort(([, a], [, b]) => b - a).map(([layer, count]) => `${String(count).padStart(6)}  ${layer}`),
    ...left.map(({ mutant }) => `SURVIVES: ${mutant}`),
  ];
}
