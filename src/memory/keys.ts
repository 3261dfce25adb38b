/**
 * The keys of a namespace by the names and in the shapes that `redis-cli` shows: for people, tests and the simulator.
 * The stores don't pass through here.
 */
import { DatasetName } from '../../machines/index.ts';
import type { Keyspace } from './keyspace.ts';
import { readLock } from './lock.ts';
import type { Namespace } from './namespace.ts';
import { SortedSet } from './sorted-set.ts';

/** A string key is a text; a hash and a sorted set are objects, the latter with numbers. */
export type PeekedValue = string | Record<string, string> | Record<string, number>;

const backup = /^(.+)_backup$/;

/** Deletes a key as an eviction does. Returns whether it was there; throws on a name that no key of ours has. */
export function evictKey(space: Namespace, key: string): boolean {
  const wasThere = key in peekKeys(space);
  const { keys } = space;
  const dataset = datasetOf(key);
  if (dataset !== undefined) return keys.payloads.delete(dataset);
  evictors[knownKey(key)](keys);
  return wasThere;
}

/** Writes a string key as a person with `redis-cli set` would: nothing is checked, and nothing expires. */
export function setKey({ keys }: Namespace, key: string, text: string): void {
  const dataset = datasetOf(key);
  if (dataset !== undefined) keys.payloads.set(dataset, Buffer.from(text));
  else if (key === 'leader_lock') keys.leaderLock = { value: text, expiresAt: undefined };
  else if (key === 'data_version') keys.dataVersion = text;
  else throw new Error(`"${key}" holds no string: expected leader_lock, data_version or <dataset>_backup.`);
}

/** All keys that exist, without the prefix of the namespace. */
export function peekKeys(space: Namespace): Record<string, PeekedValue> {
  const lock = readLock(space);
  const { dataVersion, payloads, pods, podsOrder, podReports } = space.keys;
  const reports = Object.fromEntries([...podReports].map(([podId, report]) => [podId, JSON.stringify(report)]));
  const payloadTexts = [...payloads].map(([dataset, payload]) => [`${dataset}_backup`, payload.toString()] as const);
  const shown: Record<string, PeekedValue | undefined> = {
    leader_lock: lock?.value,
    lease: leaseFields(space.keys),
    data_version: typeof dataVersion === 'object' ? JSON.stringify(dataVersion) : dataVersion,
    ...Object.fromEntries(payloadTexts),
    schedule: nonEmpty(scheduleFields(space.keys)),
    pods: nonEmpty(pods.toObject()),
    'pods:order': nonEmpty(podsOrder.toObject()),
    'pods:reports': nonEmpty(reports),
  };
  return Object.fromEntries(
    Object.entries(shown).filter((entry): entry is [string, PeekedValue] => entry[1] !== undefined),
  );
}

const evictors = {
  leader_lock: (keys: Keyspace) => {
    keys.leaderLock = undefined;
  },
  lease: (keys: Keyspace) => {
    keys.lease = undefined;
  },
  data_version: (keys: Keyspace) => {
    keys.dataVersion = undefined;
  },
  schedule: (keys: Keyspace) => {
    keys.schedule.clear();
    keys.scheduleSince = undefined;
    keys.yieldedAt = undefined;
  },
  pods: (keys: Keyspace) => {
    keys.pods = new SortedSet();
  },
  'pods:order': (keys: Keyspace) => {
    keys.podsOrder = new SortedSet();
  },
  'pods:reports': (keys: Keyspace) => keys.podReports.clear(),
};

function knownKey(key: string): keyof typeof evictors {
  if (key in evictors) return key as keyof typeof evictors;
  throw new Error(`There is no key "${key}": expected ${Object.keys(evictors).join(', ')} or <dataset>_backup.`);
}

function datasetOf(key: string): string | undefined {
  const name = backup.exec(key)?.[1];
  return DatasetName.safeParse(name).success ? name : undefined;
}

function leaseFields({ lease }: Keyspace): Record<string, string> | undefined {
  if (!lease) return undefined;
  const fields = Object.entries({ epoch: lease.epoch, ...lease.terms });
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

function scheduleFields({ schedule, scheduleSince, yieldedAt }: Keyspace): Record<string, string> {
  const fields: Record<string, string> = {};
  if (scheduleSince !== undefined) fields.since = String(scheduleSince);
  if (yieldedAt !== undefined) fields.yielded = String(yieldedAt);
  for (const [name, { calls, permitId, deferral }] of schedule) {
    if (calls.length > 0)
      Object.assign(fields, { [`${name}:calls`]: calls.join(','), [`${name}:last`]: `${calls[0]}` });
    if (permitId !== undefined) fields[`${name}:permit`] = permitId;
    if (deferral)
      Object.assign(fields, { [`${name}:next`]: `${deferral.at}`, [`${name}:delayMs`]: `${deferral.delayMs}` });
  }
  return fields;
}

function nonEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}
