/**
 * The fleet at one moment, folded from the lines of a trace: the same for a live feed and for a replay.
 *
 * Non-guarantee: it is what was told. A pod that is cut off or killed shows as it was last heard of.
 */
import type { TraceLine } from '../../../machines/trace-file.ts';
import { newPod, type PodPicture } from './pod-picture.ts';

export type DatasetPicture = {
  revision: number;
  epoch: number;
  /** 0: not known. */
  updatedAt: number;
  checkedAt: number;
  intervalMs: number | undefined;
  calls: number;
  alone: number | undefined;
};

export class FleetPicture {
  /** Of the newest line. */
  at = 0;
  readonly pods = new Map<string, PodPicture>();
  readonly datasets = new Map<string, DatasetPicture>();
  leader: Readonly<{ podId: string; epoch: number }> | undefined;
  /** The highest that was told. */
  epoch = 0;
  /** Why the fleet can't be seen just now. */
  failure: string | undefined;
  #places = 0;

  hear(line: TraceLine): void {
    this.at = Math.max(this.at, line.at);
    if (line.type === 'fleet.status') this.#hearFleet(line);
    else if (line.type === 'redis.holds') this.#holds(line.dataset, line.record);
    else if ('podId' in line && line.podId !== undefined) this.#hearPod(line.podId, line);
  }

  /** Those that a page shows: alive, or gone only just now. */
  shown(goneForMs = 10_000): PodPicture[] {
    return [...this.pods.values()].filter(({ goneAt }) => goneAt === undefined || this.at - goneAt < goneForMs);
  }

  live(): PodPicture[] {
    return [...this.pods.values()].filter(({ goneAt }) => goneAt === undefined);
  }

  /** How many live pods serve the newest revision. */
  holders(dataset: string): number {
    const newest = this.datasets.get(dataset);
    if (!newest) return 0;
    return this.live().filter(({ versions }) => isAtLeast(versions.get(dataset), newest)).length;
  }

