/** Options are checked once, at construction: all faults in one error, each with the option's path. */
import type { z } from 'zod';
import { BellwetherError } from './errors.ts';

export type OptionIssue = Readonly<{
  path: readonly PropertyKey[];
  message: string;
  /** Unknown options. */
  keys?: readonly string[];
  /** What is wrong with a name. */
  issues?: readonly Readonly<{ message: string }>[];
}>;

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

export function configurationError(owner: string, issues: readonly OptionIssue[]): BellwetherError {
  const lines = issues.flatMap(({ path, message, keys, issues: ofName }) =>
    // zod names unknown options together, beside the path of what holds them.
    keys
      ? keys.map((key) => `  ${[...path, key].map(String).join('.')}: there is no such option`)
      : [`  ${path.map(String).join('.') || '(options)'}: ${ofName?.[0]?.message ?? message}`],
  );
  return new BellwetherError('configuration', `The options of ${owner} are wrong:\n${[...new Set(lines)].join('\n')}`);
}
