/**
 * The record of all current revisions. The same rules as src/redis/lua/lib/data_version.lua: what can't be read is
 * lost data and is replaced (the pods restore what they hold); only a newer format is not ours to replace.
 */
import {
  DatasetName,
  DataVersion,
  FORMAT,
  highestEpoch,
  VersionRecord,
  type VersionRecords,
} from '../../machines/index.ts';
import { BellwetherError } from '../errors.ts';
import type { Namespace } from './namespace.ts';

/** Only this much decides whether a data version can be read; a record that can't be is left out by itself. */
const Header = DataVersion.omit({ datasets: true });

/** In bytes; the same as in the script. */
const longestDataVersion = 1_048_576;

/** Undefined when there is none, or none that can be read. Throws on a newer format. */
export function loadDataVersion({ keys }: Namespace): DataVersion | undefined {
  return typeof keys.dataVersion === 'string' ? readDataVersion(keys.dataVersion) : keys.dataVersion;
}

/** The stored data version; a new one, which is stored, when there is none. */
export function ensureDataVersion(space: Namespace, freshGeneration: string): DataVersion {
  return loadDataVersion(space) ?? storeDataVersion(space, newDataVersion(space, freshGeneration));
}

/** The stored data version; a new one, not stored yet, when there is none. */
export function loadOrNewDataVersion(space: Namespace, freshGeneration: string): DataVersion {
  return loadDataVersion(space) ?? newDataVersion(space, freshGeneration);
}

/** Puts a record into the data version and stores both, as copies that nobody can write to. */
export function storeRecord(
  space: Namespace,
  dataVersion: DataVersion,
  dataset: DatasetName,
  record: VersionRecord,
): VersionRecord {
  const validators = record.validators && Object.freeze({ ...record.validators });
  const stored = Object.freeze({ ...record, ...(validators && { validators }) });
  storeDataVersion(space, { ...dataVersion, datasets: { ...dataVersion.datasets, [dataset]: stored } });
  return stored;
}

/** How long leases are held back after the data began: the time in which pods report what they have seen. */
export function holdLeft(space: Namespace, dataVersion: DataVersion, graceMs: number): number {
  const now = space.now();
  // A beginning in the future (the clock was set back) counts as now.
  if (dataVersion.generatedAt > now) storeDataVersion(space, { ...dataVersion, generatedAt: now });
  return Math.min(dataVersion.generatedAt, now) + graceMs - now;
}

/**
 * Whether a version of a higher epoch than the caller's was put back since its grant. Its lease ends with that: the
 * pod that restored remembers a later lease.
 */
export function isOutranked({ keys }: Namespace, { datasets }: DataVersion, epoch: number): boolean {
  const highest = highestEpoch(datasets);
  if (highest <= epoch) return false;
  keys.lease = { ...keys.lease, epoch: highest };
  return true;
}

function newDataVersion(space: Namespace, generation: string): DataVersion {
  return { format: FORMAT, generation, generatedAt: space.now(), datasets: {} };
}

function storeDataVersion({ keys }: Namespace, dataVersion: DataVersion): DataVersion {
  Object.freeze(dataVersion.datasets);
  keys.dataVersion = Object.freeze(dataVersion);
  return dataVersion;
}

function readDataVersion(text: string): DataVersion | undefined {
  if (Buffer.byteLength(text) > longestDataVersion) return undefined;
  const value = parseJson(text);
  const format = value?.format;
  if (typeof format === 'number' && format > FORMAT) {
    const message = `The data version in the store has format ${format}, this pod reads up to ${FORMAT}: update this pod.`;
    throw new BellwetherError('configuration', message, { kind: 'misconfigured' });
  }
  const header = Header.safeParse(value);
  return header.success ? { ...header.data, datasets: readableRecords(value?.datasets) } : undefined;
}

function parseJson(text: string): { format?: unknown; datasets?: unknown } | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readableRecords(datasets: unknown): VersionRecords {
  const records: VersionRecords = {};
  if (typeof datasets !== 'object' || datasets === null) return records;
  for (const [name, value] of Object.entries(datasets)) {
    const record = VersionRecord.safeParse(value);
    if (record.success && DatasetName.safeParse(name).success) records[name] = record.data;
  }
  return records;
}
