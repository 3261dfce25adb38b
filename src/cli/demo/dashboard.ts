/**
 * The dashboard of a run: what the pods report goes to its pages, and into a trace file if there is to be one. Every
 * pod's charts are told while a page is open, or all the time into a trace file.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type TraceLine, traceText } from '../../../machines/index.ts';
import { DashboardFeed } from '../../service/dashboard/feed.ts';
import { type DashboardServer, serveDashboard } from '../../service/dashboard/serve-alone.ts';
import { UsageError } from '../usage-error.ts';
import type { CallCounter } from './calls.ts';
import type { Display } from './display.ts';
import { faultButtons, injectFault } from './fault-buttons.ts';
import type { Fleet } from './fleet.ts';
import type { DemoOptions } from './options.ts';
import { datasetNames, type PodStatus } from './pod-report.ts';
import type { FleetPod } from './roster.ts';
import type { Stage } from './stage.ts';

const fleetStatusMs = 1_000;

export type Dashboard = Readonly<{
  url: string;
  /** From now on the pages' buttons do something. */
  attach(stage: Stage): void;
  /** What goes on is told there, too. */
  alsoTelling(display: Display): Display;
  close(): Promise<void>;
}>;

export async function openDashboard(
  fleet: Fleet,
  calls: CallCounter,
  { port, traceFile, intervalMs }: Pick<DemoOptions, 'port' | 'traceFile' | 'intervalMs'>,
  canStopRedis: boolean,
): Promise<Dashboard> {
  const { roster } = fleet;
  const trace = traceFile === undefined ? undefined : openTrace(traceFile);
  const feed = new DashboardFeed({
    onWatched: (isWatched) => fleet.wantCharts(isWatched || trace !== undefined),
  });
  fleet.wantCharts(trace !== undefined);
  const tell = (line: TraceLine) => {
    trace?.write(line);
    feed.tell(line);
  };
  roster.on('trace', tell);
  roster.on('status', (status, pod) => tell(podStatus(status, pod)));
  roster.on('charts', (steps, { podId }) => {
    for (const step of steps) if (podId !== undefined) tell({ type: 'chart.step', at: Date.now(), podId, ...step });
  });
  roster.on('gone', ({ podId }) => podId !== undefined && tell({ type: 'pod.gone', at: Date.now(), podId }));
  const timer = setInterval(() => tell(fleetStatus(fleet, calls, intervalMs)), fleetStatusMs);

  let stage: Stage | undefined;
  const server: DashboardServer = await serveDashboard(
    {
      about: { title: 'Bellwether demo', mode: 'live', faults: faultButtons(fleet, canStopRedis) },
      feed,
      injectFault: async (name, podId) => {
        if (!stage) throw new Error('the run has not begun yet');
        return injectFault(stage, name, podId, tell);
      },
    },
    port,
  );
  return {
    url: server.url,
    attach: (of) => {
      stage = of;
    },
    alsoTelling: (display) => ({
      ...display,
      phase: (sentence) => {
        tell({ type: 'remark', at: Date.now(), sentence });
        display.phase(sentence);
      },
    }),
    close: async () => {
      clearInterval(timer);
      await server.close();
      trace?.close();
    },
  };
}

function podStatus({ at, podId, role, isLeader, epoch, held }: PodStatus, { label }: FleetPod): TraceLine {
  const versions = Object.entries(held).map(([name, { revision, epoch: under }]) => [name, { revision, epoch: under }]);
  return { type: 'pod.status', at, podId, label, role, isLeader, epoch, versions: Object.fromEntries(versions) };
}

function fleetStatus({ roster }: Fleet, calls: CallCounter, intervalMs: number): TraceLine {
  const at = Date.now();
  const leader = roster.leader();
  const counted = calls.comparison(at);
  const total = calls.total();
  const datasets = datasetNames.flatMap((name) => {
    const records = roster.live().flatMap(({ applied }) => applied[name]?.record ?? []);
    const newest = records.reduce(
      (best, record) => (record.revision > (best?.revision ?? 0) ? record : best),
      records[0],
    );
    if (!newest) return [];
    const { revision, epoch, updatedAt, checkedAt } = newest;
    const told = { revision, epoch, updatedAt, checkedAt, intervalMs };
    return [
      [name, { ...told, calls: counted?.[name] ?? total[name], ...(counted && { alone: counted.alone }) }] as const,
    ];
  });
  return {
    type: 'fleet.status',
    at,
    leader: leader?.podId ?? null,
    epoch: leader?.status?.epoch ?? 0,
    datasets: Object.fromEntries(datasets),
  };
}

/** At once, line by line: a run that is killed leaves what it had. */
function openTrace(file: string): { write(line: TraceLine): void; close(): void } {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`--trace: ${file} cannot be written: ${(error as Error).message}.`);
  }
  return { write: (line) => void writeSync(descriptor, traceText([line])), close: () => closeSync(descriptor) };
}
