/**
 * A Mermaid state diagram: for whoever has Mermaid and not this repository. Transitions of one source and target share
 * an arrow, as in the picture; those that don't leave their state, or lead from a state into itself, stand in a note.
 */
import { type ChartState, type ChartTransition, statesOf } from '../chart/read-chart.ts';
import { bundlesOf, shortName } from '../svg/boxes.ts';

export function mermaid(chart: ChartState): string {
  const arrows = statesOf(chart)
    .flatMap(bundlesOf)
    .filter(({ isDrawn }) => isDrawn)
    .map(({ source, target, transitions }) => {
      return `  ${idOf(source)} --> ${idOf(target as string)} : ${transitions.map(labelOf).join('<br/>')}`;
    });
  return ['stateDiagram-v2', `  direction TB`, ...stateLines(chart, '  '), ...arrows, ''].join('\n');
}

function stateLines(state: ChartState, indent: string): string[] {
  const id = idOf(state.id);
  const initial = state.states
    .filter(({ isInitial }) => isInitial)
    .map((child) => `${indent}  [*] --> ${idOf(child.id)}`);
  const within = state.states.flatMap((child) => stateLines(child, `${indent}  `));
  const declared = `${indent}state "${state.key}" as ${id}`;
  const own = bundlesOf(state)
    .filter(({ isDrawn }) => !isDrawn)
    .flatMap(({ target, transitions }) =>
      transitions.map((transition) => {
        return `${labelOf(transition)}${target === undefined ? ' stays' : ` to ${shortName(target, state.id)}`}`;
      }),
    );
  const lines = state.states.length === 0 ? [declared] : [`${declared} {`, ...initial, ...within, `${indent}}`];
  const note = own.length > 0 ? [`${indent}note right of ${id} : ${own.join('<br/>')}`] : [];
  const end = state.type === 'final' ? [`${indent}${id} --> [*]`] : [];
  return [...lines, ...note, ...end];
}

function labelOf({ trigger, guard }: ChartTransition): string {
  const name = trigger.kind === 'event' ? trigger.name : `${trigger.kind} ${trigger.name}`.trim();
  return guard === undefined ? name : `${name} [${guard}]`;
}

/** Mermaid takes no dots in ids. */
function idOf(id: string): string {
  return id.replaceAll('.', '_');
}
