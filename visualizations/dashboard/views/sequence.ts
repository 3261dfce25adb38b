/** Pods side by side with the messages between them, Redis and the source: the last steps up to the chosen one. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import type { FleetPicture } from '../picture/fleet-picture.ts';
import { kindOf, kindSigns } from '../words/kinds.ts';
import { type Message, messageOf, redisLane, sourceLane } from '../words/messages.ts';
import { drawn } from './element.ts';

const mostRows = 40;
/** More would be no picture; those that did something last have a lane of their own. */
const mostPods = 6;
const rowHeight = 30;
const laneWidth = 190;
const timeWidth = 76;
const headHeight = 40;
const others = 'other pods';

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
    const lanes = lanesOf(rows, known, picture);
    const svg = this.#draw(rows, lanes, known, picture);
    this.#host.replaceChildren(svg);
    this.#host.scrollTop = this.#host.scrollHeight;
  }

  #draw(rows: readonly Row[], lanes: readonly string[], known: (lane: string) => string, picture: FleetPicture) {
    const width = timeWidth + lanes.length * laneWidth;
    const height = headHeight + rows.length * rowHeight + 10;
    const xOf = (lane: string) => {
      const index = lanes.indexOf(known(lane));
      return timeWidth + ((index < 0 ? lanes.indexOf(others) : index) + 0.5) * laneWidth;
    };
    const svg = drawn('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' });
    svg.append(drawn('title', {}, 'Sequence chart of the last steps; the timeline says the same in words'));
    for (const lane of lanes) {
      const name = picture.pods.get(lane)?.label ?? lane;
      const x = xOf(lane);
      svg.append(
        drawn('line', { class: 'lane', x1: x, x2: x, y1: headHeight - 8, y2: height }),
        drawn('text', { class: 'lane-name', x, y: 20, 'text-anchor': 'middle' }, shorten(name, 24)),
      );
    }
    for (const [index, { line, message }] of rows.entries()) {
      const y = headHeight + (index + 0.6) * rowHeight;
      const isLast = index === rows.length - 1;
      svg.append(this.#drawRow(line, message, xOf(message.from), xOf(message.to), y, isLast, width));
    }
    return svg;
  }

  #drawRow(line: TraceLine, { text }: Message, from: number, to: number, y: number, isLast: boolean, width: number) {
    const kind = kindOf(line) ?? 'other';
    const row = drawn('g', { class: `row${isLast ? ' last' : ''}`, 'data-kind': kind });
    row.append(drawn('title', {}, text));
    if (isLast) row.append(drawn('rect', { class: 'cursor', x: 0, y: y - 18, width, height: rowHeight - 2 }));
    row.append(drawn('text', { class: 'time', x: 4, y }, this.#timeText(line.at)));
    const sign = kindSigns[kind];
    if (from === to) {
      row.append(drawn('circle', { cx: from, cy: y - 4, r: 4 }));
      row.append(drawn('text', { x: from + 9, y }, `${sign} ${shorten(text, 27)}`));
      return row;
    }
    const tip = to > from ? -7 : 7;
    row.append(
      drawn('line', { class: 'arrow', x1: from, x2: to, y1: y + 3, y2: y + 3 }),
      drawn('path', { d: `M${to} ${y + 3}l${tip} -4v8z` }),
      drawn('text', { x: Math.min(from, to) + 9, y: y - 2 }, `${sign} ${shorten(text, 27)}`),
    );
    return row;
  }
}

function lanesOf(rows: readonly Row[], known: (lane: string) => string, picture: FleetPicture): string[] {
  const acting: string[] = [];
  for (const { message } of rows.toReversed()) {
    for (const lane of [known(message.from), known(message.to)]) {
      const isPod = lane !== redisLane && lane !== sourceLane;
      if (isPod && !acting.includes(lane)) acting.push(lane);
    }
  }
  const placeOf = (lane: string) => picture.pods.get(lane)?.place ?? Number.POSITIVE_INFINITY;
  const pods = acting.slice(0, mostPods).toSorted((a, b) => placeOf(a) - placeOf(b));
  return [...pods, ...(acting.length > mostPods ? [others] : []), redisLane, sourceLane];
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
