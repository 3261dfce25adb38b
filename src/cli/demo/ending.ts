/** From a fleet that is well to nothing, in order. */
import { formatDuration } from '../../duration.ts';
import { counted } from './display.ts';
import { handOver, leaderOf } from './faults.ts';
import { stopPods } from './fleet.ts';
import { datasetNames } from './pod-report.ts';
import type { FleetPod } from './roster.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';
import { reachBoundMs } from './verdict.ts';

/** Notes what everybody holds, and lets the leader hand over once more. */
export async function endInOrder(stage: Stage): Promise<void> {
  const { fleet, journal, calls } = stage;
  await agree(stage);
  calls.noteEnd(Date.now());
  if (fleet.roster.running().length < 2) return;
  try {
    await handOver(stage, await leaderOf(stage));
  } catch (error) {
    journal.disappointments.push({ at: Date.now(), sentence: (error as Error).message });
  }
}

/** Everybody at once, as when a deployment is scaled down to nothing. */
export async function stopAll({ fleet, calls, display }: Stage): Promise<void> {
  calls.noteEnd(Date.now());
  const live = fleet.roster.live();
  const all = counted(live.length, 'pod');
  display.phase(`Stopping ${all}`);
  display.event(fleet.form === 'processes' ? `SIGTERM to ${all}` : `${all} are asked to stop`);
  const askedAt = Date.now();
  await stopPods(fleet, live);
  display.phase('The run is over');
  display.event(`${all} ended, the last after ${formatDuration(Date.now() - askedAt)}`);
}

/** A publication may be under way: then a moment later all are on one version, in their traces and when read. */
async function agree({ fleet, journal, signal }: Stage): Promise<void> {
  const pods = fleet.roster.connected();
  const revisions = ({ applied }: FleetPod) => datasetNames.map((name) => applied[name]?.record.revision).join();
  const isRead = ({ status, applied }: FleetPod) =>
    datasetNames.every((name) => status?.held[name]?.revision === applied[name]?.record.revision);
  const isAgreed = () => new Set(pods.map(revisions)).size === 1 && pods.every(isRead);
  // If it doesn't come to that, the verdict says so.
  await until(isAgreed, { what: 'all pods are on one version', limitMs: reachBoundMs, signal }).catch(() => undefined);
  journal.noteEnd(pods);
}
