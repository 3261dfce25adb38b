/**
 * Whether the run kept the promises, each with its numbers: the invariants over the whole trace, and beside them what
 * only this run can know: the API's own counts, what `isLeader()` answered, and how each publication spread.
 */
import {
  compareVersions,
  type FleetTrace,
  judge,
  type TraceEntry,
  type VersionRecord,
} from '../../../machines/index.ts';
import { formatDuration } from '../../duration.ts';
import { gapsOf } from './call-gaps.ts';
import { reachOf } from './convergence.ts';
import type { Journal } from './journal.ts';
import { rivalLeaders } from './leader-samples.ts';
import { datasetNames } from './pod-report.ts';

export type Evidence = Readonly<{
  intervalMs: number;
  journal: Omit<Journal, 'noteCrash' | 'notePause' | 'noteRedisStopped' | 'noteRedisStarted' | 'noteEnd'>;
  /** When the API was called, as it counted. */
  calls: Readonly<{ rates: readonly number[]; terms: readonly number[] }>;
  /** Calls that it answered with 429. */
  limited: number;
}>;

export type Finding = Readonly<{ promise: string; sentence: string; violations: readonly string[] }>;

/** A publication is to be everywhere by then: far more than it takes, far less than the poll that would also find it. */
export const reachBoundMs = 5_000;

/** The default belief window: a permit is used within it, and so calls may bunch by that much. */
const callToleranceMs = 1_250;

/** All processes share one clock; this is what their facts may cross each other on the way to paper. */
const clockToleranceMs = 50;

export function verdictOf(evidence: Evidence): Finding[] {
  const { journal, intervalMs } = evidence;
  const { trace, wipes } = journal;
  const budgets = Object.fromEntries(datasetNames.map((name) => [name, { calls: 4, perMs: intervalMs }]));
  const losses = wipes.map(({ startedAt }) => ({ type: 'redis.wiped' as const, at: startedAt }));
  const violations = judge([...trace, ...losses], { budgets, toleranceMs: clockToleranceMs });
  const found: Omit<Finding, 'violations'>[] = sentences(trace);
  const others: Finding[] = [
    unlessByHand(budget(evidence), journal),
    oneLeader(evidence),
    unlessByHand(convergence(evidence), journal),
    serving(evidence),
    nothingLost(evidence),
  ];
  return [...found.map((finding) => ({ ...finding, violations: [] })), ...others].map((finding) => ({
    ...finding,
    violations: [
      ...violations.filter(({ promise }) => promise === finding.promise).map(({ sentence }) => sentence),
      ...finding.violations,
    ],
  }));
}

/** What this run measures beyond the invariants holds for its script: a pod that somebody paused is late, and may be. */
function unlessByHand(finding: Finding, { interventions }: Pick<Journal, 'interventions'>): Finding {
  if (interventions === 0) return finding;
  const faults = interventions === 1 ? 'a fault' : `${interventions} faults`;
  return {
    ...finding,
    sentence: `${finding.sentence}; somebody did ${faults} by hand: no times judged`,
    violations: [],
  };
}

/** The promises that the invariants judge alone. */
function sentences(trace: FleetTrace): Omit<Finding, 'violations'>[] {
  const of = <Type extends TraceEntry['type']>(type: Type) =>
    trace.filter((entry): entry is Extract<TraceEntry, { type: Type }> => entry.type === type);
  const published = of('revision.published');
  const leases = of('lease.granted').map(({ epoch }) => epoch);
  const refused = of('revision.rejected').length + of('revision.damaged').length;
  return [
    { promise: 'fenced', sentence: `${published.length} publications, none under an older epoch than the one before` },
    { promise: 'epochs', sentence: `${leases.length} leases (epochs ${leases.join(', ')}), none was granted twice` },
    {
      promise: 'versions',
      sentence: `${of('revision.applied').length} times a pod took a newer version: none went back, no version had two contents`,
    },
    { promise: 'verified', sentence: `${refused} versions failed checksum or schema, and no pod served one that did` },
  ];
}

