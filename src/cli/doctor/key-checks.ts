/** Whether the keys of this namespace hold what they should. */
import { DataVersion, FORMAT } from '../../../machines/index.ts';
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { printable } from '../fleet/printable.ts';
import { type Finding, found, good, isForbidden, unknown } from './finding.ts';

/** A data version of a thousand datasets is smaller. */
const longestDataVersion = 4 * 1024 * 1024;

export async function checkKeys(plain: PlainRedis): Promise<Finding[]> {
  try {
    return await check(plain);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [unknown('keys', 'This user may not look at the keys of this namespace.')];
  }
}

async function check(plain: PlainRedis): Promise<Finding[]> {
  const { redis, keys, place } = plain;
  const { dataVersion, names } = await datasetsOf(plain);
  const expected: Record<string, 'string' | 'hash' | 'zset'> = {
    [keys.leaderLock]: 'string',
    [keys.lease]: 'hash',
    [keys.dataVersion]: 'string',
    [keys.schedule]: 'hash',
    [keys.pods]: 'zset',
    [keys.podsOrder]: 'zset',
    [keys.podsReports]: 'hash',
    ...Object.fromEntries(names.map((name) => [keys.backup(name), 'string'])),
  };
  const wrong: string[] = [];
  let count = 0;
  for (const [key, type] of Object.entries(expected)) {
    const is = await redis.type(key);
    if (is !== 'none') count += 1;
    if (is !== 'none' && is !== type) wrong.push(`${key} is a ${is} and should be a ${type}`);
  }
  const findings = [
    ...(wrong.length > 0
      ? [
          found(
            'keys',
            `Somebody else writes under the keys of ${place.namespace}: ${wrong.join('; ')}.`,
            'Delete what differs, or choose another namespace.',
          ),
        ]
      : []),
    ...(dataVersion ? [dataVersion] : []),
  ];
  if (findings.length > 0) return findings;
  return [
    good(
      'keys',
      count === 0
        ? `No pod has written under ${place.namespace} yet.`
        : `The ${count} keys of ${place.namespace} are of the right types.`,
    ),
  ];
}

/** The names of the datasets, and what is wrong with the data version. */
async function datasetsOf({ redis, keys }: PlainRedis): Promise<{ dataVersion?: Finding; names: string[] }> {
  if ((await redis.type(keys.dataVersion)) !== 'string') return { names: [] };
  const text = await redis.getrange(keys.dataVersion, 0, longestDataVersion);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { format } = (value ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > FORMAT) {
    const sentence = `${keys.dataVersion} has format ${format}, and this version reads up to ${FORMAT}.`;
    return { names: [], dataVersion: found('keys', sentence, 'Update the pods that are older.') };
  }
  const parsed = DataVersion.safeParse(value);
  if (parsed.success) return { names: Object.keys(parsed.data.datasets) };
  const sentence = `${keys.dataVersion} cannot be read (${printable(parsed.error.issues[0]?.message ?? '', 100)}).`;
  return {
    names: [],
    dataVersion: found(
      'keys',
      sentence,
      'Find out who else writes there: pods replace it, and restore what they hold.',
    ),
  };
}
