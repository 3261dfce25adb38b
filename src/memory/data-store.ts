/**
 * Versions, payloads and the presence of pods in memory. One function a script of src/redis/lua, with the same
 * conditions in the same order. Decides on the store's clock.
 */
import { compareVersions, type DatasetName, type PodId, type Version } from '../../machines/index.ts';
import { longestReportBytes, mostPodsSeen, mostReportBytes } from '../fleet-sight.ts';
import type { DataStore, FleetSight, PollReply, PollRequest, RestoreRequest } from '../ports.ts';
import { ensureDataVersion, loadDataVersion, loadOrNewDataVersion, storeRecord } from './data-version.ts';
import { observeLock } from './lock.ts';
import type { Namespace } from './namespace.ts';
import { dropPod, fleetView, reportPod } from './presence.ts';
import type { Run } from './run.ts';
import { agesOf, beginSchedule, mergeCalls } from './schedule.ts';

export function createDataStore(space: Namespace, run: Run): DataStore {
  return {
    poll: (request) => run(() => poll(space, request)),
    download: (dataset) => run(() => space.keys.payloads.get(dataset)),
    restore: (request) => run(() => ({ outcome: restore(space, request) ? 'restored' : 'notWanted' })),
    suspect: ({ dataset, version }) => run(() => suspect(space, dataset, version)),
    look: () => run(() => look(space)),
    leave: (podId: PodId) => run(() => dropPod(space, podId)),
  };
}

function poll(space: Namespace, request: PollRequest): PollReply {
  const { keys } = space;
  const now = space.now();
  const { generation, generatedAt, datasets: records } = ensureDataVersion(space, request.freshGeneration);
  if (request.seenEpoch > (keys.lease?.epoch ?? 0)) keys.lease = { ...keys.lease, epoch: request.seenEpoch };
  reportPod(space, request.report, request.pollIntervalMs);

  beginSchedule(space);
  const wanted: DatasetName[] = [];
  const callAgesMs: Record<DatasetName, number[]> = {};
  for (const name of request.datasets) {
    const record = records[name];
    const order = compareVersions(request.held[name], record);
    const isPayloadGone = record !== undefined && (record.isSuspect === true || !keys.payloads.has(name));
    if (order > 0 || (order === 0 && isPayloadGone)) wanted.push(name);
    callAgesMs[name] = agesOf(mergeCalls(space, name, request.callAgesMs[name] ?? []), now);
  }
  const lock = observeLock(space);
  const view = fleetView(space, request.report.podId, lock?.podId);
  const epoch = keys.lease?.epoch ?? 0;
  return { now, generation, generatedAt, records, ...(lock && { lock }), epoch, ...view, wanted, callAgesMs };
}

function look(space: Namespace): FleetSight {
  const { pods, lease } = space.keys;
  const lock = observeLock(space);
  return {
    now: space.now(),
    epoch: lease?.epoch ?? 0,
    ...(lock && { lock }),
    records: loadDataVersion(space)?.datasets ?? {},
    size: pods.size,
    pods: reportsWithin(space),
  };
}

function reportsWithin({ keys }: Namespace): FleetSight['pods'] {
  const { pods, podsOrder, podReports } = keys;
  const seen: FleetSight['pods'][number][] = [];
  let bytesLeft = mostReportBytes;
  for (const podId of podsOrder.members().slice(0, mostPodsSeen)) {
    const [polledAt, report] = [pods.score(podId), podReports.get(podId)];
    if (polledAt === undefined || report === undefined) continue;
    const bytes = Buffer.byteLength(JSON.stringify(report));
    if (bytes > longestReportBytes) continue;
    bytesLeft -= bytes;
    if (bytesLeft < 0) break;
    seen.push({ polledAt, report });
  }
  return seen;
}

function restore(space: Namespace, { dataset, record, payload, freshGeneration }: RestoreRequest): boolean {
  const { payloads } = space.keys;
  const dataVersion = loadOrNewDataVersion(space, freshGeneration);
  const stored = dataVersion.datasets[dataset];
  const order = compareVersions(record, stored);
  if (order < 0) return false;
  if (order === 0 && !stored?.isSuspect && payloads.has(dataset)) return false;
  if (order === 0 && stored?.sha256 !== record.sha256) return false;

  const { isSuspect: _, ...restored } = record;
  payloads.set(dataset, payload);
  space.announce({
    kind: 'published',
    dataset,
    record: storeRecord(space, dataVersion, dataset, restored),
    isRestored: true,
  });
  return true;
}

function suspect(space: Namespace, dataset: DatasetName, version: Version): void {
  const dataVersion = loadDataVersion(space);
  const record = dataVersion?.datasets[dataset];
  if (!dataVersion || !record || record.isSuspect || compareVersions(record, version) !== 0) return;
  storeRecord(space, dataVersion, dataset, { ...record, isSuspect: true });
  space.announce({ kind: 'suspected', dataset });
}
