/** The fleet at one moment, as both displays show it. */
import type { Role } from '../../../machines/index.ts';
import { compareVersions, type VersionRecord } from '../../../machines/index.ts';
import type { CallCounter, Comparison } from './calls.ts';
import { type DatasetName, datasetNames } from './pod-report.ts';
import type { FleetPod, Roster } from './roster.ts';

export type DatasetView = Readonly<{
  name: DatasetName;
  /** The newest that any pod holds; 0 before the first. */
  revision: number;
  /** The recorded day that it is of. */
  date: string;
  holders: number;
  calls: number;
}>;

export type View = Readonly<{
  leader: Readonly<{ label: string; podId: string; epoch: number }> | undefined;
  pods: number;
  starting: number;
  roles: readonly Readonly<{ role: Role; count: number }>[];
  datasets: readonly DatasetView[];
  dollars: number | null;
  comparison: Comparison | undefined;
}>;

const roleOrder: readonly Role[] = [
  'leader',
  'follower',
  'candidate',
  'degraded',
  'standalone',
  'starting',
  'stopping',
];

export function viewOf(roster: Roster, calls: CallCounter, nowMs: number): View {
  const live = roster.live();
  const leader = roster.leader();
  const totals = calls.total();
  return {
    leader: leader && { label: leader.label, podId: leader.podId ?? '', epoch: leader.status?.epoch ?? 0 },
    pods: live.length,
    starting: live.filter(({ state }) => state === 'starting').length,
    roles: roleOrder
      .map((role) => ({ role, count: live.filter((pod) => pod.role === role).length }))
      .filter(({ count }) => count > 0),
    datasets: datasetNames.map((name) => datasetView(roster, live, name, totals[name])),
    dollars: live.find(({ status }) => status?.dollars)?.status?.dollars ?? null,
    comparison: calls.comparison(nowMs),
  };
}

function datasetView(roster: Roster, live: readonly FleetPod[], name: DatasetName, calls: number): DatasetView {
  let newest: VersionRecord | undefined;
  for (const { applied } of live) {
    const record = applied[name]?.record;
    if (compareVersions(record, newest) > 0) newest = record;
  }
  if (!newest) return { name, revision: 0, date: '', holders: 0, calls };
  const { revision } = newest;
  const date = live.map(({ status }) => status?.held[name]).find((held) => held?.revision === revision)?.date ?? '';
  return { name, revision, date, holders: roster.holders(live, name, newest), calls };
}

export function rolesText(roles: View['roles']): string {
  const plural = (role: Role, count: number) =>
    ['leader', 'follower', 'candidate'].includes(role) && count !== 1 ? `${role}s` : role;
  return roles.map(({ role, count }) => `${count} ${plural(role, count)}`).join(', ');
}
