/** One pod as a page shows it: what it said last, or what others said of it. */
import type { Role } from '../../../machines/protocol.ts';

export type Revision = Readonly<{ revision: number; epoch: number }>;

/** A chart of the pod: its active states, and the transitions of its last step. */
export type ChartPicture = Readonly<{ states: readonly string[]; taken: readonly string[]; at: number }>;

export type PodPicture = {
  readonly podId: string;
  /** In the order in which pods were first heard of, from 0. */
  readonly place: number;
  label: string;
  role: Role;
  /** Ended, killed or stopped, and since when. */
  goneAt: number | undefined;
  isPaused: boolean;
  /** Holds a lease that was not confirmed in time. */
  isUncertain: boolean;
  isLeader: boolean;
  epoch: number;
  readonly versions: Map<string, Revision>;
  heardAt: number;
  failure: string | undefined;
  readonly charts: Map<string, ChartPicture>;
};

export function newPod(podId: string, place: number, at: number): PodPicture {
  return {
    podId,
    place,
    label: shortName(podId),
    role: 'starting',
    goneAt: undefined,
    isPaused: false,
    isUncertain: false,
    isLeader: false,
    epoch: 0,
    versions: new Map(),
    heardAt: at,
    failure: undefined,
    charts: new Map(),
  };
}

/** `hostname-pid-nanoseconds`: on a cluster the host name is the pod's, and its process has number 1. */
function shortName(podId: string): string {
  const [, host, pid] = /^(.+)-(\d+)-\d{12,}$/.exec(podId) ?? [];
  if (host === undefined) return podId;
  return pid === '1' ? host : `${host}-${pid}`;
}

/** The states of the pod's own chart: as it told them, or as far as its role tells. */
export function activeStates(pod: PodPicture): readonly string[] {
  const told = pod.charts.get('pod')?.states;
  if (told && told.length > 0) return told;
  const isOnline = ['candidate', 'leader', 'follower'].includes(pod.role);
  return isOnline ? ['pod', 'pod.online', `pod.online.${pod.role}`] : ['pod', `pod.${pod.role}`];
}
