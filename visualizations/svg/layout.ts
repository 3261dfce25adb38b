/**
 * Places of boxes and lines, by ELK's layered algorithm, from top to bottom and as narrow as it can: a README is about
 * 850 px wide and as long as one likes. Deterministic: the same seed gives the same picture. Seeds differ
 * much in width, so `bestSeed` tries some.
 */
import elkModule, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import { type ChartState, statesOf } from '../chart/read-chart.ts';
import { type Box, type Bundle, bundlesOf, layOutBox, titleWidth } from './boxes.ts';

type Point = Readonly<{ x: number; y: number }>;
/** All places are of the whole picture. */
export type Placed = Readonly<{
  width: number;
  height: number;
  states: readonly PlacedState[];
  lines: readonly Readonly<{ bundle: Bundle; points: readonly Point[] }>[];
}>;
/** Where the box's rows stand: in a state with states, they are one of the things inside its frame. */
export type PlacedState = Readonly<{
  state: ChartState;
  frame: Point & Readonly<{ width: number; height: number }>;
  rows: Point;
  box: Box;
}>;

const options: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.layering.strategy': 'MIN_WIDTH',
  'elk.layered.layering.minWidth.upperBoundOnWidth': '1',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '9',
  'elk.spacing.edgeEdge': '4.5',
  'elk.spacing.edgeNode': '6',
  'elk.layered.spacing.nodeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '6',
  'elk.layered.spacing.edgeNodeBetweenLayers': '9',
};

const frameTop = 34;
const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
/** Of a README; narrower gains nothing, so then the shorter picture is better. */
const readmeWidth = 850;

/** The seed of the picture that fits a README best. Takes a dozen layouts. */
export async function bestSeed(chart: ChartState): Promise<number> {
  let best = { seed: 0, width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY };
  for (const seed of seeds) {
    const placed: Placed = await layOut(chart, seed);
    const width = Math.max(placed.width, readmeWidth);
    if (width < best.width || (width === best.width && placed.height < best.height)) {
      best = { seed, width, height: placed.height };
    }
  }
  return best.seed;
}

const framePadding = 12;

export async function layOut(chart: ChartState, seed: number): Promise<Placed> {
  const states = statesOf(chart);
  const boxes = new Map(states.map((state) => [state.id, layOutBox(state, state.states.length === 0)]));
  const bundles = states.flatMap(bundlesOf).filter(({ isDrawn }) => isDrawn);
  const edges: ElkExtendedEdge[] = bundles.map((bundle) => ({
    id: edgeIdOf(bundle),
    sources: [rowsIdOf(find(states, bundle.source))],
    targets: [bundle.target as string],
  }));
  const laidOut: ElkNode = await new elkModule.default().layout({
    id: 'picture',
    layoutOptions: {
      ...options,
      'elk.randomSeed': String(seed),
      'elk.padding': '[top=8,left=8,bottom=8,right=8]',
      'elk.json.edgeCoords': 'ROOT',
    },
    children: [elkNodeOf(chart, boxes)],
    edges: [...edges, ...states.flatMap((state) => orderWithin(state, boxes))],
  });
  const places = placesOf(laidOut, { x: 0, y: 0 });
  const place = (id: string) => {
    const found = places.get(id);
    if (!found) throw new Error(`the layout has no place for ${id}`);
    return found;
  };
  return {
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    states: states.map((state) => ({
      state,
      frame: place(state.id),
      rows: hasRows(state, boxes) ? place(rowsIdOf(state)) : place(state.id),
      box: boxes.get(state.id) as Box,
    })),
    lines: bundles.map((bundle) => ({ bundle, points: pointsOf(laidOut.edges, edgeIdOf(bundle)) })),
  };
}

export function edgeIdOf({ source, target }: Pick<Bundle, 'source' | 'target'>): string {
  return `edge:${source}:${target}`;
}

/** A state with states lists its own transitions in a box inside its frame. */
function rowsIdOf({ id, states }: ChartState): string {
  return states.length > 0 ? `rows:${id}` : id;
}

function hasRows(state: ChartState, boxes: ReadonlyMap<string, Box>): boolean {
  return (boxes.get(state.id)?.rows.length ?? 0) > 0;
}

function elkNodeOf(state: ChartState, boxes: ReadonlyMap<string, Box>): ElkNode {
  const { width, height } = boxes.get(state.id) as Box;
  if (state.states.length === 0) return { id: state.id, width, height };
  const rows = hasRows(state, boxes) ? [{ id: rowsIdOf(state), width, height }] : [];
  return {
    id: state.id,
    children: [...rows, ...state.states.map((child) => elkNodeOf(child, boxes))],
    layoutOptions: {
      ...options,
      'elk.padding': `[top=${frameTop},left=${framePadding},bottom=${framePadding},right=${framePadding}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${Math.ceil(titleWidth(state))},${frameTop})`,
    },
  };
}

/**
 * Lines that nobody draws: a state's own transitions stand above its states, and where states within have states, each
 * child has a height of its own. ELK doesn't know how wide such a state will be and would set them side by side.
 */
function orderWithin(state: ChartState, boxes: ReadonlyMap<string, Box>): ElkExtendedEdge[] {
  const isNested = state.states.some(({ states }) => states.length > 0);
  const children = (isNested ? state.states : state.states.slice(0, 1)).map(({ id }) => id);
  const order = hasRows(state, boxes) && children.length > 0 ? [rowsIdOf(state), ...children] : children;
  return order.slice(1).map((id, index) => ({
    id: `order:${order[index]}:${id}`,
    sources: [order[index] as string],
    targets: [id],
  }));
}

function placesOf(node: ElkNode, origin: Point): Map<string, PlacedState['frame']> {
  const places = new Map<string, PlacedState['frame']>();
  for (const child of node.children ?? []) {
    const place = { x: origin.x + (child.x ?? 0), y: origin.y + (child.y ?? 0) };
    places.set(child.id, { ...place, width: child.width ?? 0, height: child.height ?? 0 });
    for (const [id, below] of placesOf(child, place)) places.set(id, below);
  }
  return places;
}

function pointsOf(edges: readonly ElkExtendedEdge[] | undefined, id: string): Point[] {
  const section = edges?.find((edge) => edge.id === id)?.sections?.[0];
  if (!section) throw new Error(`the layout has no line for ${id}`);
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
}

function find(states: readonly ChartState[], id: string): ChartState {
  const found = states.find((state) => state.id === id);
  if (!found) throw new Error(`no state ${id}`);
  return found;
}