function budget({ calls, limited, intervalMs }: Evidence): Finding {
  const gaps = datasetNames.map((name) => gapsOf(name, calls[name], intervalMs, callToleranceMs));
  const shortest = gaps.map(({ shortestMs }) => shortestMs).filter((gapMs) => gapMs !== undefined);
  const gap = shortest.length > 0 ? `, shortest gap ${formatDuration(Math.min(...shortest))}` : '';
  const overLimit = limited > 0 ? [`the API answered ${limited} calls with 429`] : [];
  return {
    promise: 'budget',
    sentence:
      `the API counted ${calls.rates.length} calls of rates and ${calls.terms.length} of terms, one an interval of ` +
      `${formatDuration(intervalMs)}${gap} (tolerance ${formatDuration(callToleranceMs)}), ${limited} over its rate limit`,
    violations: [...gaps.flatMap((of) => of.violations), ...overLimit],
  };
}

function oneLeader({ journal: { leaderSamples, samples } }: Evidence): Finding {
  return {
    promise: 'oneLeader',
    sentence: `isLeader() was asked ${samples} times and said yes ${leaderSamples.length} times, never in two pods at once`,
    violations: rivalLeaders(leaderSamples),
  };
}

function convergence({ journal: { trace, atEnd, disappointments } }: Evidence): Finding {
  const { publications, slowestMs, violations } = reachOf(trace, reachBoundMs);
  const versions = new Set(
    atEnd?.map(({ held }) => datasetNames.map((name) => `${name} ${held[name]?.revision}`).join(' and ')),
  );
  const end =
    versions.size === 1
      ? `; at the end ${atEnd?.length === 1 ? 'the pod was' : `all ${atEnd?.length} pods were`} on ${[...versions][0]}`
      : '';
  return {
    promise: 'convergence',
    sentence: `${publications} publications, the slowest on every connected pod after ${formatDuration(slowestMs)} (bound ${formatDuration(reachBoundMs)})${end}`,
    violations: [
      ...violations,
      ...disappointments.map(({ sentence }) => sentence),
      ...(versions.size > 1 ? [`at the end the pods were on different versions: ${[...versions].join('; ')}`] : []),
    ],
  };
}

function serving({ journal: { crashes, failedReads, samples, degradedSamples } }: Evidence): Finding {
  return {
    promise: 'serving',
    sentence: `no pod ended that nobody had ended; ${samples} looks at the data, ${degradedSamples} of them without Redis, none failed`,
    violations: [...crashes, ...failedReads].map(({ sentence }) => sentence),
  };
}

function nothingLost({ journal: { trace, wipes }, calls }: Evidence): Finding {
  const violations: string[] = [];
  const restored: string[] = [];
  for (const { stoppedAt, startedAt } of wipes) {
    for (const name of datasetNames) {
      const before = newestBefore(trace, name, stoppedAt);
      if (!before) continue;
      const back = trace.find((entry) => entry.at >= startedAt && bringsBack(entry, name, before));
      if (!back) violations.push(`${name} revision ${before.revision} did not get back into Redis`);
      else {
        const called = calls[name].filter((at) => at >= stoppedAt && at <= back.at).length;
        restored.push(
          `${name} ${before.revision} after ${formatDuration(back.at - startedAt)} and ${called} source calls`,
        );
      }
    }
  }
  const sentence =
    wipes.length === 0 ? 'Redis kept its data in this run' : `Redis lost its data; back were ${restored.join(', ')}`;
  return { promise: 'nothingLost', sentence, violations };
}

function newestBefore(trace: FleetTrace, dataset: string, at: number): VersionRecord | undefined {
  let newest: VersionRecord | undefined;
  for (const entry of trace) {
    if (entry.type !== 'revision.applied' || entry.dataset !== dataset || entry.at >= at) continue;
    if (compareVersions(entry.record, newest) > 0) newest = entry.record;
  }
  return newest;
}

function bringsBack(entry: FleetTrace[number], dataset: string, before: VersionRecord): boolean {
  if (entry.type === 'revision.restored') return entry.dataset === dataset;
  if (entry.type !== 'revision.published' || entry.dataset !== dataset) return false;
  return compareVersions(entry.record, before) > 0;
}
