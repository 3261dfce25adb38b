/** Polling, downloading, verifying and restoring revisions. */
import { fromPromise, type SnapshotFrom } from 'xstate';
import {
  compareVersions,
  type DatasetName,
  type PodReport,
  type PollOutcome,
  type podMachine,
  type Refused,
  roleOf,
  untilNextTurn,
  type VerifyOutcome,
  type VersionRecord,
  type VersionRecords,
  versionOf,
} from '../../machines/index.ts';
import type { PodParts } from './parts.ts';
import { isRefusedUnseen, serveStaged, verifyStaged } from './verify-staged.ts';

/** What this pod says of itself with each poll; the epoch is that of the lease it leads or follows. */
function reportOf(pod: SnapshotFrom<typeof podMachine> | undefined): Pick<PodReport, 'role' | 'epoch'> {
  return { role: pod ? roleOf(pod) : 'starting', epoch: pod?.context.leader?.epoch ?? 0 };
}

export const poll = (parts: PodParts) =>
  fromPromise<PollOutcome, { held: VersionRecords; rejected: Refused }>(async ({ input }) => {
    const { memory, datasets, timing, podId, clock } = parts;
    const names = [...datasets.keys()];
    const sentAtMs = clock.monotonic();
    const reply = await parts.connection.stores.data.poll({
      report: {
        podId,
        ...reportOf(parts.own.machine?.getSnapshot()),
        versions: mapValues(input.held, versionOf),
        rejected: mapValues(input.rejected, ({ record, reason }) => ({ version: versionOf(record), reason })),
      },
      seenEpoch: memory.seenEpoch,
      freshGeneration: parts.newId(),
      pollIntervalMs: timing.pollIntervalMs,
      datasets: names,
      held: memory.reader.records(),
      callAgesMs: Object.fromEntries(names.map((name) => [name, memory.calls.agesMs(name)])),
    });
    memory.notePoll(reply, (sentAtMs + clock.monotonic()) / 2);
    if (reply.writeFailure)
      parts.onWarning(`Redis takes no writes, so this pod is not listed as present: ${reply.writeFailure}`);
    const { now, generation, records, lock, epoch, wanted, size, rank, turn, turns } = reply;
    const fleet = { size, rank, turn, turns };
    return {
      now,
      generation,
      records: pick(records, names),
      ...(lock && { lock }),
      epoch,
      wanted,
      fleet,
      untilTurnMs: untilNextTurn(now, fleet, timing.checkSlotMs),
    };
  });

export const downloadRevisions = (parts: PodParts) =>
  fromPromise<void, { records: VersionRecords }>(async ({ input }) => {
    const { memory, connection, clock } = parts;
    const downloads = Object.entries(input.records).map(async ([dataset, record]) => {
      if (memory.stagedPayload(dataset, record) || memory.ownResult(dataset, record)) return;
      if (isRefusedUnseen(parts, dataset, record)) return;
      const payload = await connection.stores.data.download(dataset, record.bytes);
      memory.staged.set(dataset, { record, payload });
      serveStaged(parts, dataset, record);
    });
    await Promise.all(downloads);
    // Readers have it: what the machines make of it must not hold up the data of other pods in this process.
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 0));
  });

export const verifyRevisions = (parts: PodParts) =>
  fromPromise<VerifyOutcome, { records: VersionRecords }>(async ({ input }) => {
    const outcome: VerifyOutcome = { verified: {}, rejected: {}, damaged: {} };
    for (const [dataset, record] of Object.entries(input.records)) {
      const isServed = compareVersions(parts.memory.reader.get(dataset)?.record, record) === 0;
      const result = isServed ? ({ outcome: 'verified' } as const) : verifyStaged(parts, dataset, record);
      if (result.outcome === 'verified') outcome.verified[dataset] = record;
      else parts.memory.staged.delete(dataset);
      if (result.outcome === 'damaged' && isOvertaken(parts, dataset, record)) continue;
      if (result.outcome !== 'verified') outcome[result.outcome][dataset] = { record, reason: result.reason };
    }
    return outcome;
  });

/** A newer version was published while this one was downloaded: the payload is that one's, and nothing is wrong. */
function isOvertaken({ memory }: PodParts, dataset: DatasetName, record: VersionRecord): boolean {
  return compareVersions(memory.stored.get(dataset), record) > 0;
}

export const reportDamage = (parts: PodParts) =>
  fromPromise<void, { records: VersionRecords }>(async ({ input }) => {
    const { data } = parts.connection.stores;
    for (const [dataset, record] of Object.entries(input.records)) {
      await data.suspect({ dataset, version: versionOf(record) });
    }
  });

export const restoreRevisions = (parts: PodParts) =>
  fromPromise<void, { datasets: DatasetName[] }>(async ({ input }) => {
    for (const dataset of input.datasets) {
      const revision = parts.memory.reader.get(dataset);
      if (!revision) continue;
      const { record, payload } = revision;
      await parts.connection.stores.data.restore({ dataset, record, payload, freshGeneration: parts.newId() });
    }
  });

function mapValues<From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

/** Only the datasets of this fleet: another version of the service may have more. */
function pick(records: VersionRecords, names: readonly string[]): VersionRecords {
  return Object.fromEntries(Object.entries(records).filter(([name]) => names.includes(name)));
}
