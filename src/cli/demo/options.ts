/** What a person may choose about the demo. */
import { Duration, formatDuration } from '../../duration.ts';
import { parseArguments } from '../parse-arguments.ts';
import { parsePort } from '../port.ts';
import { UsageError } from '../usage-error.ts';

export type DemoOptions = Readonly<{
  pods: number;
  intervalMs: number;
  /** On top of what the run takes anyway. */
  forMs: number;
  hasFaults: boolean;
  /** Runs on until Ctrl-C. */
  isKept: boolean;
  /** Of the dashboard; 0: any that is free. */
  port: number;
  /** Where everything that happens is written, if anywhere. */
  traceFile: string | undefined;
  /** Stream some pods' machines to Stately Inspect. */
  isInspected: boolean;
}>;

/** Each takes some 80 MB. */
const mostPods = 200;
/** Shorter than that, a failover of two seconds would miss calls; longer, and nobody watches. */
const interval = { leastMs: 1_000, mostMs: 3_600_000 };

/** @throws UsageError */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const values = parseArguments('demo', args, {
    pods: { type: 'string' },
    interval: { type: 'string' },
    for: { type: 'string' },
    'no-faults': { type: 'boolean' },
    keep: { type: 'boolean' },
    port: { type: 'string' },
    trace: { type: 'string' },
    inspect: { type: 'boolean' },
  });
  return {
    pods: podCount(values.pods ?? '70'),
    intervalMs: duration('--interval', values.interval ?? '10s', interval),
    forMs: values.for === undefined ? 0 : duration('--for', values.for, { leastMs: 1, mostMs: 7 * 86_400_000 }),
    hasFaults: values['no-faults'] !== true,
    isKept: values.keep === true,
    port: parsePort(values.port ?? '0'),
    traceFile: values.trace,
    isInspected: values.inspect === true,
  };
}

function podCount(text: string): number {
  const pods = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (pods >= 1 && pods <= mostPods) return pods;
  throw new UsageError(`--pods: expected a whole number from 1 to ${mostPods}, got "${text}".`);
}

function duration(option: string, text: string, { leastMs, mostMs }: { leastMs: number; mostMs: number }): number {
  const parsed = Duration.safeParse(text);
  if (parsed.success && parsed.data >= leastMs && parsed.data <= mostMs) return parsed.data;
  const [least, most] = [formatDuration(leastMs), formatDuration(mostMs)];
  throw new UsageError(
    `${option}: expected a duration from ${least} to ${most}, such as '10s' or '2m', got "${text}".`,
  );
}
