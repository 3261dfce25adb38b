/**
 * What happened, and what of it broke a promise. Bounded: for the judges it keeps the kinds of entries they look at,
 * for people the last minutes of everything.
 */
import { EventEmitter } from 'node:events';
import { type FaultEntry, judge, type TraceEntry, type TraceLine, type Violation } from '../../machines/index.ts';
import { latePublications } from './late-publications.ts';
import { callToleranceOf, clockToleranceMs, type Settings } from './settings.ts';

export type Entry = TraceEntry | FaultEntry;
export type Finding = Violation & Readonly<{ around: readonly string[] }>;

const judged = new Set<string>([
  ...['lease.granted', 'lease.confirmed', 'lease.uncertain', 'lease.ended', 'belief.ended', 'redis.down'],
  ...['pod.crashed', 'pod.paused', 'pod.resumed', 'pod.answered', 'redis.wiped'],
  ...['revision.published', 'revision.applied', 'revision.rejected', 'source.called'],
]);

/** Some ten hours of a fleet of eight. */
const mostJudged = 500_000;
const mostRecent = 4_000;
const mostFindings = 20;
const aroundMs = 4_000;
const mostAround = 120;

export class Journal extends EventEmitter<{ entry: [Entry]; finding: [Finding] }> {
  readonly findings: Finding[] = [];
  readonly counts = new Map<string, number>();
  /** All of them, by promise; beyond `mostFindings` they are only counted. */
  readonly violations = new Map<string, number>();
  readonly #settings: Settings;
  readonly #judged: Entry[] = [];
  readonly #recent: (Entry | { type: 'chaos'; at: number; podId?: never; what: string })[] = [];
  readonly #known = new Set<string>();
  #untilViolation: readonly TraceLine[] | undefined;

  constructor(settings: Settings) {
    super();
    this.#settings = settings;
    this.setMaxListeners(0);
  }

  note(entry: Entry): void {
    this.counts.set(entry.type, this.count(entry.type) + 1);
    if (judged.has(entry.type)) push(this.#judged, entry, mostJudged);
    push(this.#recent, entry, mostRecent);
    this.emit('entry', entry);
  }

  /** What the campaign does, among the entries, for people. */
  noteAct(what: string): void {
    push(this.#recent, { type: 'chaos', at: Date.now(), what }, mostRecent);
  }

  /** For `bellwether replay`: the last minutes before the first violation, or before now. */
  traceLines(): readonly TraceLine[] {
    return this.#untilViolation ?? this.#recentLines();
  }

  #recentLines(): TraceLine[] {
    return this.#recent
      .map(
        (entry): TraceLine => (entry.type === 'chaos' ? { type: 'remark', at: entry.at, sentence: entry.what } : entry),
      )
      .toSorted((a, b) => a.at - b.at);
  }

  count(type: Entry['type']): number {
    return this.counts.get(type) ?? 0;
  }

  /** When Redis lost what it knew of calls. */
  lossesOfCalls(): number[] {
    return this.#judged.flatMap((entry) =>
      entry.type === 'redis.wiped' && (entry.key === undefined || entry.key === 'schedule') ? [entry.at] : [],
    );
  }

  /** Judges the whole run so far by the invariants. */
  judge(): void {
    const { budget, timing } = this.#settings;
    const violations = judge(this.#judged, {
      budgets: { rates: budget },
      toleranceMs: clockToleranceMs,
      callToleranceMs: callToleranceOf(this.#settings),
      beliefWindowMs: timing.beliefWindowMs,
    });
    for (const violation of [...violations, ...latePublications(this.#judged)]) this.violate(violation);
  }

  /** Once for each violation. */
  violate(violation: Violation): void {
    const key = `${violation.promise} ${violation.at} ${violation.sentence}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.violations.set(violation.promise, (this.violations.get(violation.promise) ?? 0) + 1);
    this.#untilViolation ??= this.#recentLines();
    if (this.findings.length >= mostFindings) return;
    const finding = { ...violation, around: this.#around(violation.at) };
    this.findings.push(finding);
    this.emit('finding', finding);
  }

  #around(at: number): string[] {
    const near = this.#recent.filter((entry) => Math.abs(entry.at - at) <= aroundMs).toSorted((a, b) => a.at - b.at);
    const first = near.findIndex((entry) => entry.at >= at);
    const from = Math.max(0, (first < 0 ? near.length : first) - mostAround / 2);
    return near.slice(from, from + mostAround).map(({ type, at: entryAt, podId, ...rest }) => {
      const time = new Date(entryAt).toISOString().slice(11, 23);
      return `${time} ${podId ?? ''} ${type} ${JSON.stringify(rest)}`;
    });
  }
}

function push<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.splice(0, Math.ceil(most / 4));
}
