/** What HTTP calls a version: an `ETag` that two contents never share, and the age of what is served. */
import { createHash } from 'node:crypto';
import type { DataVersionInfo } from '../index.ts';

/**
 * `"12-9f86d081"`: the revision (of several datasets: their sum), and a digest of revision, epoch and publisher, which
 * together have one content for ever. The number alone may be reached twice after Redis has lost its data.
 */
export function entityTag(...versions: readonly Pick<DataVersionInfo, 'revision' | 'epoch' | 'podId'>[]): string {
  const sum = versions.reduce((total, { revision }) => total + revision, 0);
  const identity = versions.map(({ revision, epoch, podId }) => `${revision}#${epoch}#${podId}`).join(' ');
  return `"${sum}-${createHash('sha256').update(identity).digest('hex').slice(0, 8)}"`;
}

/** To be stored by whoever likes, and asked about each time: that costs a 304. */
export function revisionHeaders(version: DataVersionInfo): Record<string, string> {
  return {
    etag: entityTag(version),
    'cache-control': 'no-cache',
    age: String(Math.floor(version.ageMs / 1_000)),
    'last-modified': new Date(version.updatedAt).toUTCString(),
    'bellwether-revision': String(version.revision),
    'bellwether-valid': String(version.isValid),
  };
}

/** What a 304 says anew: the content is the same, its age and validity are not. */
export const headersOf304 = [
  'etag',
  'cache-control',
  'age',
  'last-modified',
  'bellwether-revision',
  'bellwether-valid',
];
