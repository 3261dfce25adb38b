/** Rows of text as columns, and colours where somebody sees them. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Only on a terminal, and not with NO_COLOR: Node looks at both. */
export function painted(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

export type Cell = Readonly<{ text: string; style?: Style }>;

/** Each column as wide as its widest cell; numbers to the right. */
export function columns(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const all = [head.map((text): Cell => ({ text, style: 'dim' })), ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at]?.text.length ?? 0)));
  return all.map((row) =>
    row
      .map(({ text, style }, at) => {
        const width = widths[at] ?? 0;
        const padded = /^[\d-]/.test(row === all[0] ? '' : text) && at > 0 ? text.padStart(width) : text.padEnd(width);
        return style === undefined ? padded : painted(style, padded);
      })
      .join('  ')
      .trimEnd(),
  );
}
