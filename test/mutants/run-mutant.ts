/** Copies the project, breaks the copy in one place, runs one test file there and says what turned red. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../harness/leftovers.ts';
import type { Mutant } from './mutants.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const copied = ['machines', 'src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** A mutant may loop for ever. */
const limitMs = 120_000;

export type Outcome = Readonly<{ passed: string[]; failed: string[]; output: string }>;

export async function runMutant(mutant: Mutant): Promise<Outcome> {
  const copy = mkdtempSync(join(tmpdir(), 'bellwether-mutant-'));
  try {
    for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    breakOn(join(copy, mutant.file), mutant);
    return await runTests(copy, mutant);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function breakOn(path: string, { original, mutated, file }: Mutant): void {
  const text = readFileSync(path, 'utf8');
  const times = text.split(original).length - 1;
  if (times !== 1) throw new Error(`${file} holds ${times} times what the mutant wants to replace: ${original}`);
  writeFileSync(
    path,
    text.replace(original, () => mutated),
  );
}

async function runTests(copy: string, { tests, only }: Mutant): Promise<Outcome> {
  const report = join(copy, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', tests, '--reporter=json', `--outputFile=${report}`, ...(only ? ['-t', only] : [])];
  // The folder that CI reads is for the run that we are part of.
  const { BELLWETHER_REPORTS: _, ...env } = process.env;
  // A group of its own: its workers end with it.
  const child = spawn(process.execPath, args, { cwd: copy, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)));
  const timer = setTimeout(() => killGroup(child.pid), limitMs);
  await once(child, 'close');
  clearTimeout(timer);
  killGroup(child.pid);
  const { testResults } = readReport(report, output.join(''));
  const titles = (status: string) =>
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter((one) => one.status === status)
      .map(({ fullName }) => fullName);
  return { passed: titles('passed'), failed: titles('failed'), output: output.join('') };
}

type Report = { testResults: { assertionResults: { fullName: string; status: string }[] }[] };

function readReport(path: string, output: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch (cause) {
    throw new Error(`The tests of the mutant left no report:\n${output}`, { cause });
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
