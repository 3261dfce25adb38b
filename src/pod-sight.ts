/** What a pod knows of its lease and of each dataset beyond the data itself: for health and metrics, never I/O. */
import type { DatasetName, Role, VersionRecord } from '../machines/index.ts';
import type { Dataset } from './dataset.ts';
import type { PodMemory } from './pod-memory.ts';
import type { ResolvedOptions } from './pod-options.ts';

export type DatasetSight = Readonly<{
  /** A pod without valid data of it is not ready. */
  isRequired: boolean;
  maxAgeMs: number;
  refreshIntervalMs: number;
  /** Source calls of the whole fleet in any window of `perMs`; `left`: as far as this pod has heard of calls. */
  budget: Readonly<{ calls: number; perMs: number; left: number }>;
  /** What is served. */
  served: VersionRecord | undefined;
  /** What Redis holds, as this pod last heard. */
  stored: VersionRecord | undefined;
}>;

export type PodSight = Readonly<{
  mode: 'distributed' | 'standalone';
  /** Of the lease that this pod holds: left of the belief window and of the leader lock, in ms; undefined without one. */
  lease: Readonly<{ beliefLeftMs: number; lockLeftMs: number }> | undefined;
  datasets: Readonly<Record<DatasetName, DatasetSight>>;
}>;

export function lookAtPod({ mode, datasets, timing }: ResolvedOptions, memory: PodMemory, role: Role): PodSight {
  const { belief } = memory;
  const passedMs = belief.passedMs();
  const isHolder = role === 'leader' && passedMs !== undefined;
  return {
    mode,
    lease: isHolder
      ? { beliefLeftMs: belief.leftMs(), lockLeftMs: Math.max(0, timing.leaseTtlMs - passedMs) }
      : undefined,
    datasets: Object.fromEntries([...datasets].map(([name, dataset]) => [name, lookAtDataset(name, dataset, memory)])),
  };
}

function lookAtDataset(name: DatasetName, { plan, maxAgeMs, isRequired }: Dataset, memory: PodMemory): DatasetSight {
  const { refreshIntervalMs, budget } = plan;
  const used = memory.calls.agesMs(name).filter((ageMs) => ageMs < budget.perMs).length;
  return {
    isRequired,
    maxAgeMs,
    refreshIntervalMs,
    budget: { ...budget, left: Math.max(0, budget.calls - used) },
    served: memory.reader.get(name)?.record,
    stored: memory.stored.get(name),
  };
}
