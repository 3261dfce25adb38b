/** Options are checked once, at construction: all faults in one error, each with the option's path. */
import type { z } from 'zod';
import { BellwetherError } from './errors.ts';

export type OptionIssue = Readonly<{ path: readonly PropertyKey[]; message: string }>;

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
  const lines = issues.map(({ path, message }) => `  ${path.map(String).join('.') || '(options)'}: ${message}`);
  return new BellwetherError('configuration', `The options of ${owner} are wrong:\n${lines.join('\n')}`);
}
