/** Everything that happened, as evidence for the verdict. */
import type { FaultEntry, PodId, TraceEntry } from '../../../machines/index.ts';
import type { DatasetName, Held, PodStatus } from './pod-report.ts';
import type { FleetPod, Roster } from './roster.ts';

/** At this moment this pod answered `isLeader() === true`, under that epoch. */
export type LeaderSample = Readonly<{ at: number; podId: PodId; epoch: number }>;

/** What was told but isn't a promise's own fact: a pod that ended, a wait that came to nothing. */
export type Trouble = Readonly<{ at: number; sentence: string }>;

/** Redis ended, and came back empty. */
export type Wipe = Readonly<{ stoppedAt: number; startedAt: number }>;

/** Beyond this the oldest are forgotten: a demo may be left running over night. */
const mostFacts = 200_000;

export class Journal {
  readonly trace: (TraceEntry | FaultEntry)[] = [];
  readonly leaderSamples: LeaderSample[] = [];
  readonly wipes: Wipe[] = [];
  /** Pods that ended though nobody had ended them. */
  readonly crashes: Trouble[] = [];
  readonly failedReads: Trouble[] = [];
  /** What was waited for and did not come. */
  readonly disappointments: Trouble[] = [];
  /** Faults that somebody did by hand: what the script waits for may then not come. */
  interventions = 0;
  #redisStoppedAt: number | undefined;
  samples = 0;
  degradedSamples = 0;
  forgotten = 0;
  /** What each pod held before all were stopped. */
  atEnd: readonly Readonly<{ label: string; held: Partial<Record<DatasetName, Held>> }>[] | undefined;
  readonly #serving = new Set<FleetPod>();

  constructor(roster: Roster) {
    roster.on('trace', (entry) => this.#add(this.trace, entry));
    roster.on('status', (status, pod) => this.#noteStatus(status, pod));
    roster.on('gone', (pod, unexpected) => {
      if (unexpected === undefined) return;
      this.crashes.push({ at: Date.now(), sentence: unexpected });
      this.noteCrash(pod);
    });
  }

  /** To be told before it is done to the pod: what is the pod's own is older, or comes too late to be believed. */
  noteCrash({ podId }: FleetPod): void {
    if (podId !== undefined) this.#add(this.trace, { type: 'pod.crashed', at: Date.now(), podId });
  }

  /** A process that stands still says nothing itself. */
  notePause({ podId }: FleetPod, type: 'pod.paused' | 'pod.resumed', tell: (entry: FaultEntry) => void): void {
    if (podId === undefined) return;
    const entry = { type, at: Date.now(), podId };
    this.#add(this.trace, entry);
    tell(entry);
  }

  noteRedisStopped(): void {
    this.#redisStoppedAt ??= Date.now();
  }

  noteRedisStarted(): void {
    if (this.#redisStoppedAt !== undefined) this.wipes.push({ stoppedAt: this.#redisStoppedAt, startedAt: Date.now() });
    this.#redisStoppedAt = undefined;
  }

  /** What a fleet's data version is made of, or nothing while a pod has none. */
  noteEnd(pods: readonly FleetPod[]): void {
    this.atEnd = pods.map(({ label, status }) => ({ label, held: status?.held ?? {} }));
  }

  #noteStatus(status: PodStatus, pod: FleetPod): void {
    const { at, podId, epoch, isLeader, role, held } = status;
    this.samples += 1;
    if (role === 'degraded') this.degradedSamples += 1;
    if (isLeader) this.#add(this.leaderSamples, { at, podId, epoch });
    const isServing = held.rates !== undefined && held.terms !== undefined;
    if (isServing) this.#serving.add(pod);
    else if (this.#serving.has(pod)) {
      this.#add(this.failedReads, { at, sentence: `${pod.label} (${role}) had data and could not be read any more` });
    }
  }

  #add<T>(list: T[], item: T): void {
    list.push(item);
    if (list.length <= mostFacts) return;
    this.forgotten += mostFacts / 4;
    list.splice(0, mostFacts / 4);
  }
}
