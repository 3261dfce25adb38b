/** From arguments to an exit code: 0 well, 1 something went wrong or a promise was broken, 2 asked for wrongly. */
import { createRequire } from 'node:module';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { FailedRun } from './failed-run.ts';
import { UsageError } from './usage-error.ts';

export async function run(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    const { isAskedWrongly, text } = explain(error);
    process.stderr.write(`bellwether: ${text}\n`);
    return isAskedWrongly ? 2 : 1;
  }
}

async function dispatch([first, ...rest]: readonly string[]): Promise<number> {
  if (first === 'help' && rest[0] !== undefined) {
    process.stdout.write(helpOf(find(rest[0])));
    return 0;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(help());
    return first === undefined ? 2 : 0;
  }
  if (first === '--version' || first === '-V') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = find(first);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  const start = await command.load();
  return start(rest);
}

/** @throws UsageError */
function find(word: string): Command {
  const command = commands.find(({ name }) => name === word);
  if (!command) throw new UsageError(unknown(word));
  return command;
}

function unknown(word: string): string {
  const names = commands.map(({ name }) => name).join(', ');
  if (word.startsWith('-')) return `Unknown option "${word}": try "bellwether --help".`;
  return `Unknown command "${word}": there are ${names}; try "bellwether --help".`;
}

function help(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'bellwether: one pod fetches, every pod knows.',
    '',
    'Usage: bellwether <command> [options]',
    '',
    ...list,
    '',
    '"bellwether help <command>" tells its options and exit codes, "bellwether --version" the version.',
    '',
  ].join('\n');
}

function helpOf({ name, usage, summary, details }: Command): string {
  return [`Usage: bellwether ${[name, usage].filter(Boolean).join(' ')}`, '', summary, '', ...details, ''].join('\n');
}

/** The package names itself: the same from the sources and from `dist`. */
function version(): string {
  const { version: number } = createRequire(import.meta.url)('bellwether/package.json') as { version: string };
  return number;
}

function explain(error: unknown): { isAskedWrongly: boolean; text: string } {
  const { code, message, stack } = error as { code?: unknown; message?: unknown; stack?: unknown };
  const isAskedWrongly = error instanceof UsageError || code === 'configuration';
  // An error with a code is about the world, and its message says all; one without is a fault of ours.
  const isExpected = isAskedWrongly || error instanceof FailedRun || typeof code === 'string';
  return { isAskedWrongly, text: String((isExpected ? message : (stack ?? message)) ?? error) };
}
