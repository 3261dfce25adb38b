/** Source calls as the API counted them, beside what the same pods would have made on their own. */
import type { FxApi } from './fx-api.ts';
import { datasetNames } from './pod-report.ts';

/** Of one dataset, since all pods serve. */
export type Comparison = Readonly<{
  sinceMs: number;
  /** Whole intervals that began: so often a pod of its own would have called. */
  intervals: number;
  pods: number;
  alone: number;
  rates: number;
  terms: number;
}>;

export class CallCounter {
  readonly #api: FxApi;
  readonly #intervalMs: number;
  readonly #pods: number;
  #servingSinceMs: number | undefined;
  #endedAtMs: number | undefined;

  constructor(api: FxApi, { intervalMs, pods }: { intervalMs: number; pods: number }) {
    this.#api = api;
    this.#intervalMs = intervalMs;
    this.#pods = pods;
  }

  /** From now on a fleet without Bellwether would make all its calls. */
  noteAllServe(nowMs: number): void {
    this.#servingSinceMs ??= nowMs;
  }

  noteEnd(nowMs: number): void {
    this.#endedAtMs ??= nowMs;
  }

  total(): { rates: number; terms: number } {
    return { rates: this.#api.calls('rates').total, terms: this.#api.calls('terms').total };
  }

  /**
   * Counted from the first call after all pods serve, so that neither side begins in the middle of an interval.
   * Undefined before.
   */
  comparison(nowMs: number): Comparison | undefined {
    const from = this.#servingSinceMs;
    if (from === undefined) return undefined;
    const times = this.times();
    const first = Math.min(
      ...datasetNames.map((name) => times[name].find((at) => at >= from) ?? Number.POSITIVE_INFINITY),
    );
    const until = this.#endedAtMs ?? nowMs;
    if (first > until) return undefined;
    const intervals = Math.floor((until - first) / this.#intervalMs) + 1;
    const count = (name: 'rates' | 'terms') => times[name].filter((at) => at >= first && at <= until).length;
    return {
      sinceMs: first,
      intervals,
      pods: this.#pods,
      alone: intervals * this.#pods,
      rates: count('rates'),
      terms: count('terms'),
    };
  }

  /** When the API was called. */
  times(): { rates: number[]; terms: number[] } {
    const timesOf = (name: 'rates' | 'terms') => this.#api.calls(name).log.map(({ atMs }) => atMs);
    return { rates: timesOf('rates'), terms: timesOf('terms') };
  }

  /** Answered with 429. */
  limited(): number {
    return datasetNames.reduce((sum, name) => sum + this.#api.calls(name).limited, 0);
  }
}
