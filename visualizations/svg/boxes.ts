/**
 * What stands in a state's box, and how large it is: the name, the actors that run, and every transition that starts
 * here, stacked under its target. So no label can meet another one or a line, and whoever follows a line knows its end.
 */
import { type ChartState, type ChartTransition, isWithin } from '../chart/read-chart.ts';
import { textWidth } from './text-width.ts';

export const titleSize = 14.5;
export const labelSize = 13;
const lineHeight = 16.5;
const titleHeight = 29;
const paddingX = 10;
const guardIndent = 8;
/** The sign before the name of an initial state. */
export const initialWidth = 18;
export { paddingX as titleIndent };

const columnGap = 18;
/** A longer list is set in columns. */
const longestColumn = 6;

export type Line = Readonly<{ x: number; y: number; text: string; style: 'heading' | 'runs' | 'trigger' | 'guard' }>;
/** A transition, or a line of its own. All places are relative to the box. */
export type Row = Readonly<{ transition: ChartTransition | undefined; lines: readonly Line[] } & Area>;
type Area = { x: number; y: number; width: number; height: number };
export type Box = Readonly<{ rows: readonly Row[]; width: number; height: number }>;

/** Transitions of one source and one target: one line between boxes, unless one box is within the other. */
export type Bundle = Readonly<{
  source: string;
  target: string | undefined;
  isDrawn: boolean;
  transitions: readonly ChartTransition[];
}>;

export function bundlesOf(state: ChartState): Bundle[] {
  const byTarget = new Map<string | undefined, ChartTransition[]>();
  for (const transition of state.transitions) {
    byTarget.set(transition.target, [...(byTarget.get(transition.target) ?? []), transition]);
  }
  return [...byTarget].map(([target, transitions]) => ({
    source: state.id,
    target,
    isDrawn: target !== undefined && !isWithin(target, state.id) && !isWithin(state.id, target),
    transitions,
  }));
}

export function titleWidth(state: ChartState): number {
  return (state.isInitial ? initialWidth : 0) + textWidth(state.key, titleSize, 'bold') + 2 * paddingX;
}

/** @param hasTitle the name stands in this box; that of a state with states stands on its frame */
export function layOutBox(state: ChartState, hasTitle: boolean): Box {
  const rows: Row[] = [];
  let y = hasTitle ? titleHeight : 5;
  const addLine = (text: string, style: Line['style']) => {
    rows.push(rowAt(paddingX, y, [{ text, style, indent: 0 }], undefined));
    y += lineHeight;
  };
  if (!hasTitle && state.transitions.length + state.invokes.length > 0) addLine(`anywhere in ${state.key}`, 'heading');
  for (const { id, actor } of state.invokes) addLine(id === actor ? `runs ${actor}` : `runs ${actor} as ${id}`, 'runs');
  for (const { target, transitions } of bundlesOf(state)) {
    y += 3;
    addLine(target === undefined ? 'stays on' : `→ ${shortName(target, state.id)}`, 'heading');
    const columns = Math.ceil(transitions.length / longestColumn);
    const perColumn = Math.ceil(transitions.length / columns);
    let x = paddingX;
    let lowest = y;
    for (let column = 0; column < columns; column += 1) {
      let columnY = y;
      let widest = 0;
      for (const transition of transitions.slice(column * perColumn, (column + 1) * perColumn)) {
        const row = rowAt(x, columnY, linesOf(transition, state), transition);
        rows.push(row);
        columnY += row.height;
        widest = Math.max(widest, row.width);
      }
      x += widest + columnGap;
      lowest = Math.max(lowest, columnY);
    }
    y = lowest;
  }
  const widths = rows.map((row) => row.x + row.width + paddingX);
  const width = Math.max(56, hasTitle ? titleWidth(state) : 0, ...widths);
  return { rows, width: Math.ceil(width), height: rows.length > 0 ? y + 6 : titleHeight + 4 };
}

type Text = Readonly<{ text: string; style: Line['style']; indent: number }>;

function rowAt(x: number, y: number, texts: readonly Text[], transition: ChartTransition | undefined): Row {
  const lines = texts.map(({ text, style, indent }, index) => ({
    x: x + indent,
    y: y + index * lineHeight + 12.5,
    text,
    style,
  }));
  const widths = texts.map(({ text, style, indent }) => {
    return indent + textWidth(text, labelSize, style === 'heading' ? 'bold' : 'regular');
  });
  return { x, y, width: Math.max(...widths), height: texts.length * lineHeight, lines, transition };
}

function linesOf({ trigger, guard, reenters, source, target }: ChartTransition, state: ChartState): Text[] {
  // The box says which actor runs: with one of them its end needs no name.
  const isClear = state.invokes.length === 1 && state.invokes[0]?.id === trigger.name;
  const name = trigger.kind === 'event' ? trigger.name : isClear ? trigger.kind : `${trigger.kind} ${trigger.name}`;
  const text = reenters && source === target ? `${name.trim()} (anew)` : name.trim();
  const lines: Text[] = [{ text, style: 'trigger', indent: 0 }];
  return guard ? [...lines, { text: `[${guard}]`, style: 'guard', indent: guardIndent }] : lines;
}

/** A state's path as seen from another one: without what they have in common. */
export function shortName(id: string, from: string): string {
  const path = id.split('.');
  const own = from.split('.');
  let common = 0;
  while (common < path.length - 1 && path[common] === own[common]) common += 1;
  return path.slice(common).join('.');
}
