/** Many elections at once, their faults one after the other, so that no takeover disturbs another where it can be helped. */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Election, type Fault, type Sample } from './election.ts';
import type { Stage } from './stage.ts';

export type Batch = Readonly<{ faults: readonly Fault[]; ttlMs: number; samples: number; restMs: number }>;

export type BatchResult = Readonly<{
  samples: readonly Sample[];
  elections: number;
  /** Of all cores, while the elections were at rest. */
  busyPercent: number;
  /** Takeovers with another one within `disturbingMs` before or after. */
  disturbed: number;
  tookSeconds: number;
}>;

/** Between two faults: a rival's takeover from a leader that gives up takes up to 300 ms. */
export const faultSlotMs = 400;
/** Between two leaders that begin, a process each; between two elections that get followers. */
const beginSlotMs = 230;
const followSlotMs = 100;

export const disturbingMs = 200;

export async function runBatch(
  stages: readonly Stage[],
  { faults, ttlMs, samples, restMs }: Batch,
): Promise<BatchResult> {
  const startedAt = performance.now();
  const elections = Array.from({ length: samples }, (_, i) =>
    faults.flatMap((fault) =>
      stages.map(
        (stage) => new Election(stage, fault, `${fault.replace(' ', '-').toLowerCase()}-${ttlMs}-${i + 1}`, ttlMs),
      ),
    ),
  ).flat();
  await inSlots(elections, beginSlotMs, (election) => election.begin());
  await inSlots(elections, followSlotMs, (election) => election.follow());
  const idleFrom = processorTimes();
  await sleep(restMs);
  const busyPercent = busyBetween(idleFrom, processorTimes());
  // In the other order, else the fault would hit all of them at the same moment after a renewal.
  const measured = await inSlots(elections.toReversed(), faultSlotMs, (election) => election.measure());
  await Promise.all(stages.map((stage) => stage.clear()));
  return {
    samples: measured,
    elections: elections.length,
    busyPercent,
    disturbed: countDisturbed(measured),
    tookSeconds: (performance.now() - startedAt) / 1_000,
  };
}

/** Begins one every slot, without waiting for the one before. */
function inSlots<Item, Result>(
  items: readonly Item[],
  slotMs: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    items.map(async (item, i) => {
      await sleep(i * slotMs);
      return act(item);
    }),
  );
}

function processorTimes(): { busy: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all };
}

function busyBetween(from: ReturnType<typeof processorTimes>, to: ReturnType<typeof processorTimes>): number {
  return (100 * (to.busy - from.busy)) / Math.max(1, to.all - from.all);
}

function countDisturbed(samples: readonly Sample[]): number {
  const moments = samples.map(({ ledAtNs }) => Number(ledAtNs) / 1e6).sort((a, b) => a - b);
  const isNear = (a: number | undefined, b: number | undefined) =>
    a !== undefined && b !== undefined && b - a < disturbingMs;
  return moments.filter((at, i) => isNear(moments[i - 1], at) || isNear(at, moments[i + 1])).length;
}
