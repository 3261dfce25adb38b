/** The judges of `machines/`, on pasts that are values: a step is judged from what is remembered before it. */
import {
  type Expectations,
  type FleetEntry,
  hear,
  noPast,
  type Past,
  settle,
  type Violation,
} from '../../../machines/index.ts';
import { nowMs, tickMs } from './durations.ts';
import type { Entry } from './fleet-state.ts';
import { Interned, remembered } from './intern.ts';

export type Judged = Readonly<{ past: number; violations: readonly Violation[] }>;

const callsTold: Entry = { type: 'calls.told' };

export class Judging {
  readonly #expectations: Expectations;
  readonly #pasts = new Interned<Past>();
  readonly #entries = new Interned<Entry>();
  readonly #lists = new Interned<readonly Entry[]>();
  /** By the past, then by what is heard. */
  readonly #known: Map<number, Judged>[] = [];
  readonly #entryId = remembered((entry: Entry) => this.#entries.idOf(JSON.stringify(entry), () => entry));

  constructor(expectations: Expectations) {
    // The entries of the model are in the order in which they happened.
    this.#expectations = { ...expectations, toleranceMs: -1, callToleranceMs: 0 };
  }

  get none(): number {
    return this.#keep(noPast);
  }

  /** In ticks: how long ago the last source call was, if that is still of interest. */
  youngestCall(past: number): number | undefined {
    const calls = Object.values(this.#pasts.get(past).budget.calls).flat();
    return calls.length > 0 ? Math.min(...calls.map(({ at }) => (nowMs - at) / tickMs)) : undefined;
  }

  /** A number for what happens in one step: equal numbers, equal judgements. */
  numberOf(entries: readonly Entry[]): number {
    return this.#lists.idOf(entries.map(this.#entryId).join(), () => entries);
  }

  /** The same, when a pod that knows the last source call could tell Redis of it first. */
  withCallsTold(heard: number): number {
    return this.numberOf([callsTold, ...this.#lists.get(heard)]);
  }

  judge(past: number, heard: number): Judged {
    const known = this.#known[past] ?? new Map<number, Judged>();
    this.#known[past] = known;
    const judged = known.get(heard) ?? this.#judge(past, this.#lists.get(heard));
    known.set(heard, judged);
    return judged;
  }

  #judge(id: number, entries: readonly Entry[]): Judged {
    if (entries.length === 0) return { past: id, violations: [] };
    const violations: Violation[] = [];
    let past = this.#pasts.get(id);
    for (const entry of entries) {
      if (entry.type === 'tick') {
        past = this.#older(past);
        continue;
      }
      const judged = hear(past, { ...entry, at: nowMs } as unknown as FleetEntry, this.#expectations);
      past = judged.past;
      violations.push(...judged.violations);
    }
    const settled = settle(past, nowMs, this.#expectations);
    return { past: this.#keep(settled.past), violations: [...violations, ...settled.violations] };
  }

  #keep(past: Past): number {
    return this.#pasts.idOf(JSON.stringify(past), () => past);
  }

  /** One tick later; what can't matter any more is forgotten. */
  #older(past: Past): Past {
    const { budget, oneLeader } = past;
    const { excusedUntil } = oneLeader;
    const isRecent = (dataset: string, at: number) => nowMs - at < (this.#expectations.budgets[dataset]?.perMs ?? 0);
    const longest = Math.max(...Object.values(this.#expectations.budgets).map(({ perMs }) => perMs));
    const calls = Object.entries(budget.calls).map(([dataset, all]) => [
      dataset,
      all.map(({ permitId, at }) => ({ permitId, at: at - tickMs })).filter(({ at }) => isRecent(dataset, at)),
    ]);
    return {
      ...past,
      budget: {
        calls: Object.fromEntries(calls),
        lostAt: budget.lostAt.map((at) => at - tickMs).filter((at) => nowMs - at < longest),
      },
      oneLeader: {
        ...oneLeader,
        excusedUntil: excusedUntil === null ? null : Math.max(excusedUntil - tickMs, nowMs - tickMs),
      },
    };
  }
}
