/**
 * The steps of a pod's charts, as a picture wants them: which states are active now, which transitions led there, by
 * the ids of `machines/chart-ids.ts`. Nothing else leaves: no event, no context, no data.
 *
 * Cost: none unless it is passed as `inspect`; while `isWanted` answers false, one call of it a step.
 */
import type { AnyStateNode, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { type ChartStep, transitionIdOf } from '../../machines/index.ts';

export type Step = Omit<ChartStep, 'type' | 'at' | 'podId'>;

type Options = Readonly<{ tell: (step: Step) => void; isWanted?: () => boolean }>;

/** Whatever is not a machine has no nodes. */
type Snapshot = Readonly<{
  status: string;
  _nodes?: readonly AnyStateNode[];
  children?: Readonly<Record<string, { id: string; getSnapshot(): unknown } | undefined>>;
}>;

type PodActor = Readonly<{ getSnapshot(): unknown }>;

/** To be passed to `createDataManager`, or to `createActor`, as `inspect`. */
export function inspectCharts({ tell, isWanted = () => true }: Options): (event: InspectionEvent) => void {
  let running = new Set<string>();
  return (event) => {
    if (event.type !== '@xstate.microstep' || !isWanted()) return;
    const snapshot = event.snapshot as Snapshot;
    const [root] = snapshot._nodes ?? [];
    if (!root) return;
    const chart = chartOf(root.machine.id, (event.actorRef as { id?: string }).id);
    tell({ chart, ...step(snapshot, event._transitions) });
    if (chart !== 'pod') return;
    // A machine that is stopped from above takes no step of its own.
    const below = chartsBelow(snapshot);
    const now = new Set(below.map(({ chart: name }) => name));
    for (const ended of running) if (!now.has(ended)) tell({ chart: ended, states: [], taken: [] });
    // And none to begin with.
    for (const begun of below) if (!running.has(begun.chart)) tell(begun);
    running = now;
  };
}

/** Where all charts of a pod stand, for whoever begins to look. */
export function chartsOf(pod: PodActor): Step[] {
  const snapshot = pod.getSnapshot() as Snapshot;
  return [{ chart: 'pod', ...step(snapshot, []) }, ...chartsBelow(snapshot)];
}

function chartsBelow({ children }: Snapshot): Step[] {
  return Object.values(children ?? {}).flatMap((child) => {
    const snapshot = child?.getSnapshot() as Snapshot | undefined;
    const [root] = snapshot?._nodes ?? [];
    if (!child || !snapshot || !root || snapshot.status !== 'active') return [];
    return [{ chart: chartOf(root.machine.id, child.id), ...step(snapshot, []) }];
  });
}

/** One refresh machine a dataset: its actor's id tells which. */
function chartOf(machine: string, actorId: string | undefined): string {
  return machine === 'refresh' && actorId !== undefined ? actorId : machine;
}

function step({ status, _nodes }: Snapshot, transitions: readonly AnyTransitionDefinition[]): Omit<Step, 'chart'> {
  return {
    states: status === 'active' ? (_nodes ?? []).map(({ id }) => id) : [],
    taken: transitions.map(transitionIdOf),
  };
}
