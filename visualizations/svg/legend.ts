/** What the signs mean, under the picture. */
import { labelSize } from './boxes.ts';
import { element } from './element.ts';
import { textWidth } from './text-width.ts';

const entries: readonly Readonly<{ sign: string; text: string }>[] = [
  { sign: 'initial', text: 'initial state' },
  { sign: 'final', text: 'final state' },
  { sign: 'failover', text: 'failover transition: it has a description in the machine (point at it)' },
  { sign: 'plain', text: 'other transition' },
  { sign: 'trigger', text: 'event, after DELAY, done or error of the actor that runs, always' },
  { sign: '[guard]', text: 'only if' },
];
const signWidth = 26;
const rowHeight = 20;

export function legend(width: number, top: number): Readonly<{ svg: string; height: number }> {
  let x = 14;
  let y = top + 14;
  const parts: string[] = [];
  for (const { sign, text } of entries) {
    const drawn = signOf(sign);
    const own = drawn === undefined ? textWidth(sign, labelSize) + 8 : signWidth;
    const needed = own + textWidth(text, labelSize);
    if (x + needed > width - 10 && x > 14) {
      x = 14;
      y += rowHeight;
    }
    const className = sign === '[guard]' ? 'guard' : 'trigger';
    parts.push(
      drawn === undefined
        ? element('text', { class: className, x, y: y + 4 }, sign)
        : element('g', { transform: `translate(${x} ${y})`, class: sign }, drawn),
      element('text', { class: 'heading-text', x: x + own, y: y + 4 }, text),
    );
    x += needed + 22;
  }
  return { svg: element('g', { class: 'legend' }, parts.join('\n')), height: y + 16 - top };
}

function signOf(sign: string): string | undefined {
  if (sign === 'initial') return initialSign(2, 0);
  if (sign === 'final') {
    const outer = element('rect', { class: 'frame depth2', x: 0, y: -7, width: 20, height: 14, rx: 4 });
    return outer + element('rect', { class: 'inner', x: 2.5, y: -4.5, width: 15, height: 9, rx: 2.5 });
  }
  if (sign !== 'failover' && sign !== 'plain') return undefined;
  return element('g', { class: `edge ${sign}` }, element('path', { d: 'M0 0H20', 'marker-end': `url(#head-${sign})` }));
}

/** A dot and an arrow: before the name of the state that is entered first. */
export function initialSign(x: number, y: number): string {
  const dot = element('circle', { cx: x + 3, cy: y, r: 3 });
  const arrow = element('path', { d: `M${x + 6} ${y}h6m-3 -2.5l3 2.5l-3 2.5`, fill: 'none' });
  return element('g', { class: 'initial' }, dot + arrow);
}
