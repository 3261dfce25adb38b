/** The picture of a chart. Ids: see docs/statecharts.md. */
import type { ChartState, ChartTransition } from '../chart/read-chart.ts';
import { type Bundle, initialWidth, type Row, shortName, titleIndent, titleWidth } from './boxes.ts';
import { element } from './element.ts';
import { edgeIdOf, layOut, type Placed, type PlacedState } from './layout.ts';
import { initialSign, legend } from './legend.ts';
import { style } from './style.ts';

const deepestShade = 3;
const cornerRadius = 7;

/** Narrower, the legend would have a word a line. */
const narrowest = 480;

/** @param seed as `bestSeed` found it; it is written into the picture as `data-seed` */
export async function drawChart(chart: ChartState, seed: number): Promise<string> {
  const placed = await layOut(chart, seed);
  const width = Math.max(placed.width, narrowest);
  const { svg: legendSvg, height: legendHeight } = legend(width, placed.height);
  const height = placed.height + legendHeight;
  const isFailover = (bundle: Bundle) => bundle.transitions.some(({ description }) => description !== undefined);
  // Failover lines last: they are never under another.
  const lines = placed.lines.toSorted((a, b) => Number(isFailover(a.bundle)) - Number(isFailover(b.bundle)));
  const parts = [
    element('title', {}, `The ${chart.key} machine`),
    element('desc', {}, descriptionOf(chart)),
    element('style', {}, style),
    element('defs', {}, head('plain') + head('failover')),
    element('rect', { class: 'ground', width, height, rx: 10 }),
    ...placed.states.map(drawFrame),
    ...lines.map((line) => drawLine(line, isFailover(line.bundle))),
    ...placed.states.map(drawTexts),
    legendSvg,
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'data-seed': seed,
  };
  return `${element('svg', { ...attributes, role: 'img' }, `\n${parts.join('\n')}\n`)}\n`;
}

function descriptionOf({ description, states }: ChartState): string {
  return `${description ?? ''} States: ${states.map(({ key }) => key).join(', ')}.`.replaceAll(/[<&]/g, ' ');
}

function head(kind: 'plain' | 'failover'): string {
  const shape = element('path', { class: `head ${kind}`, d: 'M0 0L8 4L0 8z' });
  const size = {
    viewBox: '0 0 8 8',
    refX: 7.5,
    refY: 4,
    markerWidth: 7,
    markerHeight: 7,
    markerUnits: 'userSpaceOnUse',
  };
  return element('marker', { id: `head-${kind}`, ...size, orient: 'auto' }, shape);
}

function drawFrame({ state, frame }: PlacedState): string {
  const { x, y, width, height } = frame;
  const outer = element('rect', { class: `frame depth${depthOf(state)}`, x, y, width, height, rx: cornerRadius });
  const inner =
    state.type === 'final'
      ? element('rect', {
          class: 'inner',
          x: x + 3,
          y: y + 3,
          width: width - 6,
          height: height - 6,
          rx: cornerRadius - 2,
        })
      : '';
  const title = element('title', {}, [state.id, state.description, ...actionsOf(state)].filter(Boolean).join('\n'));
  return element('g', { class: `state ${state.type}`, id: state.id }, title + outer + inner);
}

function depthOf({ id }: ChartState): number {
  return Math.min(id.split('.').length - 1, deepestShade);
}

function actionsOf({ entry, exit }: ChartState): string[] {
  return [
    ...(entry.length > 0 ? [`on entry: ${entry.join(', ')}`] : []),
    ...(exit.length > 0 ? [`on exit: ${exit.join(', ')}`] : []),
  ];
}

function drawTexts({ state, frame, rows, box }: PlacedState): string {
  const sign = state.isInitial ? initialSign(frame.x + titleIndent, frame.y + 15) : '';
  const x = frame.x + titleIndent + (state.isInitial ? initialWidth : 0);
  // Lines that enter a state from above may pass here: they give way to its name.
  const ground = element('rect', {
    class: `depth${depthOf(state)}`,
    x: frame.x + 5,
    y: frame.y + 5,
    width: titleWidth(state) - 8,
    height: 21,
  });
  const title = element('text', { class: 'title', x, y: frame.y + 20 }, state.key);
  const place = `translate(${rows.x} ${rows.y})`;
  const own = { class: 'anywhere', x: 0, y: 0, width: box.width, height: box.height, rx: cornerRadius };
  const border = state.states.length > 0 ? element('rect', own) : '';
  const list = element('g', { transform: place }, border + box.rows.map(drawRow).join('\n'));
  return element(
    'g',
    { class: 'texts', 'data-state': state.id },
    ground + sign + title + (box.rows.length > 0 ? list : ''),
  );
}

function drawRow({ transition, lines, x, y, width, height }: Row): string {
  const texts = lines.map(({ text, style: name, x: lineX, y: lineY }) => {
    return element('text', { class: name, x: lineX, y: lineY }, text);
  });
  if (!transition) return texts.join('');
  const { id, source, target, description } = transition;
  const attributes = {
    class: description === undefined ? 'transition' : 'transition failover',
    id,
    ...(target !== undefined && { 'data-edge': edgeIdOf({ source, target }) }),
  };
  const hit = element('rect', { class: 'hit', x, y, width, height, rx: 3 });
  return element('g', attributes, element('title', {}, tooltip(transition)) + hit + texts.join(''));
}

function tooltip({ id, source, target, description, actions }: ChartTransition): string {
  const goal = target === undefined ? 'stays' : `to ${shortName(target, source)}`;
  return [`${id} (${goal})`, description, actions.length > 0 ? `does: ${actions.join(', ')}` : '']
    .filter(Boolean)
    .join('\n');
}

function drawLine({ bundle, points }: Placed['lines'][number], isFailover: boolean): string {
  const kind = isFailover ? 'failover' : 'plain';
  const d = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const title = element(
    'title',
    {},
    `${bundle.source} to ${bundle.target}\n${bundle.transitions.map(({ id }) => id).join('\n')}`,
  );
  const path = element('path', { d, 'marker-end': `url(#head-${kind})` });
  return element('g', { class: `edge ${kind}`, id: edgeIdOf(bundle) }, title + path);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
