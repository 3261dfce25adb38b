/**
 * What a trace file holds, one JSON object a line: the facts of pods and of a harness, and beside them what only people
 * and pictures want: faults that somebody injected, what a pod says of itself, steps of its charts, plain sentences.
 *
 * Written by the demo, by simulations, by chaos runs and by the model checker; the same lines go to the dashboard live.
 * `log-lines.ts` reads the facts off a production log.
 */
import { z } from 'zod';
import { FleetEntry } from './fleet-trace.ts';
import { linesIn } from './log-lines.ts';
import { DatasetName, PodId, Role } from './protocol.ts';

const at = z.number();
const count = z.number().int().nonnegative();

/** Somebody did something to the fleet. For people; what the judges must know has entries of its own. */
export const InjectedFault = z.object({
  type: z.literal('fault.injected'),
  at,
  /** `pod.crash`, `redis.wipe` … */
  fault: z.string(),
  /** The pod's name; its id where only that is known. */
  pod: z.exactOptional(z.string()),
  detail: z.exactOptional(z.string()),
});
export type InjectedFault = Readonly<z.infer<typeof InjectedFault>>;

/** A pod at one moment: by its own word, or as it was last seen. */
export const PodStatus = z.object({
  type: z.literal('pod.status'),
  at,
  podId: PodId,
  /** A shorter name for people. */
  label: z.exactOptional(z.string()),
  role: Role,
  /** What `isLeader()` answered, where it was asked. */
  isLeader: z.exactOptional(z.boolean()),
  epoch: count,
  /** The revisions that it serves. */
  versions: z.record(DatasetName, z.object({ revision: count, epoch: count })),
  /** Why it is degraded. */
  failure: z.exactOptional(z.string()),
});
export type PodStatus = z.infer<typeof PodStatus>;

/** A pod has ended. */
export const PodGone = z.object({ type: z.literal('pod.gone'), at, podId: PodId });

/** One step of one machine of a pod. States and transitions by their ids: see `chart-ids.ts`. */
export const ChartStep = z.object({
  type: z.literal('chart.step'),
  at,
  podId: PodId,
  /** `pod`, `lease`, `sync`, or `refresh:` and the dataset. */
  chart: z.string(),
  /** Those that are active now. Empty: the machine has ended. */
  states: z.array(z.string()),
  taken: z.array(z.string()),
});
export type ChartStep = z.infer<typeof ChartStep>;

/** A dataset as the whole fleet has it. */
const DatasetStatus = z.object({
  revision: count,
  epoch: count,
  /** On the clock of Redis. */
  updatedAt: z.number(),
  checkedAt: z.number(),
  intervalMs: z.exactOptional(z.number()),
  /** Source calls of the fleet, and those that its pods would have made on their own in the same time. */
  calls: z.exactOptional(count),
  alone: z.exactOptional(count),
});

/** What belongs to no pod alone. */
export const FleetStatus = z.object({
  type: z.literal('fleet.status'),
  at,
  leader: PodId.nullable(),
  epoch: count,
  datasets: z.record(DatasetName, DatasetStatus),
  /** Whoever tells this can't see the fleet just now, and why. What it told before is what it last saw. */
  failure: z.exactOptional(z.string()),
});
export type FleetStatus = z.infer<typeof FleetStatus>;

/** A command and what Redis answered. */
export const RedisAsked = z.object({
  type: z.literal('redis.asked'),
  at,
  podId: PodId,
  command: z.string(),
  answer: z.string(),
});

/** A sentence for people. */
export const Remark = z.object({ type: z.literal('remark'), at, podId: z.exactOptional(PodId), sentence: z.string() });

export const TraceLine = z.union([
  FleetEntry,
  InjectedFault,
  PodStatus,
  PodGone,
  ChartStep,
  FleetStatus,
  RedisAsked,
  Remark,
]);
export type TraceLine =
  | FleetEntry
  | InjectedFault
  | z.infer<
      typeof PodStatus | typeof PodGone | typeof ChartStep | typeof FleetStatus | typeof RedisAsked | typeof Remark
    >;

export type TraceFile = Readonly<{
  /** In the order of time. */
  lines: readonly TraceLine[];
  /** Numbers of the lines, from 1, that look like lines of a trace and are none. */
  refused: readonly number[];
}>;

/** Reads a trace file or the log of a service; what is neither is passed over. */
export function readTrace(text: string): TraceFile {
  const lines: TraceLine[] = [];
  const refused: number[] = [];
  for (const { number, value } of linesIn(text)) {
    const line = TraceLine.safeParse(value);
    if (line.success) lines.push(line.data as TraceLine);
    else refused.push(number);
  }
  return { lines: lines.toSorted((a, b) => a.at - b.at), refused };
}

export function traceText(lines: readonly TraceLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
