/** Whether every publication reached every pod that was in contact with Redis, within a bound. */
import { compareVersions, type FleetTrace, isFleetwide, type PodId, type TraceEntry } from '../../../machines/index.ts';

type Span = { podId: PodId; from: number; to: number };
type Published = Extract<TraceEntry, { type: 'revision.published' }>;
type Applied = Extract<TraceEntry, { type: 'revision.applied' }>;

export type Reach = Readonly<{ publications: number; slowestMs: number; violations: readonly string[] }>;

/**
 * A pod is late for a publication if it was connected when that was published and for the whole bound after: one that
 * lost Redis in between, or was stopped, is judged by what comes after.
 */
export function reachOf(trace: FleetTrace, boundMs: number): Reach {
  const ordered = trace.toSorted((a, b) => a.at - b.at);
  const spans = connectedSpans(ordered);
  const applied = appliedByPod(ordered);
  const published = ordered.filter((entry): entry is Published => entry.type === 'revision.published');
  const violations: string[] = [];
  let slowestMs = 0;
  for (const { dataset, record } of published) {
    const at = record.updatedAt;
    for (const { podId, to } of spans.filter(({ from, to }) => from <= at && to >= at)) {
      const arrival = (applied.get(podId) ?? []).find(
        (entry) => entry.dataset === dataset && entry.at >= at - boundMs && compareVersions(entry.record, record) >= 0,
      );
      const tookMs = arrival ? Math.max(0, arrival.at - at) : Number.POSITIVE_INFINITY;
      if (tookMs <= boundMs) slowestMs = Math.max(slowestMs, tookMs);
      else if (to >= at + boundMs)
        violations.push(`${podId} did not hold ${dataset} revision ${record.revision} within ${boundMs} ms`);
    }
  }
  return { publications: published.length, slowestMs, violations };
}

function connectedSpans(trace: FleetTrace): Span[] {
  const spans: Span[] = [];
  const since = new Map<PodId, number>();
  for (const entry of trace) {
    if (isFleetwide(entry)) continue;
    const { podId, at } = entry;
    if (entry.type === 'redis.up' && !since.has(podId)) since.set(podId, at);
    if (!endsContact(entry)) continue;
    const from = since.get(podId);
    if (from !== undefined) spans.push({ podId, from, to: at });
    since.delete(podId);
  }
  const last = trace.at(-1)?.at ?? 0;
  return [...spans, ...[...since].map(([podId, from]) => ({ podId, from, to: last }))];
}

function endsContact(entry: FleetTrace[number]): boolean {
  if (entry.type === 'role.changed') return entry.to === 'stopping' || entry.to === 'stopped';
  return entry.type === 'redis.down' || entry.type === 'pod.crashed';
}

function appliedByPod(trace: FleetTrace): Map<PodId, Applied[]> {
  const applied = new Map<PodId, Applied[]>();
  for (const entry of trace) {
    if (entry.type !== 'revision.applied') continue;
    const list = applied.get(entry.podId);
    if (list) list.push(entry);
    else applied.set(entry.podId, [entry]);
  }
  return applied;
}
