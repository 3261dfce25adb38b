/** A way through the model as lines of a trace, for the dashboard's replay: one second of the trace is one step. */
import { PodStatus, roleOf, TraceLine } from '../../../machines/index.ts';
import { type Entry, gone, type Ran } from './fleet-state.ts';
import type { Step } from './found-steps.ts';
import { answerText } from './tell.ts';
import type { World } from './world.ts';

const stepMs = 1_000;

export async function traceWay(
  world: World,
  way: readonly { state: readonly number[]; ordinal: number }[],
  violations: readonly Readonly<{ promise: string; sentence: string }>[],
): Promise<TraceLine[]> {
  const lines: TraceLine[] = [];
  for (const [index, { state, ordinal }] of way.entries()) {
    const step = (await world.steps.of(state))[ordinal] as Step;
    const at = (index + 1) * stepMs;
    lines.push(beginning(step, at));
    lines.push(...step.ran.map((ran) => asked(ran, at)));
    lines.push(...step.entries.filter(({ type }) => type !== 'tick').flatMap((entry) => factOf(entry, at)));
    lines.push(...standing(world, step.state, at), ...ended(world, state, step.state, at));
  }
  const at = way.length * stepMs;
  const broken = violations.map(({ promise, sentence }): TraceLine => {
    return { type: 'remark', at, sentence: `VIOLATION of "${promise}": ${sentence}` };
  });
  return [...lines, ...broken];
}

function beginning({ podId, does, fault }: Step, at: number): TraceLine {
  const who = podId === undefined ? {} : { pod: podId };
  if (fault !== undefined) return { type: 'fault.injected', at, fault, ...who, detail: does() };
  return { type: 'remark', at, ...(podId !== undefined && { podId }), sentence: does() };
}

function asked(ran: Ran, at: number): TraceLine {
  const { podId, store, method } = ran.command;
  return { type: 'redis.asked', at, podId, command: `${store}.${method}`, answer: answerText(ran) };
}

/** What the judges alone want to hear is no line. */
function factOf(entry: Entry, at: number): TraceLine[] {
  const line = TraceLine.safeParse({ ...entry, at });
  return line.success ? [line.data as TraceLine] : [];
}

/** Where every pod stands after a step, with its charts: the model's pods tell no change of role. */
function standing({ states }: World, state: readonly number[], at: number): TraceLine[] {
  const draft = states.draft(state);
  return draft.pods.flatMap((pod, place): TraceLine[] => {
    if (pod === gone) return [];
    const { machines, memory } = states.terms.pods.get(pod);
    const podId = states.podId(draft, place);
    const root = machines.snapshots.pod;
    if (!root) return [];
    const served = memory.served?.record;
    const versions = served ? { rates: { revision: served.revision, epoch: served.epoch } } : {};
    const role = root.status === 'active' ? roleOf(root) : 'stopped';
    const epoch = (root.context as { leader?: { epoch: number } }).leader?.epoch ?? 0;
    const status = PodStatus.parse({
      ...{ type: 'pod.status', at, podId, role, isLeader: states.believes(draft, place), epoch, versions },
    });
    const charts = Object.entries(machines.snapshots).map(([chart, { status: life, _nodes }]): TraceLine => {
      const active = life === 'active' ? _nodes.map(({ id }) => id) : [];
      return { type: 'chart.step', at, podId, chart, states: active, taken: [] };
    });
    return [status, ...charts];
  });
}

function ended({ states }: World, before: readonly number[], after: readonly number[], at: number): TraceLine[] {
  const [old, now] = [states.draft(before), states.draft(after)];
  return old.pods.flatMap((pod, place): TraceLine[] => {
    const podId = states.podId(old, place);
    const isSame = now.pods[place] !== gone && states.podId(now, place) === podId;
    return pod === gone || isSame ? [] : [{ type: 'pod.gone', at, podId }];
  });
}
