/** Source calls, their budget, and what became of what was fetched. Only the leader calls; sum over the fleet. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { DatasetName, TraceEntry } from '../../../machines/index.ts';
import type { WatchedPod } from '../pod-health.ts';

/** `unpublished`: the source answered or was still asked, and nothing was published before the lease or the wish ended. */
const results = ['published', 'unchanged', 'failed', 'unpublished'] as const;
type Result = (typeof results)[number];
const hindrances = ['blocked', 'mismatched', 'fenced'] as const;

export function sourceMetrics(pod: WatchedPod, registry: Registry): () => void {
  const registers = [registry];
  const datasets = Object.keys(pod.lookAtPod().datasets);
  budgetGauges(pod, registry);
  const calls = new Counter({
    name: 'bellwether_source_calls_total',
    help: 'Source calls of this pod, by what came of them.',
    labelNames: ['dataset', 'result'],
    registers,
  });
  const refused = new Counter({
    name: 'bellwether_permits_refused_total',
    help: 'Source calls that were not made because the budget was spent.',
    labelNames: ['dataset'],
    registers,
  });
  const hindered = new Counter({
    name: 'bellwether_publications_hindered_total',
    help: 'Publications that Redis did not take: blocked (full, or no disk), mismatched (another version), fenced.',
    labelNames: ['dataset', 'cause'],
    registers,
  });
  for (const dataset of datasets) {
    refused.inc({ dataset }, 0);
    for (const result of results) calls.inc({ dataset, result }, 0);
    for (const cause of hindrances) hindered.inc({ dataset, cause }, 0);
  }
  const open = new OpenCalls((dataset, result) => calls.inc({ dataset, result }));
  const stops = [
    pod.on('*', (entry: TraceEntry) => open.note(entry)),
    pod.on('permit.refused', ({ dataset }) => refused.inc({ dataset })),
    pod.on('publishing.blocked', ({ dataset }) => hindered.inc({ dataset, cause: 'blocked' })),
    pod.on('publishing.mismatched', ({ dataset }) => hindered.inc({ dataset, cause: 'mismatched' })),
    pod.on('publishing.fenced', ({ dataset }) => hindered.inc({ dataset, cause: 'fenced' })),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Calls whose result isn't known yet: at most one a dataset. */
class OpenCalls {
  readonly #open = new Set<DatasetName>();
  readonly #tell: (dataset: DatasetName, result: Result) => void;

  constructor(tell: (dataset: DatasetName, result: Result) => void) {
    this.#tell = tell;
  }

  note(entry: TraceEntry): void {
    switch (entry.type) {
      case 'source.called':
        this.#end(entry.dataset, 'unpublished');
        this.#open.add(entry.dataset);
        break;
      case 'source.failed':
        this.#end(entry.dataset, 'failed');
        break;
      case 'revision.published':
        this.#end(entry.dataset, 'published');
        break;
      case 'revision.unchanged':
        this.#end(entry.dataset, 'unchanged');
        break;
      // What is published later, under another lease, is no result of a call any more.
      case 'belief.ended':
      case 'pod.stopping':
        for (const dataset of [...this.#open]) this.#end(dataset, 'unpublished');
        break;
      default:
    }
  }

  #end(dataset: DatasetName, result: Result): void {
    if (this.#open.delete(dataset)) this.#tell(dataset, result);
  }
}

function budgetGauges(pod: WatchedPod, registry: Registry): void {
  const registers = [registry];
  const labelNames = ['dataset'];
  new Gauge({
    name: 'bellwether_source_budget_calls',
    help: 'Source calls that the whole fleet may make in one window of the budget.',
    labelNames,
    registers,
    collect() {
      for (const [dataset, { budget }] of Object.entries(pod.lookAtPod().datasets)) this.set({ dataset }, budget.calls);
    },
  });
  new Gauge({
    name: 'bellwether_source_budget_left_calls',
    help: 'Of these calls, those that are left now, as far as this pod has heard.',
    labelNames,
    registers,
    collect() {
      for (const [dataset, { budget }] of Object.entries(pod.lookAtPod().datasets)) this.set({ dataset }, budget.left);
    },
  });
  new Gauge({
    name: 'bellwether_source_failing',
    help: 'Whether this pod leads and its last source call failed.',
    labelNames,
    registers,
    collect() {
      const { datasets } = pod.lookAtPod();
      const { failing } = pod.actor.getSnapshot().context;
      for (const dataset of Object.keys(datasets)) this.set({ dataset }, Number(dataset in failing));
    },
  });
}
