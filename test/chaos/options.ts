/** What a person may choose about a chaos run. */
import { parseArgs } from 'node:util';

export type ChaosOptions = Readonly<{
  minutes: number;
  seed: number;
  pods: number;
  json: string | undefined;
  trace: string | undefined;
}>;

const usage = 'npm run chaos -- [--minutes 10] [--seed 1] [--pods 7] [--json <file>] [--trace <file>]';

/** @throws {Error} one sentence, and how it is used */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const options = {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    pods: { type: 'string', default: '7' },
    json: { type: 'string' },
    trace: { type: 'string' },
  } as const;
  const values = read(() => parseArgs({ args: [...args], options }).values);
  return {
    minutes: number('minutes', values.minutes, { least: 0.1, most: 24 * 60 }),
    seed: number('seed', values.seed ?? String(Date.now() % 1_000_000), { least: 0, most: 2 ** 31 - 1, isWhole: true }),
    pods: number('pods', values.pods, { least: 2, most: 50, isWhole: true }),
    json: values.json,
    trace: values.trace,
  };
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${(error as Error).message} Usage: ${usage}`, { cause: error });
  }
}

type Range = { least: number; most: number; isWhole?: boolean };

function number(name: string, text: string, { least, most, isWhole = false }: Range): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new Error(
    `--${name}: expected a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}, got "${text}". Usage: ${usage}`,
  );
}
