/**
 * The schedule of source calls. The same rules as src/redis/lua/lib/schedule.lua, on the store's clock.
 *
 * What lies in the future (the clock was set back) is moved to now and stored so, else it would stay "just now" until
 * the clock has caught up.
 */
import type { DatasetName } from '../../machines/index.ts';
import type { StoredSchedule } from './keyspace.ts';
import type { Namespace } from './namespace.ts';

/** No more calls than this are remembered, so no more can be allowed in a window either. */
export const mostCalls = 64;

/** Two sightings of one call differ by the time its announcement took. */
const sameCallMs = 1_000;

/** Of a call that only pods remember. */
const unknownPermit = 'unknown';

const nothing: StoredSchedule = { calls: [] };

export function scheduleOf({ keys }: Namespace, dataset: DatasetName): StoredSchedule {
  return keys.schedule.get(dataset) ?? nothing;
}

/**
 * The calls of a dataset, youngest first: what the store knows and what a pod remembers. The store may have lost calls
 * (wiped, or rolled back to an older copy), a pod may have missed some. Neither list invents a call, so the k-th
 * youngest of both is at least as young as the k-th youngest of either. What the store didn't know is stored.
 */
export function mergeCalls(space: Namespace, dataset: DatasetName, rememberedAgesMs: readonly number[]): number[] {
  const now = space.now();
  const { calls } = scheduleOf(space, dataset);
  const length = Math.min(Math.max(calls.length, rememberedAgesMs.length), mostCalls);
  const merged: number[] = [];
  let isNews = false;
  for (let i = 0; i < length; i++) {
    const stored = calls[i];
    const ageMs = rememberedAgesMs[i];
    const remembered = ageMs === undefined ? undefined : now - Math.max(0, Math.floor(ageMs));
    let at = Math.min(stored ?? now, now);
    if (remembered !== undefined && (stored === undefined || remembered > at + sameCallMs)) {
      // The last call is another than the one that the stored permit was for.
      if (stored !== undefined && i === 0) updateSchedule(space, dataset, { permitId: unknownPermit });
      at = remembered;
    }
    isNews ||= at !== stored;
    merged.push(Math.min(at, merged.at(-1) ?? at));
  }
  if (isNews) updateSchedule(space, dataset, { calls: merged });
  return merged;
}

/** Since when the schedule knows every call. Earlier ones may have been forgotten by everybody. */
export function beginSchedule({ keys, now }: Namespace): number {
  keys.scheduleSince = Math.min(keys.scheduleSince ?? now(), now());
  return keys.scheduleSince;
}

/** When the next call is due after one that failed; undefined when none failed. */
export function deferredUntil(space: Namespace, dataset: DatasetName): number | undefined {
  const { deferral } = scheduleOf(space, dataset);
  if (!deferral) return undefined;
  const at = Math.min(deferral.at, space.now() + deferral.delayMs);
  if (at < deferral.at) updateSchedule(space, dataset, { deferral: { at, delayMs: deferral.delayMs } });
  return at;
}

export function updateSchedule(space: Namespace, dataset: DatasetName, changes: Partial<StoredSchedule>): void {
  space.keys.schedule.set(dataset, { ...scheduleOf(space, dataset), ...changes });
}

export function agesOf(calls: readonly number[], now: number): number[] {
  return calls.map((at) => now - at);
}
