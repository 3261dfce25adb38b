/** What the fleet tells of itself, as lines for a person. */
import type { PodStatus, VersionRecord } from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import type { FleetSight } from '../../ports.ts';
import { statusesOf } from '../../service/dashboard/fleet-watch.ts';
import { type Cell, columns, painted } from './columns.ts';
import { printable } from './printable.ts';

/** A pod that has reported no version of a dataset is behind by all of them. */
type Lags = Readonly<Record<string, number>>;

export type PodLine = Readonly<{
  podId: string;
  role: string;
  epoch: number;
  /** Per dataset; 0 before the first. */
  revisions: Readonly<Record<string, number>>;
  /** Since its last report. */
  ageMs: number;
  /** Revisions by which it was behind when it reported: of the dataset where it is most. */
  lag: number;
}>;

export type FleetLines = Readonly<{
  leader: { podId: string; epoch: number; leaseLeftMs: number } | null;
  epoch: number;
  datasets: Readonly<
    Record<string, { revision: number; epoch: number; podId: string; ageMs: number; checkedMs: number }>
  >;
  /** How many pods are listed; more than `pods` where reports are missing, unreadable or too much (docs/security.md). */
  size: number;
  pods: readonly PodLine[];
}>;

export function fleetLines(sight: FleetSight): FleetLines {
  const { now, lock, epoch, records, size } = sight;
  const since = (at: number) => Math.max(0, now - at);
  const datasets = Object.entries(records).map(([name, { revision, epoch: under, podId, updatedAt, checkedAt }]) => [
    name,
    { revision, epoch: under, podId, ageMs: since(updatedAt), checkedMs: since(checkedAt) },
  ]);
  return {
    leader: lock ? { podId: lock.podId, epoch: lock.epoch, leaseLeftMs: lock.ttlLeftMs } : null,
    epoch,
    datasets: Object.fromEntries(datasets),
    size,
    pods: statusesOf(sight, now, '').map((status) => podLine(status, records, now)),
  };
}

function podLine(status: PodStatus, records: Readonly<Record<string, VersionRecord>>, now: number): PodLine {
  const { podId, role, epoch, versions, at } = status;
  const names = new Set([...Object.keys(records), ...Object.keys(versions)]);
  const revisions = Object.fromEntries([...names].map((name) => [name, versions[name]?.revision ?? 0]));
  const lags: Lags = Object.fromEntries(
    Object.entries(records).map(([name, { revision }]) => [name, Math.max(0, revision - (revisions[name] ?? 0))]),
  );
  return { podId, role, epoch, revisions, ageMs: now - at, lag: Math.max(0, ...Object.values(lags)) };
}

export function statusText(fleet: FleetLines, place: Readonly<{ namespace: string; address: string }>): string[] {
  const { leader, datasets, size, pods } = fleet;
  const names = Object.keys(datasets);
  const many = pods.length < size ? `${pods.length} of ${size} pods` : `${pods.length} pods`;
  return [
    `${painted('bold', place.namespace)} at ${place.address}: ${size === 1 && pods.length === 1 ? '1 pod' : many}`,
    leader ? leaderText(leader) : painted('red', 'Nobody leads: the lease is free.'),
    ...names.map((name) => datasetText(name, datasets[name] as FleetLines['datasets'][string])),
    ...(names.length === 0 ? ['Nothing has been published yet.'] : []),
    '',
    ...columns(
      ['POD', 'ROLE', 'EPOCH', ...names.map((name) => name.toUpperCase()), 'SEEN', 'LAG'],
      pods.map((pod) => cells(pod, names)),
    ),
  ];
}

export function leaderText({ podId, epoch, leaseLeftMs }: NonNullable<FleetLines['leader']>): string {
  return `${printable(podId)} leads, epoch ${epoch}, ${formatDuration(leaseLeftMs)} of its lease left`;
}

function datasetText(name: string, dataset: FleetLines['datasets'][string]): string {
  const { revision, podId, ageMs, checkedMs } = dataset;
  return `${printable(name)}: revision ${revision}, published ${formatDuration(ageMs)} ago by ${printable(podId)}, confirmed ${formatDuration(checkedMs)} ago`;
}

const styles: Readonly<Record<string, 'green' | 'red' | 'yellow'>> = {
  leader: 'green',
  degraded: 'red',
  candidate: 'yellow',
};

function cells({ podId, role, epoch, revisions, ageMs, lag }: PodLine, names: readonly string[]): Cell[] {
  const style = styles[role];
  return [
    { text: printable(podId) },
    { text: role, ...(style && { style }) },
    { text: String(epoch || '-') },
    ...names.map((name): Cell => ({ text: String(revisions[name] || '-') })),
    { text: `${formatDuration(ageMs)} ago` },
    lag > 0 ? { text: String(lag), style: 'yellow' } : { text: '0' },
  ];
}
