/**
 * The promises as pure predicates over what a fleet did. Model checker, simulation, chaos runs and the demo all judge
 * by these, and by nothing else.
 *
 * A trace is one list of entries of all pods, in the order of `at`. Entries of one machine's clock compare exactly;
 * across machines they compare as well as their clocks do.
 */
import { compareVersions, type DatasetName, type PodId, type Version } from './protocol.ts';
import type { TraceEntry } from './trace.ts';

/** What a harness did to a pod, told in the trace: a killed process says nothing itself. */
export type FaultEntry = Readonly<{ type: 'pod.crashed'; at: number; podId: PodId }>;
export type FleetTrace = readonly (TraceEntry | FaultEntry)[];

export type Violation = Readonly<{ promise: string; at: number; sentence: string }>;

export type Expectations = Readonly<{
  budgets: Readonly<Record<DatasetName, { calls: number; perMs: number }>>;
  /** Redis lost its data in this run: epochs and permits may repeat once. */
  lostData?: boolean;
  /** How far apart the clocks of the trace may be, in ms. */
  toleranceMs?: number;
}>;

type Judge = (trace: FleetTrace, expectations: Expectations) => Violation[];

const show = ({ revision, epoch, podId }: Version) => `revision ${revision} (epoch ${epoch}, ${podId})`;

/** Promise 1: in the order of revisions, the epochs they were published under never fall. */
const fenced: Judge = (trace, { lostData }) => {
  if (lostData) return [];
  const violations: Violation[] = [];
  const newest = new Map<DatasetName, Version>();
  const published = trace.filter((entry) => entry.type === 'revision.published');
  for (const { dataset, record, at } of published.toSorted((a, b) => a.record.revision - b.record.revision)) {
    const before = newest.get(dataset);
    if (before && record.epoch < before.epoch) {
      violations.push({
        promise: 'fenced',
        at,
        sentence: `${dataset} ${show(record)} was published after ${show(before)}`,
      });
    }
    newest.set(dataset, record);
  }
  return violations;
};

/** Promise 2: epochs grow with every lease, and one lease is granted once. */
const epochs: Judge = (trace, { lostData }) => {
  const violations: Violation[] = [];
  const granted = new Set<string>();
  let highest = 0;
  for (const entry of trace) {
    if (entry.type !== 'lease.granted') continue;
    const lease = `${entry.podId}#${entry.epoch}`;
    const isRepeated = granted.has(lease) || (!lostData && entry.epoch <= highest);
    if (isRepeated)
      violations.push({ promise: 'epochs', at: entry.at, sentence: `${lease} was granted after epoch ${highest}` });
    granted.add(lease);
    highest = Math.max(highest, entry.epoch);
  }
  return violations;
};

/** Promise 3: versions never fall on any pod, and one version has one content everywhere. */
const versions: Judge = (trace) => {
  const violations: Violation[] = [];
  const served = new Map<string, Version>();
  const contents = new Map<string, string>();
  for (const entry of trace) {
    if (entry.type !== 'revision.applied' && entry.type !== 'revision.published') continue;
    const { dataset, record, podId, at } = entry;
    const name = `${dataset} ${show(record)}`;
    const content = contents.get(name) ?? record.sha256;
    if (content !== record.sha256) violations.push({ promise: 'versions', at, sentence: `${name} has two contents` });
    contents.set(name, content);
    if (entry.type === 'revision.published') continue;
    const before = served.get(`${podId} ${dataset}`);
    if (compareVersions(record, before) <= 0) {
      const sentence = `${podId} went from ${before ? show(before) : 'nothing'} of ${dataset} to ${show(record)}`;
      violations.push({ promise: 'versions', at, sentence });
    }
    served.set(`${podId} ${dataset}`, record);
  }
  return violations;
};

/** Promise 4: no pod serves a version that it refused. (A damaged one may be restored, and served then.) */
const verified: Judge = (trace) => {
  const violations: Violation[] = [];
  const refused = new Set<string>();
  for (const entry of trace) {
    if (entry.type === 'revision.rejected') refused.add(`${entry.podId} ${entry.dataset} ${show(entry.record)}`);
    if (entry.type !== 'revision.applied') continue;
    if (refused.has(`${entry.podId} ${entry.dataset} ${show(entry.record)}`)) {
      const sentence = `${entry.podId} serves ${entry.dataset} ${show(entry.record)}, which it refused`;
      violations.push({ promise: 'verified', at: entry.at, sentence });
    }
  }
  return violations;
};

/** Promise 5: source calls of the fleet never exceed the budget in any window. */
const budget: Judge = (trace, { budgets, lostData, toleranceMs = 0 }) => {
  const violations: Violation[] = [];
  for (const [dataset, { calls, perMs }] of Object.entries(budgets)) {
    const allowed = calls + (lostData ? 1 : 0);
    const at = callsOf(trace, dataset);
    for (let i = allowed; i < at.length; i++) {
      const window = (at[i] ?? 0) - (at[i - allowed] ?? 0);
      if (window >= perMs - toleranceMs) continue;
      const sentence = `${allowed + 1} calls of ${dataset} within ${window} ms, ${allowed} are allowed in ${perMs} ms`;
      violations.push({ promise: 'budget', at: at[i] ?? 0, sentence });
    }
  }
  return violations;
};

/** When each permit was given last: one that was asked for again, because no call had been made yet, is one call. */
function callsOf(trace: FleetTrace, dataset: DatasetName): number[] {
  const permits = new Map<string, number>();
  for (const entry of trace) {
    if (entry.type === 'source.called' && entry.dataset === dataset) permits.set(entry.permitId, entry.at);
  }
  return [...permits.values()].sort((a, b) => a - b);
}

const beginsBelief = new Set<string>(['lease.granted', 'lease.confirmed']);
const endsBelief = new Set<string>(['belief.ended', 'lease.uncertain', 'lease.ended', 'redis.down', 'pod.crashed']);

/** Promise 6: at most one pod believes that it leads. */
const oneLeader: Judge = (trace, { toleranceMs = 0 }) => {
  const violations: Violation[] = [];
  const believers = new Map<PodId, number>();
  for (const entry of trace) {
    if (endsBelief.has(entry.type)) believers.delete(entry.podId);
    if (!beginsBelief.has(entry.type)) continue;
    for (const other of believers.keys()) {
      if (other === entry.podId || endsSoon(trace, other, entry.at, toleranceMs)) continue;
      violations.push({
        promise: 'oneLeader',
        at: entry.at,
        sentence: `${entry.podId} and ${other} both believe that they lead`,
      });
    }
    believers.set(entry.podId, entry.at);
  }
  return violations;
};

/**
 * Clocks that differ a little may tell an end after the beginning that it allowed; within one millisecond nobody can
 * tell the order of two pods.
 */
function endsSoon(trace: FleetTrace, podId: PodId, at: number, toleranceMs: number): boolean {
  return trace.some(
    (entry) => entry.podId === podId && endsBelief.has(entry.type) && entry.at >= at && entry.at - at <= toleranceMs,
  );
}

export const invariants: Readonly<Record<string, Judge>> = { fenced, epochs, versions, verified, budget, oneLeader };

/** All violations of all promises that a trace can show, in the order in which they happened. */
export function judge(trace: FleetTrace, expectations: Expectations): Violation[] {
  // Stable: within one millisecond a pod's own entries stay in its own order.
  const ordered = trace.toSorted((a, b) => a.at - b.at);
  return Object.values(invariants)
    .flatMap((invariant) => invariant(ordered, expectations))
    .toSorted((a, b) => a.at - b.at);
}
