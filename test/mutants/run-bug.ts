/** Copies the project, breaks the copy in one place, runs one test file there and says what turned red. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs } from '../harness/leftovers.ts';
import { root } from './condition-mutants.ts';
import type { Catch, Fate } from './fate.ts';
import { killGroup, ownEnvironment } from './own-process.ts';
import type { SeededBug } from './seeded-bugs.ts';

const copied = ['machines', 'src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** It may loop for ever. */
const limitMs = 120_000;

type Outcome = Readonly<{ passed: string[]; failed: string[]; output: string }>;

/** What else could see it. */
const otherLayers = [
  { layer: 'contract', tests: 'test/contract/memory.test.ts', only: '' },
  { layer: 'scenarios', tests: 'test/scenarios/scenarios.test.ts', only: 'scenario' },
  { layer: 'simulation', tests: 'test/simulation/swarm.test.ts', only: 'keeps the promises' },
  { layer: 'checker', tests: 'test/model/explore.test.ts', only: 'one pod, without a fault' },
] as const;

/**
 * Caught when its test turned red, and another one not: else it might be no more than a syntax error.
 *
 * @param isForAllLayers ask those that it wasn't made for, too
 */
export async function runBug(bug: SeededBug, isForAllLayers: boolean): Promise<Fate> {
  const startedAt = performance.now();
  const since = () => (performance.now() - startedAt) / 1000;
  const copy = mkdtempSync(join(tmpdir(), 'bellwether-mutant-'));
  const caught: Catch[] = [];
  try {
    for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    breakOn(join(copy, bug.file), bug);
    const { passed, failed, output } = await runTests(copy, bug);
    const red = failed.find((name) => name.includes(bug.red));
    if (red === undefined && passed.length === 0) throw new Error(`No test of "${bug.breaking}" ran:\n${output}`);
    if (red !== undefined && passed.length > 0) caught.push({ layer: bug.layer, by: red, seconds: since() });
    // Scripts are run by a real Redis alone.
    const others = isForAllLayers && !bug.file.endsWith('.lua') ? otherLayers : [];
    for (const other of others.filter(({ layer }) => layer !== bug.layer)) {
      const [by] = (await runTests(copy, other)).failed;
      if (by !== undefined) caught.push({ layer: other.layer, by, seconds: since() });
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return { mutant: bug.breaking, seconds: since(), caught };
}

function breakOn(path: string, { original, mutated, file }: SeededBug): void {
  const text = readFileSync(path, 'utf8');
  const times = text.split(original).length - 1;
  if (times !== 1) throw new Error(`${file} holds ${times} times what the bug replaces: ${original}`);
  writeFileSync(
    path,
    text.replace(original, () => mutated),
  );
}

async function runTests(copy: string, { tests, only }: Pick<SeededBug, 'tests' | 'only'>): Promise<Outcome> {
  const report = join(copy, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', tests, '--reporter=json', `--outputFile=${report}`, ...(only ? ['-t', only] : [])];
  // A group of its own: its workers end with it.
  const child = spawn(process.execPath, args, {
    cwd: copy,
    env: ownEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
