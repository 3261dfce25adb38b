/** The command as a person runs it, from the sources: `bellwether('demo', ['--pods', '3'])`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from '../harness/leftovers.ts';

export type Ended = Readonly<{ code: number | null; stdout: string; stderr: string }>;

export type Started = Readonly<{
  child: ChildProcess;
  /** What it has written so far. */
  output(): string;
  /** Resolves as soon as its output matches. */
  says(pattern: RegExp): Promise<void>;
  ended: Promise<Ended>;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

/** What the shell of whoever runs the tests says must not decide how they end. */
const unset = ['REDIS_ADDR', 'RATES_URL', 'TERMS_URL', 'LOG_LEVEL', 'NODE_OPTIONS', 'NO_COLOR', 'FORCE_COLOR'];

export function start(args: readonly string[], environment: Environment = {}): Started {
  const env = { ...process.env, ...Object.fromEntries(unset.map((name) => [name, undefined])), ...environment };
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }));
  const says = async (pattern: RegExp) => {
    while (!pattern.test(stdout)) {
      if (child.exitCode !== null) throw new Error(`it ended before it said ${pattern}:\n${stdout}${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, output: () => stdout, says, ended };
}

export function bellwether(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  return start(args, environment).ended;
}
