/**
 * Permits and publications of a pod that refreshes for itself: the machine's `standalone` state, by configuration
 * only, never a fallback from `degraded`. Nothing leaves the process, and its calls are outside the fleet's budget.
 */
import type { DatasetName } from '../machines/index.ts';
import type { RefreshStores } from './actors/refresh.ts';
import type { PodMemory } from './pod-memory.ts';
import type { ClaimReply, Clock } from './ports.ts';

export function standaloneStores(memory: PodMemory, clock: Clock): RefreshStores {
  const dueAt = new Map<DatasetName, number>();
  const permits = new Map<DatasetName, string>();
  return {
    permits: {
      claim: async ({ dataset, permitId, intervalMs, isRequested }): Promise<ClaimReply> => {
        const now = clock.monotonic();
        const waitMs = (dueAt.get(dataset) ?? now) - now;
        // Asked again: the process lagged, and no call was made under this permit yet.
        const isDue = waitMs <= 0 || isRequested || permits.get(dataset) === permitId;
        if (!isDue) return { outcome: 'notDue', waitMs };
        permits.set(dataset, permitId);
        dueAt.set(dataset, now + intervalMs);
        return { outcome: 'granted', callAgesMs: [0] };
      },
      defer: async ({ dataset, delayMs }) => {
        dueAt.set(dataset, clock.monotonic() + delayMs);
        return { outcome: 'deferred' };
      },
    },
    publications: {
      publish: async ({ dataset, record: proposed, payload }) => {
        const now = clock.now();
        const record = { ...proposed, updatedAt: now, checkedAt: now };
        const data = memory.ownResult(dataset, record)?.data;
        memory.reader.serve(dataset, { record, data, payload });
        return { outcome: 'published', record };
      },
      confirm: async ({ dataset, validators }) => {
        const stored = memory.stored.get(dataset);
        if (!stored) return { outcome: 'mismatch' };
        return {
          outcome: 'confirmed',
          record: { ...stored, checkedAt: clock.now(), ...(validators && { validators }) },
        };
      },
    },
  };
}
