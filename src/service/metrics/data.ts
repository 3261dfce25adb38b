/** What this pod serves of each dataset, how old it is, and how far it is behind. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DatasetSight } from '../../index.ts';
import type { WatchedPod } from '../pod-health.ts';

const labelNames = ['dataset'] as const;

export function dataMetrics(pod: WatchedPod, registry: Registry): () => void {
  dataGauges(pod, registry);
  const registers = [registry];
  const count = (name: string, help: string) => {
    const counter = new Counter({ name, help, labelNames, registers });
    for (const dataset of Object.keys(pod.lookAtPod().datasets)) counter.inc({ dataset }, 0);
    return counter;
  };
  const applied = count('bellwether_revisions_applied_total', 'Revisions that this pod took into its memory.');
  const bytes = count(
    'bellwether_applied_bytes_total',
    'Bytes of the payloads that this pod took in, as stored in Redis.',
  );
  const rejected = count('bellwether_revisions_rejected_total', 'Versions that the schema of this pod refused.');
  const damaged = count('bellwether_revisions_damaged_total', 'Payloads missing in Redis, or with a wrong checksum.');
  const restored = count('bellwether_revisions_restored_total', 'Revisions that this pod gave back to Redis.');
  const propagation = new Histogram({
    name: 'bellwether_propagation_seconds',
    help: "From a revision's publication until this pod served it, on Redis' clock; a pod's first revision is left out.",
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const noteServed = (dataset: string) => {
    const record = pod.lookAtPod().datasets[dataset]?.served;
    if (!record) return;
    const isFirst = !hadData.has(dataset);
    hadData.add(dataset);
    applied.inc({ dataset });
    bytes.inc({ dataset }, record.bytes);
    // As old as its last confirmation, and that was so long after its publication.
    const sinceMs = pod.version(dataset).ageMs + record.checkedAt - record.updatedAt;
    if (!isFirst) propagation.observe({ dataset }, Math.max(0, sinceMs) / 1_000);
  };
  const hadData = new Set<string>();
  const stops = [
    // In the very moment in which readers get it.
    ...Object.keys(pod.lookAtPod().datasets).map((dataset) => pod.subscribe(dataset, () => noteServed(dataset))),
    pod.on('revision.rejected', ({ dataset }) => rejected.inc({ dataset })),
    pod.on('revision.damaged', ({ dataset }) => damaged.inc({ dataset })),
    pod.on('revision.restored', ({ dataset }) => restored.inc({ dataset })),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function dataGauges(pod: WatchedPod, registry: Registry): void {
  /** Absent where the value is undefined: no data is not data of age 0. */
  const gauge = (name: string, help: string, measure: (name: string, sight: DatasetSight) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const [dataset, sight] of Object.entries(pod.lookAtPod().datasets)) {
          const value = measure(dataset, sight);
          if (value !== undefined) this.set({ dataset }, value);
        }
      },
    });
  gauge(
    'bellwether_data_age_seconds',
    'Time since the source last confirmed what this pod serves.',
    (name, { served }) => (served ? pod.version(name).ageMs / 1_000 : undefined),
  );
  gauge(
    'bellwether_data_max_age_seconds',
    'Older data is not valid, and the pod then not ready.',
    (_, { maxAgeMs }) => maxAgeMs / 1_000,
  );
  gauge('bellwether_data_valid', 'Whether the pod has data, and it is not older than its limit.', (name) =>
    Number(pod.version(name).isValid),
  );
  gauge('bellwether_data_revision', 'The revision that this pod serves.', (_, { served }) => served?.revision);
  gauge('bellwether_data_bytes', 'Size of the served payload as stored in Redis.', (_, { served }) => served?.bytes);
  gauge(
    'bellwether_revisions_behind',
    'How many revisions the served one is behind what Redis holds, as this pod last heard.',
    (_, { served, stored }) => Math.max(0, (stored?.revision ?? 0) - (served?.revision ?? 0)),
  );
  gauge(
    'bellwether_refresh_interval_seconds',
    'Time between two source calls of the whole fleet.',
    (_, { refreshIntervalMs }) => refreshIntervalMs / 1_000,
  );
}
