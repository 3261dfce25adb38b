/** What a run of many seeds came to. */
import { coverageReport } from '../../testing/coverage-report.ts';
import { faultNames } from '../../testing/fault-kinds.ts';
import { startOfWallMs } from '../../testing/pod-clock.ts';
import { timeText } from '../../testing/trace-text.ts';
import { TransitionCoverage } from '../../testing/transition-coverage.ts';
import type { SimulateOptions } from './options.ts';
import type { Told } from './worker.ts';

export class Summary {
  readonly failed: Told[] = [];
  readonly coverage = new TransitionCoverage();
  readonly #faults = new Map<string, number>();
  readonly #messages = new Map<string, number>();
  #seeds = 0;
  #virtualMs = 0;
  #publications = 0;
  #asked = 0;
  /** That which came closest to its bound. */
  #slowest = { tookMs: 0, boundMs: 1 };
  #waits = 0;

  add(told: Told): void {
    this.#seeds += 1;
    this.#virtualMs += told.virtualMs;
    this.#publications += told.publications;
    this.#asked += told.asked;
    const { slowestMs: tookMs, boundMs } = told;
    if (tookMs / boundMs > this.#slowest.tookMs / this.#slowest.boundMs) this.#slowest = { tookMs, boundMs };
    this.#waits += told.waits;
    this.coverage.add(told.coverage);
    addAll(this.#faults, told.faultsByName);
    addAll(this.#messages, told.messages);
    if (told.failure) this.failed.push(told);
  }

  lines(wallMs: number, { pods, processes }: SimulateOptions): string[] {
    const hours = this.#virtualMs / 3_600_000;
    const speed = this.#virtualMs / wallMs;
    const faults = [...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      `${this.#seeds} seeds, ${pods} pods each: ${hours.toFixed(1)} simulated hours in ${(wallMs / 1_000).toFixed(0)} s with ${processes} processes, ${speed.toFixed(0)} virtual seconds a second`,
      `faults: ${faults.map(([name, count]) => `${name} ${count}`).join(', ')}`,
      `messages: ${[...this.#messages].map(([what, count]) => `${what} ${count}`).join(', ')}`,
      `publications ${this.#publications}; isLeader() asked ${this.#asked} times; slowest convergence ${timeText(this.#slowest.tookMs)} of ${timeText(this.#slowest.boundMs)} allowed; ${this.#waits} rounds waited for a source call, because nobody held the newest revision any more`,
      ...coverageReport(this.coverage).map(
        ({ machine, states, statesNeverEntered, transitions, transitionsNeverTaken }) =>
          `covered of ${machine}: ${states - statesNeverEntered.length} of ${states} states, ${transitions - transitionsNeverTaken.length} of ${transitions} transitions`,
      ),
      `violations: ${this.failed.length === 0 ? 'none' : `${this.failed.length} seeds`}`,
    ];
  }

  /** What was never covered, by name. */
  uncovered(): string[] {
    return coverageReport(this.coverage).flatMap(({ statesNeverEntered, transitionsNeverTaken }) => [
      ...statesNeverEntered.map((name) => `state ${name}`),
      ...transitionsNeverTaken.map((name) => `transition ${name}`),
    ]);
  }
}

export function failureLines({ seed, failure }: Told, { pods, durationMs, among }: SimulateOptions): string[] {
  if (!failure) return [];
  // The same plan is drawn from the same faults, in the same order.
  const only = among === faultNames ? '' : ` --only ${among.join(',')}`;
  const again = `npx bellwether simulate --seed ${seed} --pods ${pods} --hours ${durationMs / 3_600_000}${only}`;
  return [
    `FAILED  seed ${seed}`,
    ...failure.violations
      .slice(0, 5)
      .map(({ promise, at, sentence }) => `  ${timeText(at - startOfWallMs)}  ${promise}: ${sentence}`),
    `  The shortest prefix that still fails has ${failure.faults} faults of its plan:`,
    ...failure.story.map((line) => `    ${line}`),
    `  Again: ${again} --faults ${failure.faults} --trace`,
    '  In the browser: with --trace-file FILE instead of --trace, then npx bellwether replay FILE',
  ];
}

function addAll(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}
