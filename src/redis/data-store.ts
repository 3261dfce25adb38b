/**
 * Versions, payloads and the presence of pods in Redis. Payloads are bytes both ways and never pass through text.
 *
 * Guarantee and non-guarantee: as the port says; where Redis refuses writes, a poll still reads. Clock: Redis'.
 */
import { longestReportBytes, mostPodsSeen, mostReportBytes } from '../fleet-sight.ts';
import type { DataStore, PollRequest } from '../ports.ts';
import type { Commands } from './commands.ts';
import { redisError } from './failure.ts';
import type { Keys } from './keys.ts';
import type { Place } from './place.ts';

export function redisDataStore(
  commands: Commands,
  keys: Keys,
  place: Place,
  /** Something a person should know; may be told again. */
  warn: (sentence: string) => void,
): DataStore {
  const pollKeys = [
    ...[keys.dataVersion, keys.leaderLock, keys.lease, keys.schedule],
    ...[keys.pods, keys.podsOrder, keys.podsReports],
  ];
  return {
    async poll(request) {
      const { callAges, writeFailure, wasUnreadable, lock, ...rest } = await commands.run(
        'poll',
        [...pollKeys, ...request.datasets.map(keys.backup)],
        pollArgs(request),
        'small',
      );
      if (wasUnreadable) warn(unreadable(keys.dataVersion, place.address));
      return {
        ...rest,
        callAgesMs: callAges,
        ...(lock && { lock }),
        ...(writeFailure !== undefined && { writeFailure: redisError(new Error(writeFailure), place).message }),
      };
    },
    download: (dataset, mostBytes) => commands.download(keys.backup(dataset), mostBytes),
    restore: ({ dataset, record, payload, freshGeneration }) =>
      commands.run(
        'restore',
        [keys.dataVersion, keys.backup(dataset)],
        [dataset, JSON.stringify(record), payload, freshGeneration, keys.announcements],
        'upload',
      ),
    async suspect({ dataset, version }) {
      await commands.run(
        'suspect',
        [keys.dataVersion],
        [dataset, JSON.stringify(version), keys.announcements],
        'small',
      );
    },
    async look() {
      const { lock, ...rest } = await commands.run(
        'look',
        [keys.dataVersion, keys.leaderLock, keys.lease, keys.pods, keys.podsOrder, keys.podsReports],
        [mostPodsSeen, longestReportBytes, mostReportBytes],
        'small',
      );
      return { ...rest, ...(lock && { lock }) };
    },
    async leave(podId) {
      await commands.run('leave', [keys.pods, keys.podsOrder, keys.podsReports], [podId], 'small');
    },
  };
}

function pollArgs({ report, seenEpoch, freshGeneration, pollIntervalMs, datasets, held, callAgesMs }: PollRequest) {
  return [
    report.podId,
    JSON.stringify(report),
    seenEpoch,
    freshGeneration,
    JSON.stringify(datasets),
    JSON.stringify(held),
    JSON.stringify(callAgesMs),
    pollIntervalMs,
  ];
}

function unreadable(key: string, address: string): string {
  return `What stood under ${key} in Redis at ${address} could not be read and was replaced: the pods restore what they hold; find out who else writes there.`;
}
