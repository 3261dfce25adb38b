/** The pods of a run, those that ended included, with the newest that is known of each. */
import { EventEmitter } from 'node:events';
import {
  compareVersions,
  type PodId,
  type Role,
  type TraceEntry,
  type VersionRecord,
} from '../../../machines/index.ts';
import type { Step } from '../../inspection/index.ts';
import { type DatasetName, datasetNames, type PodMessage, type PodStatus } from './pod-report.ts';

export type FleetPod = {
  /** From 1; a replacement gets the next number. */
  readonly number: number;
  readonly label: string;
  state: 'starting' | 'running' | 'stopping' | 'gone';
  podId: PodId | undefined;
  role: Role;
  status: PodStatus | undefined;
  /** The newest version of each dataset that it serves, and since when. */
  applied: Partial<Record<DatasetName, Readonly<{ record: VersionRecord; at: number }>>>;
  pid: number | undefined;
  /** Somebody has paused it or cut it from Redis by hand: what it then says of Redis is no news. */
  isDisturbed: boolean;
};

type RosterEvents = {
  added: [FleetPod];
  trace: [TraceEntry, FleetPod];
  status: [PodStatus, FleetPod];
  charts: [readonly Step[], FleetPod];
  /** The sentence says how it ended, if that is not how it was meant to. */
  gone: [FleetPod, string | undefined];
};

const onlineRoles: readonly Role[] = ['candidate', 'leader', 'follower'];

export class Roster extends EventEmitter<RosterEvents> {
  readonly #pods: FleetPod[] = [];

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  add(): FleetPod {
    const number = this.#pods.length + 1;
    const pod: FleetPod = {
      number,
      label: `pod ${number}`,
      state: 'starting',
      podId: undefined,
      role: 'starting',
      status: undefined,
      applied: {},
      pid: undefined,
      isDisturbed: false,
    };
    this.#pods.push(pod);
    this.emit('added', pod);
    return pod;
  }

  note(pod: FleetPod, message: PodMessage): void {
    if (message.kind === 'ready') {
      if (pod.state === 'starting') pod.state = 'running';
    } else if (message.kind === 'status') {
      pod.podId = message.status.podId;
      pod.role = message.status.role;
      pod.status = message.status;
      this.emit('status', message.status, pod);
    } else if (message.kind === 'charts') {
      this.emit('charts', message.steps, pod);
    } else {
      this.#noteTrace(pod, message.entry);
    }
  }

  #noteTrace(pod: FleetPod, entry: TraceEntry): void {
    pod.podId = entry.podId;
    if (entry.type === 'role.changed') pod.role = entry.to;
    if (entry.type === 'revision.applied') {
      const dataset = datasetNames.find((name) => name === entry.dataset);
      if (dataset) pod.applied[dataset] = { record: entry.record, at: entry.at };
    }
    this.emit('trace', entry, pod);
  }

  noteGone(pod: FleetPod, unexpected?: string): void {
    if (pod.state === 'gone') return;
    pod.state = 'gone';
    pod.role = 'stopped';
    this.emit('gone', pod, unexpected);
  }

  /** Started and not ended. */
  live(): FleetPod[] {
    return this.#pods.filter(({ state }) => state !== 'gone');
  }

  /** Live, and not about to stop. */
  running(): FleetPod[] {
    return this.#pods.filter(({ state }) => state === 'running');
  }

  /** Running, and in contact with Redis. */
  connected(): FleetPod[] {
    return this.running().filter(({ role }) => onlineRoles.includes(role));
  }

  /** Who says of itself, at last word, that it leads. */
  leader(): FleetPod | undefined {
    return this.running().find(({ status }) => status?.isLeader);
  }

  byId(podId: PodId): FleetPod | undefined {
    return this.#pods.findLast((pod) => pod.podId === podId);
  }

  /** How many of these pods hold this version or a newer one. */
  holders(pods: readonly FleetPod[], dataset: DatasetName, record: VersionRecord): number {
    return pods.filter(({ applied }) => compareVersions(applied[dataset]?.record, record) >= 0).length;
  }
}
