/** Options are checked once, at construction: all faults in one error, each with the option's path. */
import type { z } from 'zod';
import { BellwetherError, type OptionFault } from './errors.ts';

export type OptionIssue = Readonly<{
  path: readonly PropertyKey[];
  message: string;
  /** Unknown options. */
  keys?: readonly string[];
  /** What is wrong with a name. */
  issues?: readonly Readonly<{ message: string }>[];
}>;

const noSuchOption = 'there is no such option';

/** @throws BellwetherError `configuration` */
export function parseOptions<Schema extends z.ZodType>(
  owner: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw configurationError(owner, parsed.error.issues);
  return parsed.data;
}

/** The error of wrong options: one line a fault, and the same as `faults`. `owner`: whose options they are. */
export function configurationError(owner: string, issues: readonly OptionIssue[]): BellwetherError {
  const faults = new Map(issues.flatMap(faultsOf).map((fault) => [lineOf(fault), fault]));
  const message = [`The options of ${owner} are wrong:`, ...faults.keys()].join('\n');
  return new BellwetherError('configuration', message, { faults: [...faults.values()] });
}

function faultsOf({ path, message, keys, issues: ofName }: OptionIssue): OptionFault[] {
  const names = path.map(String);
  // zod names unknown options together, beside the path of what holds them.
  if (keys) return keys.map((key) => ({ path: [...names, key], message: noSuchOption }));
  return [{ path: names, message: ofName?.[0]?.message ?? message }];
}

function lineOf({ path, message }: OptionFault): string {
  return `  ${path.join('.') || '(options)'}: ${message}`;
}
