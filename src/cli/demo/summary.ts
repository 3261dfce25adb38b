/** The last words of a run: what it saved, and whether the promises were kept. */
import { formatDuration } from '../../duration.ts';
import type { CallCounter } from './calls.ts';
import { counted, thousands } from './display.ts';
import type { DemoOptions } from './options.ts';
import type { Finding } from './verdict.ts';

const hourMs = 3_600_000;
/** What the service does when nobody says otherwise. */
const usualIntervalMs = 300_000;

export function summaryLines(
  findings: readonly Finding[],
  calls: CallCounter,
  { pods, intervalMs }: Pick<DemoOptions, 'pods' | 'intervalMs'>,
  wasInterrupted: boolean,
): string[] {
  const broken = findings.filter(({ violations }) => violations.length > 0);
  const kept = wasInterrupted ? 'Interrupted. Promises kept so far:' : 'Promises kept:';
  const headline = broken.length === 0 ? kept : `${broken.length} of ${findings.length} promises were BROKEN:`;
  return ['', headline, ...findings.flatMap(findingLines), '', ...savingLines(calls, pods, intervalMs), ''];
}

function findingLines({ promise, sentence, violations }: Finding): string[] {
  if (violations.length === 0) return [`  kept    ${promise.padEnd(12)} ${sentence}`];
  const shown = violations.slice(0, 10).map((violation) => `                       ${violation}`);
  const more =
    violations.length > shown.length ? [`                       and ${violations.length - shown.length} more`] : [];
  return [`  BROKEN  ${promise.padEnd(12)} ${counted(violations.length, 'time')}:`, ...shown, ...more];
}

function savingLines(calls: CallCounter, pods: number, intervalMs: number): string[] {
  const comparison = calls.comparison(Date.now());
  const anHour = hourMs / usualIntervalMs;
  const usual = `At 5 minutes that is ${anHour} calls an hour each, ${2 * anHour} for two, against ${pods} x ${anHour} x 2 = ${thousands(pods * anHour * 2)}.`;
  if (!comparison) return ['Source calls: the run ended before there was a whole interval to compare.', usual];
  const { intervals, alone, rates, terms } = comparison;
  return [
    `Source calls, from the first after all pods served, every ${formatDuration(intervalMs)}:`,
    `  ${counted(pods, 'pod')} x ${counted(intervals, 'interval')} alone: ${thousands(alone)} (rates) + ${thousands(alone)} (terms) = ${thousands(2 * alone)} calls`,
    `  with Bellwether, as the API counted:  ${rates} (rates) + ${terms} (terms) = ${rates + terms} calls`,
    usual,
  ];
}
