import { compareVersions, type DatasetName, type VersionRecord } from '../../machines/index.ts';
import { type DecodedPayload, decodePayload } from '../codec.ts';
import type { PodParts } from './parts.ts';

/**
 * Checks signature, checksum and schema of a payload that is at hand; what passes is ready to be served. A result of this process
 * with the same bytes was checked when it was fetched.
 */
export function verifyStaged(
  { memory, datasets, integrity }: PodParts,
  dataset: DatasetName,
  record: VersionRecord,
): DecodedPayload<unknown> {
  const objection = integrity?.objection(dataset, record);
  if (objection !== undefined) return { outcome: 'rejected', reason: objection };
  const own = memory.ownResult(dataset, record);
  if (own) {
    memory.verified.set(dataset, { record, data: own.data, payload: own.payload });
    return { outcome: 'verified', data: own.data };
  }
  const spec = datasets.get(dataset);
  if (!spec) return { outcome: 'rejected', reason: 'this pod has no such dataset' };
  const payload = memory.stagedPayload(dataset, record);
  const decoded = decodePayload(record, payload, spec.schema, spec.limits.maxBytes);
  if (decoded.outcome === 'verified' && payload) memory.verified.set(dataset, { record, data: decoded.data, payload });
  return decoded;
}

/** Whatever its payload is, this version will be rejected: it need not be downloaded. */
export function isRefusedUnseen(
  { datasets, integrity }: PodParts,
  dataset: DatasetName,
  record: VersionRecord,
): boolean {
  const maxBytes = datasets.get(dataset)?.limits.maxBytes ?? 0;
  return record.bytes > maxBytes || integrity?.objection(dataset, record) !== undefined;
}

/** Serves a payload that is at hand, if it is newer than what is served and passes the checks. Returns whether it did. */
export function serveStaged(parts: PodParts, dataset: DatasetName, record: VersionRecord): boolean {
  const { memory } = parts;
  if (compareVersions(record, memory.reader.get(dataset)?.record) <= 0) return false;
  if (verifyStaged(parts, dataset, record).outcome !== 'verified') return false;
  memory.serve({ [dataset]: record });
  return true;
}
