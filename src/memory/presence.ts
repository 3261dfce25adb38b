/**
 * Who is there: the pods that polled lately, and each one's place among them. The presence part of poll.lua and
 * leave.lua, on the store's clock. At most 100 pods are dropped a poll, so that no single poll pays for a lost fleet.
 */
import type { FleetView, PodId, PodReport } from '../../machines/index.ts';
import type { Namespace } from './namespace.ts';

const mostDropped = 100;

export function reportPod(space: Namespace, report: PodReport, pollIntervalMs: number): void {
  const { pods, podsOrder, podReports } = space.keys;
  const now = space.now();
  pods.set(report.podId, now);
  if (!podsOrder.has(report.podId)) podsOrder.set(report.podId, now);
  podReports.set(report.podId, report);
  // A poll in the future (the clock was set back) counts as now, else its pod would stay for as long as the step.
  for (const podId of pods.over(now, mostDropped)) pods.set(podId, now);
  for (const podId of pods.under(now - 3 * pollIntervalMs, mostDropped)) dropPod(space, podId);
  // `pods` alone was evicted: its companions forget whoever has not come back.
  if (podsOrder.size > pods.size) dropUnlisted(space, podsOrder.members());
  if (podReports.size > pods.size) dropUnlisted(space, [...podReports.keys()]);
}

export function dropPod({ keys }: Namespace, podId: PodId): void {
  keys.pods.delete(podId);
  keys.podsOrder.delete(podId);
  keys.podReports.delete(podId);
}

/** A pod's place among all, and among those that don't hold the lease. */
export function fleetView({ keys }: Namespace, podId: PodId, holder: PodId | undefined): FleetView {
  const size = keys.pods.size;
  const rank = keys.podsOrder.rank(podId) ?? 0;
  const holderRank = holder === undefined ? undefined : keys.podsOrder.rank(holder);
  if (holderRank === undefined) return { size, rank, turn: rank, turns: size };
  return { size, rank, turn: holderRank < rank ? rank - 1 : rank, turns: size - 1 };
}

function dropUnlisted(space: Namespace, podIds: readonly PodId[]): void {
  for (const podId of podIds) {
    if (!space.keys.pods.has(podId)) dropPod(space, podId);
  }
}
