/** What an endurance run found, and the lines that say it. */
import type { EndurancePod, MemorySample } from './pod.ts';

export type PodReport = Readonly<{
  name: string;
  reads: number;
  failed: number;
  notReady: number;
  restarts: readonly string[];
  /** At the end of each minute. */
  minutesMb: readonly number[];
  /** Of the last process, its first half minute left out; undefined when that is too short to tell. */
  slopeMbPerMinute: number | undefined;
}>;

export type EnduranceReport = Readonly<{
  minutes: number;
  pods: readonly PodReport[];
  faults: Readonly<Record<string, number>>;
  sourceCalls: Readonly<Record<string, number>>;
}>;

const minuteMs = 60_000;
const warmUpMs = 30_000;
const leastSamples = 6;

export function reportOfPod({ name, load, notReady, restarts, samples }: EndurancePod): PodReport {
  const minutes = Math.ceil((samples.at(-1)?.atMs ?? 0) / minuteMs);
  const minutesMb = Array.from({ length: minutes }, (_, minute) =>
    Math.round(samples.findLast(({ atMs }) => atMs <= (minute + 1) * minuteMs)?.rssMb ?? 0),
  );
  const last = samples.filter(({ pid }) => pid === samples.at(-1)?.pid);
  const warm = last.filter(({ atMs }) => atMs - (last[0]?.atMs ?? 0) >= warmUpMs);
  const slopeMbPerMinute = warm.length < leastSamples ? undefined : slope(warm);
  return { name, ...load.counts, notReady, restarts, minutesMb, slopeMbPerMinute };
}

/** Least squares. */
export function slope(samples: readonly Pick<MemorySample, 'atMs' | 'rssMb'>[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const atMinutes = samples.map(({ atMs }) => atMs / minuteMs);
  const [x, y] = [mean(atMinutes), mean(samples.map(({ rssMb }) => rssMb))];
  const across = samples.reduce((sum, { rssMb }, i) => sum + ((atMinutes[i] as number) - x) * (rssMb - y), 0);
  return across / atMinutes.reduce((sum, at) => sum + (at - x) ** 2, 0);
}

/** What must not be. */
export function violationsOf({ pods }: EnduranceReport): string[] {
  return pods.flatMap(({ name, reads, failed, restarts }) => [
    ...(reads === 0 ? [`${name} was never read`] : []),
    ...(failed > 0 ? [`${failed} reads of ${name} failed after its first data`] : []),
    ...restarts.map((why) => `${name} was started again: it ${why}`),
  ]);
}

export function linesOf(report: EnduranceReport): string[] {
  const sum = (of: (pod: PodReport) => number) => report.pods.reduce((total, pod) => total + of(pod), 0);
  const listed = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name}: ${count}`)
      .join(', ');
  return [
    `reads ${sum(({ reads }) => reads).toLocaleString('en')}, failed after the first data ${sum(({ failed }) => failed)}`,
    `restarts by probes, limits or crashes ${sum(({ restarts }) => restarts.length)}, readiness probes failed ${sum(({ notReady }) => notReady)}`,
    `faults ${listed(report.faults)}`,
    `source calls ${listed(report.sourceCalls)}`,
    ...report.pods.map(
      ({ name, minutesMb, slopeMbPerMinute }) =>
        `memory of ${name} at each minute, MB: ${minutesMb.join(' ')}; slope ${slopeMbPerMinute?.toFixed(2) ?? '(too short)'} MB a minute`,
    ),
    ...violationsOf(report).map((violation) => `VIOLATED: ${violation}`),
  ];
}
