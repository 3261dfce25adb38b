/** What a benchmark hands back, and how it is printed: a table, the aims, and every raw sample. */

export type Row = Readonly<Record<string, string | number>>;

export type Aim = Readonly<{ what: string; value: number; atMost: number }>;

export type Result = Readonly<{
  benchmark: string;
  /** How it was measured, in a few sentences. */
  method: string;
  tables: readonly Readonly<{ title: string; rows: readonly Row[] }>[];
  aims: readonly Aim[];
  /** Every sample in the order in which it was taken; the unit is part of the name. */
  raw: Readonly<Record<string, readonly number[]>>;
}>;

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Linear between the neighbours. NaN of no samples. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Median, best, nine tenths and worst, as columns of a row. */
export function spread(samples: readonly number[], digits = 2): Row {
  const round = (value: number) => Number(value.toFixed(digits));
  return {
    median: round(median(samples)),
    best: round(Math.min(...samples)),
    p90: round(quantile(samples, 0.9)),
    worst: round(Math.max(...samples)),
  };
}

export function formatResult({ benchmark, method, tables, aims, raw }: Result): string {
  const parts = [`## ${benchmark}`, method];
  for (const { title, rows } of tables) parts.push(`${title}\n${formatTable(rows)}`);
  parts.push(aims.map(formatAim).join('\n'));
  parts.push(`raw samples, in the order taken\n${Object.entries(raw).map(formatRaw).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

function formatAim({ what, value, atMost }: Aim): string {
  return `${value <= atMost ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (aim: at most ${atMost})`;
}

function formatRaw([name, samples]: [string, readonly number[]]): string {
  const digits = Math.max(...samples) < 1_000 ? 2 : 0;
  return `  ${name} (${samples.length}): ${samples.map((sample) => sample.toFixed(digits)).join(' ')}`;
}

export function formatTable(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const isNumeric = columns.map((column) => rows.some((row) => typeof row[column] === 'number'));
  const format = (line: readonly string[]) =>
    `| ${line.map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [format(head), rule, ...body.map(format)].join('\n');
}
