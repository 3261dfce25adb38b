/** What a simulated fleet did: the pods' own facts and the faults, in one list, in the order in which it happened. */
import type { FleetTrace, GuardedKey, InjectedFault, TraceEntry } from '../../machines/index.ts';

export type SimulationEntry = FleetTrace[number] | InjectedFault;

const guarded: readonly GuardedKey[] = ['leader_lock', 'lease', 'data_version', 'schedule'];

const entryOf = {
  'pod.crash': 'pod.crashed',
  'pod.vanish': 'pod.crashed',
  'pod.pause': 'pod.paused',
  'pod.resume': 'pod.resumed',
} as const;

export class FleetTraceLog {
  readonly entries: SimulationEntry[] = [];
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

  /** For `judge`. */
  forJudges(): FleetTrace {
    return this.entries.filter((entry) => entry.type !== 'fault.injected');
  }
}
