/** What came of this pod's last source call of each dataset. Other pods' calls show in `checkedAt` alone. */
import type { DatasetName, Failure, TraceEntry } from '../../machines/index.ts';
import type { DistributedDataManager } from '../index.ts';

export type SourceResult = Readonly<{
  outcome: 'published' | 'unchanged' | 'failed';
  /** On this pod's wall clock, ms since 1970. */
  at: number;
  failure?: Failure;
}>;

export class SourceResults {
  readonly #results = new Map<DatasetName, SourceResult>();
  readonly #stopListening: () => void;

  constructor(manager: Pick<DistributedDataManager, 'on'>) {
    this.#stopListening = manager.on('*', (entry: TraceEntry) => this.#note(entry));
  }

  of(dataset: DatasetName): SourceResult | null {
    return this.#results.get(dataset) ?? null;
  }

  close(): void {
    this.#stopListening();
  }

  #note(entry: TraceEntry): void {
    const { type, at } = entry;
    if (type === 'revision.published') this.#results.set(entry.dataset, { outcome: 'published', at });
    if (type === 'revision.unchanged') this.#results.set(entry.dataset, { outcome: 'unchanged', at });
    if (type === 'source.failed') this.#results.set(entry.dataset, { outcome: 'failed', at, failure: entry.failure });
  }
}
