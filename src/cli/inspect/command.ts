/** `bellwether inspect KEY`: what a key of the fleet holds, decoded. It only reads. */
import { keyPrefix } from '../../redis/keys.ts';
import { FailedRun } from '../failed-run.ts';
import { placeOf, placeOptions } from '../fleet/place.ts';
import { type PlainRedis, withRedis } from '../fleet/plain-redis.ts';
import { printable } from '../fleet/printable.ts';
import { parseArgumentsWithWord } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';
import { inspectPayload } from './inspect-payload.ts';
import { inspectPods, inspectPodsByTime } from './inspect-presence.ts';
import { inspectDataVersion, inspectLease, inspectLock, inspectSchedule } from './inspect-state.ts';
import type { Inspection } from './inspection.ts';

type Decode = (plain: PlainRedis, key: string) => Promise<Inspection>;

export async function inspect(args: readonly string[]): Promise<number> {
  const options = { ...placeOptions, json: { type: 'boolean' } } as const;
  const { values, word } = parseArgumentsWithWord('inspect', 'KEY', args, options);
  const { json, ...rest } = values;
  const { isReadable, lines, value } = await withRedis(placeOf(rest), (plain) => read(plain, word));
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
  return isReadable ? 0 : 1;
}

async function read(plain: PlainRedis, word: string): Promise<Inspection> {
  const { name, key, type, decode } = kindOf(plain, word);
  const is = await plain.redis.type(key);
  if (is === 'none') throw new FailedRun(`There is no key ${key} in Redis at ${plain.place.address}.`);
  if (is !== type)
    throw new FailedRun(
      `${key} is a ${is} and should be a ${type}: somebody else writes there; delete it, and the pods write ${name} anew.`,
    );
  return decode(plain, key);
}

type Kind = Readonly<{ name: string; key: string; type: 'string' | 'hash' | 'zset'; decode: Decode }>;

/** @throws UsageError for what is no key of a fleet */
function kindOf({ place }: PlainRedis, word: string): Kind {
  const prefix = `${keyPrefix(place.namespace, place.isCluster)}:`;
  const name = word.startsWith(prefix) ? word.slice(prefix.length) : word;
  const kinds: Record<string, Omit<Kind, 'name' | 'key'>> = {
    leader_lock: { type: 'string', decode: inspectLock },
    lease: { type: 'hash', decode: inspectLease },
    data_version: { type: 'string', decode: inspectDataVersion },
    schedule: { type: 'hash', decode: inspectSchedule },
    pods: { type: 'zset', decode: inspectPodsByTime },
    'pods:order': { type: 'zset', decode: inspectPodsByTime },
    'pods:reports': { type: 'hash', decode: inspectPods },
  };
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind) return { name, key: prefix + name, ...kind };
  const [, dataset] = /^([A-Za-z][A-Za-z0-9_-]{0,63})_backup$/.exec(name) ?? [];
  if (dataset !== undefined) return { name, key: prefix + name, type: 'string', decode: inspectPayload(dataset) };
  const known = [...Object.keys(kinds), '<dataset>_backup'].join(', ');
  throw new UsageError(`"${printable(word, 100)}" is no key of namespace ${place.namespace}: there are ${known}.`);
}
