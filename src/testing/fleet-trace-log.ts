/** What a simulated fleet did: the pods' own facts and the faults, in one list, in the order in which it happened. */
import type { FleetTrace, GuardedKey, InjectedFault, PodId, TraceEntry } from '../../machines/index.ts';

export type SimulationEntry = FleetTrace[number] | InjectedFault;

type Grant = Readonly<{ before: number; entry: FleetTrace[number] }>;

const guarded: readonly GuardedKey[] = ['leader_lock', 'lease', 'data_version', 'schedule'];

const entryOf = {
  'pod.crash': 'pod.crashed',
  'pod.vanish': 'pod.crashed',
  'pod.pause': 'pod.paused',
  'pod.resume': 'pod.resumed',
} as const;

export class FleetTraceLog {
  readonly entries: SimulationEntry[] = [];
  /** What Redis granted and when: between which entries. */
  readonly #grants: Grant[] = [];
  /** How often each fault was injected. */
  readonly faults = new Map<string, number>();
  readonly #wallMs: () => number;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** A pod's own; its clock may be wrong, this one isn't. */
  add(entry: TraceEntry): void {
    this.entries.push({ ...entry, at: this.#wallMs() });
  }

  noteFault(fault: string, pod?: string, detail?: string, podId?: string): void {
    const at = this.#wallMs();
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    this.entries.push({ type: 'fault.injected', at, fault, ...(pod && { pod }), ...(detail && { detail }) });
    const type = entryOf[fault as keyof typeof entryOf];
    if (type && podId !== undefined) this.entries.push({ type, at, podId });
  }

  noteLoss(what: 'wiped' | 'evicted' | 'rolledBack', key?: string): void {
    const at = this.#wallMs();
    if (what === 'wiped') this.entries.push({ type: 'redis.wiped', at });
    // Going back loses a part of each.
    const lost = what === 'rolledBack' ? guarded : guarded.filter((name) => name === key);
    for (const name of lost) this.entries.push({ type: 'redis.wiped', at, key: name });
  }

  /** Told by no pod yet, and perhaps never. */
  noteGrant(holder: PodId, epoch: number): void {
    this.#grants.push({
      before: this.entries.length,
      entry: { type: 'redis.granted', at: this.#wallMs(), holder, epoch },
    });
  }

  /** For `judge`. */
  forJudges(): FleetTrace {
    const judged: FleetTrace[number][] = [];
    let next = 0;
    for (const [index, entry] of this.entries.entries()) {
      for (; this.#grants[next]?.before === index; next++) judged.push((this.#grants[next] as Grant).entry);
      if (entry.type !== 'fault.injected') judged.push(entry);
    }
    return judged;
  }
}
