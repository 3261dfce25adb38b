/** Pods side by side with the messages between them, Redis and the source: the last steps up to the chosen one. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import type { FleetPicture } from '../picture/fleet-picture.ts';
import { kindOf, kindSigns } from '../words/kinds.ts';
import { type Message, messageOf, redisLane, sourceLane } from '../words/messages.ts';
import { drawn } from './element.ts';

const mostRows = 40;
/** As many pods as there is room for; those that did something last have a lane of their own. */
const mostPods = 8;
const leastPods = 2;
const rowHeight = 30;
const leastLaneWidth = 165;
/** On a phone: what a mark says then reaches over other lanes, where nothing else stands in its row. */
const narrowLaneWidth = 64;
const timeWidth = 62;
const headHeight = 26;
/** Of the text's size, on average. */
const letterWidth = 6.3;
const besideMark = 9;
const lineHeight = 13;
const others = 'other pods';

type Place = Readonly<{ from: number; to: number; y: number; width: number; isLast: boolean }>;

type TextBeside = Readonly<{ x: number; anchor: 'start' | 'end'; lines: readonly string[] }>;

type Row = Readonly<{ line: TraceLine; message: Message }>;

export class Sequence {
  readonly #host: HTMLElement;
  readonly #timeText: (at: number) => string;

  constructor(host: HTMLElement, timeText: (at: number) => string) {
    this.#host = host;
    this.#timeText = timeText;
  }

  render(lines: readonly TraceLine[], picture: FleetPicture): void {
    const rows: Row[] = [];
    for (let index = lines.length - 1; index >= 0 && rows.length < mostRows; index -= 1) {
      const line = lines[index] as TraceLine;
      if (kindOf(line) !== undefined) rows.unshift({ line, message: messageOf(line) });
    }
    const byName = new Map([...picture.pods.values()].map(({ podId, label }) => [label, podId]));
    const known = (lane: string) => byName.get(lane) ?? lane;
    const least = this.#host.clientWidth < 700 ? narrowLaneWidth : leastLaneWidth;
    const room = Math.floor((this.#host.clientWidth - timeWidth) / least) - 3;
    const lanes = lanesOf(rows, known, picture, Math.min(mostPods, Math.max(leastPods, room)));
    const laneWidth = Math.max(least, Math.floor((this.#host.clientWidth - timeWidth) / lanes.length));
    const xOf = (lane: string) => {
      const index = lanes.indexOf(known(lane));
      return timeWidth + ((index < 0 ? lanes.indexOf(others) : index) + 0.5) * laneWidth;
    };
    const width = timeWidth + lanes.length * laneWidth;
    this.#host.replaceChildren(headOf(lanes, xOf, width, picture), this.#body(rows, lanes, xOf, width));
    this.#host.scrollTop = this.#host.scrollHeight;
  }

  #body(rows: readonly Row[], lanes: readonly string[], xOf: (lane: string) => number, width: number) {
    const drawnRows: SVGElement[] = [];
    let height = 0;
    for (const { line, message } of rows) {
      const [from, to] = [xOf(message.from), xOf(message.to)];
      const text = textBeside(from, to, width, `${kindSigns[kindOf(line) ?? 'other']} ${message.text}`);
      const place = { from, to, y: height + 18 + (text.lines.length - 1) * lineHeight, width };
      drawnRows.push(this.#drawRow(line, message, text, { ...place, isLast: drawnRows.length === rows.length - 1 }));
      height += rowHeight + (text.lines.length - 1) * lineHeight;
    }
    height += 10;
    const svg = drawn('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' });
    svg.append(drawn('title', {}, 'Sequence chart of the last steps; the timeline says the same in words'));
    for (const x of lanes.map(xOf)) svg.append(drawn('line', { class: 'lane', x1: x, x2: x, y1: 0, y2: height }));
    svg.append(...drawnRows);
    return svg;
  }

  /** The last line of its text stands at `y`, beside the mark or above the arrow. */
  #drawRow(line: TraceLine, message: Message, text: TextBeside, { from, to, y, width, isLast }: Place) {
    const kind = kindOf(line) ?? 'other';
    const row = drawn('g', { class: `row${isLast ? ' last' : ''}`, 'data-kind': kind });
    row.append(drawn('title', {}, message.text));
    const height = rowHeight - 2 + (text.lines.length - 1) * lineHeight;
    if (isLast) row.append(drawn('rect', { class: 'cursor', x: 0, y: y + rowHeight - 20 - height, width, height }));
    row.append(drawn('text', { class: 'time', x: 4, y }, this.#timeText(line.at)));
    if (from === to) row.append(drawn('circle', { cx: from, cy: y - 4, r: 4 }), drawText(text, y));
    else {
      const tip = to > from ? -7 : 7;
      row.append(
        drawn('line', { class: 'arrow', x1: from, x2: to, y1: y + 3, y2: y + 3 }),
        drawn('path', { d: `M${to} ${y + 3}l${tip} -4v8z` }),
        drawText(text, y - 2),
      );
    }
    return row;
  }
}

/** To the right of its mark, or where that is too near to the edge, to the left of it; in as many lines as it takes. */
function textBeside(from: number, to: number, width: number, text: string): TextBeside {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const fits = (room: number) => Math.floor((room - 2 * besideMark) / letterWidth);
  const [afterLeft, beforeRight] = [fits(width - left), fits(right - timeWidth)];
  if (text.length <= afterLeft || afterLeft >= beforeRight)
    return { x: left + besideMark, anchor: 'start', lines: linesOf(text, afterLeft) };
  return { x: right - besideMark, anchor: 'end', lines: linesOf(text, beforeRight) };
}

/** Broken at spaces; a word that is longer than a line is cut. */
function linesOf(text: string, longest: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && longer.length <= longest) lines[lines.length - 1] = longer;
    else lines.push(shorten(word, longest));
  }
  return lines;
}

function drawText({ x, anchor, lines }: TextBeside, y: number): SVGElement {
  const text = drawn('text', { x, y, 'text-anchor': anchor });
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const at = { x, y: y - (lines.length - 1 - index) * lineHeight };
    text.append(drawn('tspan', at, isLast ? line : `${line} `));
  }
  return text;
}

/** Stays in sight. */
function headOf(lanes: readonly string[], xOf: (lane: string) => number, width: number, picture: FleetPicture) {
  const svg = drawn('svg', { class: 'heads', width, height: headHeight, 'aria-hidden': 'true' });
  for (const lane of lanes) {
    const name = picture.pods.get(lane)?.label ?? lane;
    svg.append(drawn('text', { class: 'lane-name', x: xOf(lane), y: 17, 'text-anchor': 'middle' }, shorten(name, 22)));
  }
  return svg;
}

function lanesOf(
  rows: readonly Row[],
  known: (lane: string) => string,
  picture: FleetPicture,
  mostLanes: number,
): string[] {
  const acting: string[] = [];
  for (const { message } of rows.toReversed()) {
    for (const lane of [known(message.from), known(message.to)]) {
      const isPod = lane !== redisLane && lane !== sourceLane;
      if (isPod && !acting.includes(lane)) acting.push(lane);
    }
  }
  const placeOf = (lane: string) => picture.pods.get(lane)?.place ?? Number.POSITIVE_INFINITY;
  const pods = acting.slice(0, mostLanes).toSorted((a, b) => placeOf(a) - placeOf(b));
  return [sourceLane, redisLane, ...pods, ...(acting.length > mostLanes ? [others] : [])];
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
