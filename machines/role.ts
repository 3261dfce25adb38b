import type { SnapshotFrom } from 'xstate';
import type { podMachine } from './pod.machine.ts';
import type { Role } from './protocol.ts';

type PodSnapshot = SnapshotFrom<typeof podMachine>;
type PodState = Pick<PodSnapshot, 'value'> & Partial<Pick<PodSnapshot, 'status'>>;

/** The role of a pod, read off the chart: the top state, or within `online` the one below it. */
export function roleOf({ value, status = 'active' }: PodState): Role {
  if (status !== 'active') return 'stopped';
  if (typeof value === 'string') return value;
  const [top, below] = Object.entries(value)[0] ?? [];
  if (top !== 'online') return top as Role;
  return (typeof below === 'string' ? below : Object.keys(below ?? {})[0]) as Role;
}