  #hearFleet(line: Extract<TraceLine, { type: 'fleet.status' }>): void {
    this.failure = line.failure;
    this.epoch = Math.max(this.epoch, line.epoch);
    this.leader = line.leader === null ? undefined : { podId: line.leader, epoch: line.epoch };
    for (const [name, { calls, alone, intervalMs, ...told }] of Object.entries(line.datasets)) {
      const dataset = this.#dataset(name);
      Object.assign(dataset, told);
      dataset.calls = calls ?? dataset.calls;
      dataset.alone = alone ?? dataset.alone;
      dataset.intervalMs = intervalMs ?? dataset.intervalMs;
    }
  }

  #hearPod(podId: string, line: TraceLine): void {
    const pod = this.#pod(podId, line.at);
    if (line.type === 'pod.crashed' || line.type === 'pod.gone') {
      this.#end(pod, line.at);
      return;
    }
    // What a process had said before it was killed may come after the news of its end.
    if (pod.goneAt !== undefined && line.at <= pod.goneAt) return;
    if (line.type !== 'redis.asked' && line.type !== 'remark') pod.heardAt = Math.max(pod.heardAt, line.at);
    hearOfLife(pod, line);
    this.#hearOfLease(pod, line);
    this.#hearOfData(pod, line);
  }

  #hearOfLease(pod: PodPicture, line: TraceLine): void {
    switch (line.type) {
      case 'lease.granted':
        this.#lead(pod, line.epoch);
        break;
      case 'lease.confirmed':
        pod.isUncertain = false;
        pod.isLeader = true;
        break;
      case 'lease.uncertain':
        pod.isUncertain = true;
        pod.isLeader = false;
        break;
      case 'belief.ended':
        pod.isLeader = false;
        break;
      case 'lease.ended':
        pod.isUncertain = false;
        pod.isLeader = false;
        if (this.leader?.podId === pod.podId) this.leader = undefined;
        break;
      case 'leader.elected':
        pod.epoch = line.epoch;
        this.epoch = Math.max(this.epoch, line.epoch);
        if (!this.leader || line.epoch > this.leader.epoch) this.leader = { podId: line.leader, epoch: line.epoch };
        break;
      case 'pod.answered':
        pod.isLeader = line.isLeader;
        break;
      case 'pod.status':
        pod.isLeader = line.isLeader ?? pod.isLeader;
        pod.epoch = line.epoch;
        if (line.isLeader) this.#lead(pod, line.epoch);
        break;
      default:
    }
  }

  #hearOfData(pod: PodPicture, line: TraceLine): void {
    switch (line.type) {
      case 'revision.published':
      case 'revision.unchanged':
        this.#holds(line.dataset, line.record);
        break;
      case 'revision.applied':
        pod.versions.set(line.dataset, { revision: line.record.revision, epoch: line.record.epoch });
        this.#holds(line.dataset, line.record);
        break;
      case 'source.called':
        this.#dataset(line.dataset).calls += 1;
        break;
      case 'pod.status':
        for (const [dataset, version] of Object.entries(line.versions)) pod.versions.set(dataset, version);
        break;
      default:
    }
  }

  #lead(pod: PodPicture, epoch: number): void {
    pod.isLeader = true;
    pod.epoch = epoch;
    this.epoch = Math.max(this.epoch, epoch);
    this.leader = { podId: pod.podId, epoch };
  }

  #end(pod: PodPicture, at: number): void {
    pod.goneAt ??= at;
    pod.isLeader = false;
    pod.isUncertain = false;
    pod.role = 'stopped';
    pod.charts.clear();
    if (this.leader?.podId === pod.podId) this.leader = undefined;
  }

  #pod(podId: string, at: number): PodPicture {
    const known = this.pods.get(podId);
    if (known) return known;
    const pod = newPod(podId, this.#places++, at);
    this.pods.set(podId, pod);
    return pod;
  }

  #holds(name: string, record: { revision: number; epoch: number; updatedAt: number; checkedAt: number }): void {
    const dataset = this.#dataset(name);
    if (!isAtLeast(record, dataset)) return;
    const { revision, epoch, updatedAt, checkedAt } = record;
    Object.assign(dataset, { revision, epoch, updatedAt, checkedAt });
  }

  #dataset(name: string): DatasetPicture {
    const known = this.datasets.get(name);
    if (known) return known;
    const dataset = {
      revision: 0,
      epoch: 0,
      updatedAt: 0,
      checkedAt: 0,
      intervalMs: undefined,
      calls: 0,
      alone: undefined,
    };
    this.datasets.set(name, dataset);
    return dataset;
  }
}

function hearOfLife(pod: PodPicture, line: TraceLine): void {
  switch (line.type) {
    case 'role.changed':
      pod.role = line.to;
      if (line.to === 'stopped') pod.goneAt = line.at;
      break;
    case 'pod.stopping':
      pod.role = 'stopping';
      break;
    case 'redis.up':
      pod.failure = undefined;
      break;
    case 'redis.down':
      pod.failure = line.failure.message;
      break;
    case 'pod.paused':
      pod.isPaused = true;
      pod.isLeader = false;
      break;
    case 'pod.resumed':
      pod.isPaused = false;
      break;
    case 'chart.step':
      if (line.states.length === 0) pod.charts.delete(line.chart);
      else pod.charts.set(line.chart, { states: line.states, taken: line.taken, at: line.at });
      break;
    case 'pod.status':
      pod.label = line.label ?? pod.label;
      pod.role = line.role;
      pod.failure = line.failure;
      break;
    default:
  }
}

/** The publisher, the third part of a version, matters only after a loss of data: not to a picture. */
function isAtLeast(
  a: { revision: number; epoch: number } | undefined,
  b: { revision: number; epoch: number },
): boolean {
  if (!a) return false;
  return a.revision > b.revision || (a.revision === b.revision && a.epoch >= b.epoch);
}
