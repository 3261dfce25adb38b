/** What `bellwether simulate` may be asked for. */
import { type FaultName, faultNames } from '../../testing/fault-kinds.ts';
import { mostPods } from '../../testing/fleet-options.ts';
import { parseArguments } from '../parse-arguments.ts';
import { UsageError } from '../usage-error.ts';

export type SimulateOptions = Readonly<{
  seeds: readonly number[];
  durationMs: number;
  pods: number;
  processes: number;
  /** So many of each plan, the first ones; all by default. */
  faults: number | undefined;
  among: readonly FaultName[];
  /** Prints the whole trace of each seed. */
  isTraced: boolean;
  /** Where the trace of the one seed goes, for `bellwether replay`. */
  traceFile: string | undefined;
}>;

const text = { type: 'string' } as const;
const numbers = { seeds: text, from: text, seed: text, pods: text, processes: text, faults: text };
const known = { ...numbers, hours: text, only: text, trace: { type: 'boolean' }, 'trace-file': text } as const;

/** @throws UsageError */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions {
  const values = parseArguments('simulate', args, known);
  const number = (name: keyof typeof numbers, fallback: number, least: number, most = Number.POSITIVE_INFINITY) => {
    const given = values[name];
    if (given === undefined) return fallback;
    if (/^\d{1,9}$/.test(given) && Number(given) >= least && Number(given) <= most) return Number(given);
    const limit = most === Number.POSITIVE_INFINITY ? '' : ` to ${most}`;
    throw new UsageError(`--${name}: expected a whole number from ${least}${limit}, got "${given}".`);
  };
  const traceFile = values['trace-file'];
  if (traceFile !== undefined && values.seed === undefined)
    throw new UsageError('--trace-file: say which seed, with --seed 17.');
  const from = number('from', 1, 0);
  const count = number('seeds', 100, 1);
  return {
    seeds: values.seed === undefined ? Array.from({ length: count }, (_, i) => from + i) : [number('seed', 1, 0)],
    durationMs: parseHours(values.hours ?? '1'),
    pods: number('pods', 5, 1, mostPods),
    processes: number('processes', 2, 1),
    faults: values.faults === undefined ? undefined : number('faults', 0, 0),
    among: parseFaults(values.only),
    isTraced: values.trace === true,
    traceFile,
  };
}

function parseHours(given: string): number {
  const hours = Number(given);
  if (hours > 0 && hours <= 10_000) return Math.max(1, Math.round(hours * 3_600_000));
  throw new UsageError(`--hours: expected a number above 0, got "${given}".`);
}

function parseFaults(given: string | undefined): readonly FaultName[] {
  if (given === undefined) return faultNames;
  const isKnown = (name: string): name is FaultName => (faultNames as readonly string[]).includes(name);
  return given.split(',').map((name) => {
    if (isKnown(name)) return name;
    throw new UsageError(`--only: there is no fault "${name}"; there are ${faultNames.join(', ')}.`);
  });
}
