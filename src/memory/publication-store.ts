/**
 * What the holder writes, in memory: publish.lua and confirm.lua with the same conditions in the same order. Fenced;
 * sent again after a lost reply, `publish` finds its own version and answers `published`. On the store's clock.
 */
import { compareVersions } from '../../machines/index.ts';
import type { PublicationStore, PublishRequest } from '../ports.ts';
import { isOutranked, loadDataVersion, loadOrNewDataVersion, storeRecord } from './data-version.ts';
import { isHolder } from './lock.ts';
import type { Namespace } from './namespace.ts';
import type { Run } from './run.ts';
import { scheduleOf } from './schedule.ts';

type ConfirmRequest = Parameters<PublicationStore['confirm']>[0];
type PublishReply = Awaited<ReturnType<PublicationStore['publish']>>;
type ConfirmReply = Awaited<ReturnType<PublicationStore['confirm']>>;

export function createPublicationStore(space: Namespace, run: Run): PublicationStore {
  return {
    publish: (request) => run(() => publish(space, request)),
    confirm: (request) => run(() => confirm(space, request)),
  };
}

function publish(space: Namespace, request: PublishRequest): PublishReply {
  const { dataset, record, payload, expected, permitId } = request;
  if (!isHolder(space, request)) return { outcome: 'notHolder' };
  const dataVersion = loadOrNewDataVersion(space, request.freshGeneration);
  if (isOutranked(space, dataVersion, request.epoch)) return { outcome: 'notHolder' };

  const stored = dataVersion.datasets[dataset];
  if (stored && compareVersions(stored, record) === 0 && stored.sha256 === record.sha256) {
    return { outcome: 'published', record: stored };
  }
  if (compareVersions(stored, expected) !== 0 || compareVersions(record, stored) <= 0) return { outcome: 'mismatch' };
  const lastPermitId = scheduleOf(space, dataset).permitId;
  if (permitId && lastPermitId !== undefined && lastPermitId !== permitId) return { outcome: 'outdated' };

  const now = space.now();
  space.keys.payloads.set(dataset, payload);
  const published = storeRecord(space, dataVersion, dataset, { ...record, updatedAt: now, checkedAt: now });
  space.announce({ kind: 'published', dataset, record: published }, request.isInline ? payload : undefined);
  return { outcome: 'published', record: published };
}

function confirm(space: Namespace, request: ConfirmRequest): ConfirmReply {
  const { dataset, version, validators } = request;
  if (!isHolder(space, request)) return { outcome: 'notHolder' };
  const dataVersion = loadDataVersion(space);
  if (dataVersion && isOutranked(space, dataVersion, request.epoch)) return { outcome: 'notHolder' };
  const stored = dataVersion?.datasets[dataset];
  if (!dataVersion || !stored || compareVersions(stored, version) !== 0) return { outcome: 'mismatch' };

  const checkedAt = Math.max(space.now(), stored.updatedAt);
  const record = storeRecord(space, dataVersion, dataset, {
    ...stored,
    checkedAt,
    ...(validators && { validators }),
  });
  const { revision, epoch, podId } = record;
  space.announce({ kind: 'checked', dataset, version: { revision, epoch, podId }, checkedAt });
  return { outcome: 'confirmed', record };
}
