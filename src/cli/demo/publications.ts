/**
 * How each publication spreads: which are still on their way, and how long the finished ones took from Redis to the
 * last pod that was connected.
 */
import { compareVersions, type TraceEntry, type VersionRecord } from '../../../machines/index.ts';
import { type DatasetName, datasetNames } from './pod-report.ts';
import type { FleetPod, Roster } from './roster.ts';

export type Spread = Readonly<{ dataset: DatasetName; record: VersionRecord; pods: number; tookMs: number }>;

type Open = Readonly<{ dataset: DatasetName; record: VersionRecord }>;

/** By then somebody has told, in its status, of which day the data are. */
const tellDelayMs = 5;

export class Publications {
  /** The newest that has reached all. */
  readonly reached: Partial<Record<DatasetName, VersionRecord>> = {};
  readonly #roster: Roster;
  readonly #onReached: (spread: Spread) => void;
  #open: Open[] = [];

  constructor(roster: Roster, onReached: (spread: Spread) => void) {
    this.#roster = roster;
    this.#onReached = onReached;
    roster.on('trace', (entry) => this.#note(entry));
    // One that no pod is left to wait for has reached all.
    roster.on('gone', () => this.#look());
  }

  /** Both datasets have been published after that moment, and all connected pods hold what was published. */
  haveReachedAllSince(at: number): boolean {
    return datasetNames.every((dataset) => (this.reached[dataset]?.updatedAt ?? 0) > at) && this.#open.length === 0;
  }

  #note(entry: TraceEntry): void {
    if (entry.type === 'revision.published') this.#begin(entry.dataset, entry.record);
    this.#look();
  }

  #tell(spread: Spread): void {
    this.reached[spread.dataset] = spread.record;
    this.#onReached(spread);
  }

  #begin(name: string, record: VersionRecord): void {
    const dataset = datasetNames.find((candidate) => candidate === name);
    if (!dataset) return;
    // Whoever waits for an older one of this dataset is served by this one.
    this.#open = this.#open.filter((open) => open.dataset !== dataset);
    this.#open.push({ dataset, record });
  }

  #look(): void {
    const pods = this.#roster.connected();
    for (const open of [...this.#open]) {
      const { dataset, record } = open;
      if (this.#roster.holders(pods, dataset, record) < pods.length) continue;
      this.#open = this.#open.filter((other) => other !== open);
      // Redis' clock is this machine's: `updatedAt` is when the script ran, before anybody could know.
      const tookMs = Math.max(0, lastArrival(pods, dataset, record) - record.updatedAt);
      setTimeout(() => this.#tell({ dataset, record, pods: pods.length, tookMs }), tellDelayMs);
    }
  }
}

/** When the last of them took this very version; some may be further already. */
function lastArrival(pods: readonly FleetPod[], dataset: DatasetName, record: VersionRecord): number {
  const arrivals = pods.map(({ applied }) => applied[dataset]).filter((arrival) => arrival !== undefined);
  const ofIt = arrivals.filter((arrival) => compareVersions(arrival.record, record) === 0);
  return Math.max(record.updatedAt, ...ofIt.map(({ at }) => at));
}
