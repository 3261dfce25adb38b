/**
 * What a pod of the demo says of itself: every fact of its trace, and a status at each change and once a second.
 *
 * A status is made by reading as a service would read: `isLeader()` and the data, not what the machine thinks of them.
 */

import type { PodId, Role, TraceEntry } from '../../../machines/index.ts';
import type { HedgingService } from '../../hedging/index.ts';
import { chartsOf, inspectCharts, type Step } from '../../inspection/index.ts';

export const datasetNames = ['rates', 'terms'] as const;
export type DatasetName = (typeof datasetNames)[number];

/** What a read gave. `date` is in the data itself: the recorded day. */
export type Held = Readonly<{ revision: number; epoch: number; podId: PodId; date: string }>;

export type PodStatus = Readonly<{
  at: number;
  podId: PodId;
  role: Role;
  isLeader: boolean;
  /** Of the lease that this pod knows of; its own when it leads. */
  epoch: number;
  held: Readonly<Partial<Record<DatasetName, Held>>>;
  /** What one euro costs in dollars, read from the rates. */
  dollars: number | null;
}>;

export type PodMessage =
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'trace'; entry: TraceEntry }>
  | Readonly<{ kind: 'status'; status: PodStatus }>
  | Readonly<{ kind: 'charts'; steps: readonly Step[] }>;

/** From the demo to a pod: whether anybody wants to see its charts. */
export type PodOrder = Readonly<{ kind: 'charts'; areWanted: boolean }>;

/** The variable that names the relay a pod streams its machines to. */
export const inspectAt = 'BELLWETHER_DEMO_INSPECT';

const statusIntervalMs = 1_000;

/** Begins to report; returns what ends it with a last status. */
export function reportPod(service: HedgingService, tell: (message: PodMessage) => void): () => void {
  let isDue = false;
  const tellStatus = () => {
    isDue = false;
    tell({ kind: 'status', status: statusOf(service) });
  };
  const stopListening = service.manager.on('*', (entry) => {
    tell({ kind: 'trace', entry });
    if (isDue) return;
    isDue = true;
    // When the machine has made its step, and once for all facts of it.
    setImmediate(tellStatus);
  });
  const timer = setInterval(tellStatus, statusIntervalMs);
  tellStatus();
  return () => {
    clearInterval(timer);
    stopListening();
    tellStatus();
  };
}

/** The charts of one pod: told while somebody wants to see them, from where they stand then. */
export class ChartReport {
  readonly inspect: ReturnType<typeof inspectCharts>;
  readonly #tell: (message: PodMessage) => void;
  #areWanted = false;

  constructor(tell: (message: PodMessage) => void) {
    this.#tell = tell;
    this.inspect = inspectCharts({
      tell: (step) => tell({ kind: 'charts', steps: [step] }),
      isWanted: () => this.#areWanted,
    });
  }

  want(areWanted: boolean, { manager }: HedgingService): void {
    if (areWanted && !this.#areWanted) this.#tell({ kind: 'charts', steps: chartsOf(manager.actor) });
    this.#areWanted = areWanted;
  }
}

function statusOf({ manager, isLeader, getRates, getTerms }: HedgingService): PodStatus {
  const [rates, terms] = [read(getRates), read(getTerms)];
  const held = (name: DatasetName, date: string | undefined) => {
    const version = manager.version(name);
    return date !== undefined && { [name]: { ...pick(version), date } };
  };
  return {
    at: Date.now(),
    podId: manager.podId,
    role: manager.role(),
    isLeader: isLeader(),
    epoch: manager.leader()?.epoch ?? 0,
    held: { ...held('rates', rates?.date), ...held('terms', terms?.date) },
    dollars: rates?.rates.usd ?? null,
  };
}

function pick({ revision, epoch, podId }: Omit<Held, 'date'>) {
  return { revision, epoch, podId };
}

/** Nothing to read yet is an ordinary answer here. */
function read<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
