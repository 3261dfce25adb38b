/**
 * A chart seen from further away: a state whose states have none of their own is drawn without them. What happens within
 * it isn't shown; what leads out of it is, under the same ids.
 */
import { type ChartState, isWithin, statesOf, transitionsOf } from './read-chart.ts';

export function outline(chart: ChartState): ChartState {
  const folded = statesOf(chart).filter(isFolded);
  return fold(chart, (id) => folded.find((state) => isWithin(id, state.id))?.id ?? id);
}

function isFolded({ states }: ChartState): boolean {
  return states.length > 0 && states.every((child) => child.states.length === 0);
}

function fold(state: ChartState, visible: (id: string) => string): ChartState {
  const isClosed = isFolded(state);
  return {
    ...state,
    type: isClosed ? 'atomic' : state.type,
    transitions: (isClosed ? transitionsOf(state) : state.transitions).flatMap((transition) => {
      const target = transition.target === undefined ? undefined : visible(transition.target);
      const leaves = target !== undefined && !isWithin(target, state.id) && !isWithin(state.id, target);
      return leaves ? [{ ...transition, source: state.id, target }] : [];
    }),
    states: isClosed ? [] : state.states.map((child) => fold(child, visible)),
  };
}
