/** `parseArgs` of Node, with one sentence for each way to get it wrong. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Config<O extends Options> = { args: string[]; options: O; allowPositionals?: boolean };
type Values<O extends Options> = ReturnType<typeof parseArgs<Config<O>>>['values'];

/** @throws UsageError */
export function parseArguments<O extends Options>(command: string, args: readonly string[], options: O): Values<O> {
  return parse(command, { args: [...args], options }).values;
}

/**
 * With exactly one word beside the options.
 *
 * @param word what it is, for the sentence: `DATASET`
 * @throws UsageError
 */
export function parseArgumentsWithWord<O extends Options>(
  command: string,
  word: string,
  args: readonly string[],
  options: O,
): { values: Values<O>; word: string } {
  const { values, positionals } = parse(command, { args: [...args], options, allowPositionals: true });
  const [first, second] = positionals;
  if (first === undefined)
    throw new UsageError(`Which ${word}? Write "bellwether ${command} ${word}"; try "bellwether ${command} --help".`);
  if (second !== undefined)
    throw new UsageError(`Unexpected argument "${second}": try "bellwether ${command} --help".`);
  return { values, word: first };
}

function parse<O extends Options>(command: string, config: Config<O>): ReturnType<typeof parseArgs<Config<O>>> {
  try {
    return parseArgs<Config<O>>(config);
  } catch (error) {
    throw new UsageError(`${sentence(error)}: try "bellwether ${command} --help".`);
  }
}

/** Node's messages go on with advice about syntax that nobody here needs. */
function sentence(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  const [, word = ''] = /'(.*?)'/s.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `Unknown option "${word}"`;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `Unexpected argument "${word}"`;
  const [name = ''] = word.split(' ');
  if (/does not take an argument/.test(message)) return `${name} takes no value`;
  return `${name} needs a value`;
}
