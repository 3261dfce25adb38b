/** The live table of a terminal: drawn again in place a few times a second. */
import { styleText } from 'node:util';
import { clockText, type Display, shorten, type Tone, thousands } from './display.ts';
import { rolesText, type View } from './view.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'none';
type Line = Readonly<{ text: string; style: Style }>;
type Event = Readonly<{ at: number; sentence: string; tone: Tone }>;

const drawIntervalMs = 250;
const mostEvents = 200;
const styleOf: Readonly<Record<Tone, Style>> = { plain: 'none', fault: 'red', good: 'green' };

type Terminal = Readonly<{ write(text: string): unknown; columns: number; rows: number }>;

export function liveTable(
  terminal: Terminal,
  title: string,
  now: () => { elapsedMs: number; view: View },
  hasColours: boolean,
): Display {
  const events: Event[] = [];
  let pinned: readonly string[] = [];
  let phase = '';
  let drawn = 0;
  let isClosed = false;
  const draw = () => {
    const { elapsedMs, view } = now();
    const columns = Math.max(40, terminal.columns || 80) - 1;
    const fixed = fixedLines({ title, phase, elapsedMs, view, pinned, columns });
    // The rest of the screen; what doesn't fit would scroll away and be drawn twice.
    const space = Math.max(3, (terminal.rows || 40) - fixed.length - 2);
    const lines = [...fixed, ...eventLines(events.slice(-space))];
    const text = lines.map(({ text: of, style }) => paint(shorten(of, columns), hasColours ? style : 'none'));
    const back = drawn > 0 ? `\x1b[${drawn}A\r` : '';
    terminal.write(`${back}\x1b[0J${text.join('\n')}\n`);
    drawn = lines.length;
  };
  terminal.write('\x1b[?25l');
  draw();
  const timer = setInterval(draw, drawIntervalMs);
  return {
    event: (sentence, tone = 'plain') => {
      events.push({ at: now().elapsedMs, sentence, tone });
      if (events.length > mostEvents) events.shift();
    },
    pin: (lines) => {
      pinned = lines;
    },
    phase: (sentence) => {
      phase = sentence;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      draw();
      terminal.write('\x1b[?25h');
    },
  };
}

function paint(text: string, style: Style): string {
  return style === 'none' ? text : styleText(style, text);
}

type Parts = Readonly<{
  title: string;
  phase: string;
  elapsedMs: number;
  view: View;
  pinned: readonly string[];
  columns: number;
}>;

function fixedLines({ title, phase, elapsedMs, view, pinned, columns }: Parts): Line[] {
  const { leader, roles, datasets, dollars, comparison, pods } = view;
  const plain = (text: string): Line => ({ text, style: 'none' });
  const barWidth = Math.max(10, Math.min(40, columns - 60));
  const price = dollars === null ? '' : `   1 EUR = ${dollars.toFixed(4)} USD, read from memory`;
  const rows = datasets.map(({ name, revision, date, holders, calls }) =>
    plain(
      `${name.padEnd(9)}${String(revision || '-').padEnd(10)}${date.padEnd(12)}${bar(holders, pods, barWidth)} ` +
        `${`${holders} of ${pods}`.padEnd(12)}${calls}`,
    ),
  );
  return [
    { text: `${clockText(elapsedMs)}  ${title}`, style: 'bold' },
    plain(''),
    plain(`now      ${phase}`),
    plain(`leader   ${leader ? `${leader.label}, epoch ${leader.epoch}   ${leader.podId}` : 'none'}`),
    plain(`roles    ${rolesText(roles)}`),
    plain(''),
    { text: `dataset  revision  day         ${'held by'.padEnd(barWidth + 13)}calls the API counted`, style: 'dim' },
    ...rows,
    plain(`${comparison ? comparisonText(comparison) : 'The comparison begins when all pods serve.'}${price}`),
    plain(''),
    ...pinned.map((text): Line => ({ text, style: 'dim' })),
    ...(pinned.length > 0 ? [plain('')] : []),
  ];
}

function comparisonText({ rates, terms, alone, pods, intervals }: NonNullable<View['comparison']>): string {
  return `Since all serve: ${rates} + ${terms} calls; alone ${pods} pods x ${intervals} intervals: ${thousands(alone)} + ${thousands(alone)}.`;
}

function bar(count: number, of: number, width: number): string {
  const filled = of === 0 ? 0 : Math.floor((count / of) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

function eventLines(events: readonly Event[]): Line[] {
  return events.map(({ at, sentence, tone }) => ({
    text: `${clockText(at).padStart(6)}  ${sentence}`,
    style: styleOf[tone],
  }));
}
