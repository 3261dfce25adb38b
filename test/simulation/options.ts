/** What `npm run simulate` may be asked for. */
import { parseArgs } from 'node:util';
import { type FaultName, faultNames } from '../../src/testing/fault-kinds.ts';

export type SimulateOptions = Readonly<{
  seeds: readonly number[];
  durationMs: number;
  pods: number;
  processes: number;
  faults: number | undefined;
  among: readonly FaultName[];
  /** Prints the whole trace of each seed. */
  isTraced: boolean;
  /** Fails when something is covered neither by these seeds nor by generated paths, and has no reason. */
  isGate: boolean;
  /** Writes the trace of the one seed for `bellwether replay`. */
  traceFile: string | undefined;
}>;

const usage = `npm run simulate -- [--seeds 1000] [--from 1] [--seed 17] [--hours 1] [--pods 5] [--processes 2]
                    [--faults 23]            only the first 23 faults of the plan
                    [--only pod.crash,redis.wipe]   draw among these
                    [--trace]                print everything that happened
                    [--gate]                 with generated paths: every state and failover transition is covered
                    [--trace-file FILE]      write it for "bellwether replay"; with --seed only
faults: ${faultNames.join(', ')}`;

export class UsageError extends Error {}

/** @throws UsageError */
export function parseSimulateOptions(args: readonly string[]): SimulateOptions {
  const names = ['seeds', 'from', 'seed', 'hours', 'pods', 'processes', 'faults', 'only', 'trace-file'] as const;
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  let values: Partial<Record<(typeof names)[number], string>> & { trace?: boolean; gate?: boolean };
  try {
    values = parseArgs({
      args: [...args],
      options: { ...options, trace: { type: 'boolean' }, gate: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.\n${usage}`);
  }
  const number = (
    name: 'seeds' | 'from' | 'pods' | 'processes' | 'faults' | 'seed',
    fallback: number,
    least: number,
  ) => {
    const text = values[name];
    if (text === undefined) return fallback;
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new UsageError(`--${name}: expected a whole number from ${least}, got "${text}".\n${usage}`);
  };
  const hours = Number(values.hours ?? '1');
  if (!(hours > 0 && hours <= 10_000))
    throw new UsageError(`--hours: expected a number, got "${values.hours}".\n${usage}`);
  const among = (values.only?.split(',') ?? [...faultNames]) as FaultName[];
  const unknown = among.find((name) => !faultNames.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only: there is no fault "${unknown}".\n${usage}`);
  if (values['trace-file'] !== undefined && values.seed === undefined)
    throw new UsageError(`--trace-file: say which seed, with --seed 17.\n${usage}`);
  const from = number('from', 1, 0);
  const count = number('seeds', 100, 1);
  return {
    seeds: values.seed === undefined ? Array.from({ length: count }, (_, i) => from + i) : [number('seed', 1, 0)],
    durationMs: Math.round(hours * 3_600_000),
    pods: number('pods', 5, 1),
    processes: number('processes', 2, 1),
    faults: values.faults === undefined ? undefined : number('faults', 0, 0),
    among,
    isTraced: values.trace === true,
    isGate: values.gate === true,
    traceFile: values['trace-file'],
  };
}
