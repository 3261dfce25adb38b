/** A payload: whether it is the one that was published, and what it says. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataVersion, type VersionRecord } from '../../../machines/index.ts';
import { FailedRun } from '../failed-run.ts';
import type { PlainRedis } from '../fleet/plain-redis.ts';
import type { Inspection } from './inspection.ts';

/** More is not fetched, nor unpacked. */
const longestBytes = 64 * 1024 * 1024;
/** Of the text, for a person and in JSON. */
const shownLines = 60;
const shownLineLength = 200;
const longestJson = 1024 * 1024;

export const inspectPayload =
  (dataset: string) =>
  async ({ redis, keys }: PlainRedis, key: string): Promise<Inspection> => {
    const bytes = await redis.strlen(key);
    if (bytes > longestBytes)
      throw new FailedRun(`${key} holds ${bytes} bytes, more than the ${longestBytes} that are looked at here.`);
    const record = await recordOf(await redis.getrange(keys.dataVersion, 0, longestBytes), dataset);
    const payload = await redis.getBuffer(key);
    if (!payload) throw new FailedRun(`${key} was deleted while it was looked at.`);
    const sha256 = createHash('sha256').update(payload).digest('hex');
    const isPublished = record?.sha256 === sha256;
    const { encoding, data } = await decode(payload);
    return {
      isReadable: isPublished && data !== undefined,
      lines: [
        `${bytes} bytes of ${encoding}, sha256 ${sha256}`,
        checksumText(record, isPublished),
        ...(data === undefined ? ['It is not JSON.'] : ['', ...dataLines(data)]),
      ],
      value: { dataset, bytes, encoding, sha256, isPublished, record: record ?? null, ...dataValue(data) },
    };
  };

function recordOf(text: string, dataset: string): VersionRecord | undefined {
  try {
    const { datasets } = DataVersion.parse(JSON.parse(text));
    return Object.hasOwn(datasets, dataset) ? datasets[dataset] : undefined;
  } catch {
    return undefined;
  }
}

function checksumText(record: VersionRecord | undefined, isPublished: boolean): string {
  if (!record) return 'The data version names no revision of this dataset.';
  if (isPublished) return `It is revision ${record.revision}, as it was published.`;
  return `The checksum is not that of revision ${record.revision}: the payload is damaged, and a pod that holds it restores it.`;
}

/** As pods do, but for what tells one from the other: gzip has a magic number. */
async function decode(payload: Buffer): Promise<{ encoding: string; data: unknown }> {
  const isGzip = payload[0] === 0x1f && payload[1] === 0x8b;
  try {
    const json = isGzip ? await promisify(gunzip)(payload, { maxOutputLength: longestBytes }) : payload;
    return { encoding: isGzip ? 'gzip' : 'json', data: JSON.parse(json.toString('utf8')) };
  } catch {
    return { encoding: isGzip ? 'gzip' : 'json', data: undefined };
  }
}

/** `JSON.stringify` writes control characters as escapes: nothing of the data reaches the terminal as a command. */
function dataLines(data: unknown): string[] {
  const lines = JSON.stringify(data, null, 2).split('\n');
  const shown = lines
    .slice(0, shownLines)
    .map((line) => (line.length > shownLineLength ? `${line.slice(0, shownLineLength)}…` : line));
  return lines.length > shownLines ? [...shown, `… and ${lines.length - shownLines} more lines`] : shown;
}

function dataValue(data: unknown): { data?: unknown; isTooLong?: true } {
  if (data === undefined) return {};
  return JSON.stringify(data).length > longestJson ? { isTooLong: true } : { data };
}
