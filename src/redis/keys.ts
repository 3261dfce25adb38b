/**
 * The keys and channels of one fleet, all under its namespace: two fleets in one Redis never meet.
 *
 * On a Cluster the namespace is the hash tag, so that one slot holds everything that a script touches.
 */
import { z } from 'zod';
import { DatasetName, type PodId } from '../../machines/index.ts';

/** A last segment `pod` or `pods` would put one fleet's keys among another's channels and lists. */
export const Namespace = z
  .string()
  .regex(
    /^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)*$/,
    'expected letters, digits, "_", "." and "-", in parts that ":" separates',
  )
  .max(100, 'expected at most 100 characters')
  .refine((namespace) => !/(^|:)pods?$/.test(namespace), 'expected another last part than "pod" or "pods"');
export type Namespace = z.infer<typeof Namespace>;

export type Keys = Readonly<{
  leaderLock: string;
  lease: string;
  dataVersion: string;
  schedule: string;
  pods: string;
  podsOrder: string;
  podsReports: string;
  /** A channel. */
  announcements: string;
  /** The payload of a dataset. */
  backup(dataset: DatasetName): string;
  /** A channel: who is subscribed to it is present. */
  pod(podId: PodId): string;
}>;

/** @throws {Error} when the namespace can't be one */
export function redisKeys(namespace: string, { isCluster }: { isCluster: boolean }): Keys {
  const checked = Namespace.safeParse(namespace);
  if (!checked.success) throw new Error(`namespace: ${checked.error.issues.map(({ message }) => message).join('; ')}`);
  const prefix = keyPrefix(namespace, isCluster);
  return {
    leaderLock: `${prefix}:leader_lock`,
    lease: `${prefix}:lease`,
    dataVersion: `${prefix}:data_version`,
    schedule: `${prefix}:schedule`,
    pods: `${prefix}:pods`,
    podsOrder: `${prefix}:pods:order`,
    podsReports: `${prefix}:pods:reports`,
    announcements: `${prefix}:announcements`,
    backup: (dataset) => `${prefix}:${checkedDataset(dataset)}_backup`,
    pod: (podId) => `${prefix}:pod:${podId}`,
  };
}

export function keyPrefix(namespace: string, isCluster: boolean): string {
  return isCluster ? `{${namespace}}` : namespace;
}

export function checkedDataset(name: string): DatasetName {
  const checked = DatasetName.safeParse(name);
  if (!checked.success) throw new Error(`dataset "${name}": ${checked.error.issues[0]?.message}`);
  return checked.data;
}
