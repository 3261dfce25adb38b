/**
 * Runs one layer of tests against some mutants, in one process for all of them.
 *
 * A mutant that hangs takes the process with it: it is tried once more by itself, and caught when it hangs again.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from '../harness/leftovers.ts';
import { root } from './condition-mutants.ts';
import { type Line, linePrefix } from './layers/line-reporter.ts';
import { killGroup, ownEnvironment } from './own-process.ts';

export const layers = [
  'contract',
  'differential',
  'redis',
  'scenarios',
  'unit',
  'simulation',
  'checker',
  'checker-bugs',
] as const;
export type Layer = (typeof layers)[number];

/** Several times what one mutant takes where nothing hangs, with some for the start. */
const silenceLimitMs: Readonly<Record<Layer, number>> = {
  contract: 90_000,
  differential: 120_000,
  redis: 120_000,
  scenarios: 90_000,
  unit: 90_000,
  simulation: 120_000,
  checker: 180_000,
  'checker-bugs': 180_000,
};

export async function runLayer(layer: Layer, ids: readonly string[]): Promise<Line[]> {
  if (ids.length === 0) return [];
  const { lines, isHanging, output } = await runOnce(layer, ids);
  const left = ids.filter((id) => !lines.some((line) => line.id === id));
  const [first, ...others] = left;
  if (first === undefined) return lines;
  if (!isHanging) throw new Error(`The layer ${layer} ended before ${first} was tried:\n${output}`);
  if (ids.length > 1) {
    const again = [await runLayer(layer, [first]), others.length > 0 ? await runLayer(layer, others) : []];
    return [...lines, ...again.flat()];
  }
  const seconds = silenceLimitMs[layer] / 1000;
  return [{ id: first, red: `it never ends (${seconds} s)`, passed: 0, seconds }];
}

async function runOnce(layer: Layer, ids: readonly string[]) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/vitest.config.ts'];
  // A group of its own: its workers end with it.
  const child = spawn(process.execPath, [...args, `test/mutants/layers/${layer}.ts`], {
    cwd: resolve(root),
    env: { ...ownEnvironment(), BELLWETHER_MUTANTS: JSON.stringify(ids) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child, () => killGroup(child.pid));
  const lines: Line[] = [];
  const output: string[] = [];
  let isHanging = false;
  const watch = setTimeout(() => {
    isHanging = true;
    killGroup(child.pid);
  }, silenceLimitMs[layer]);
  createInterface(child.stdout).on('line', (text) => {
    watch.refresh();
    if (text.startsWith(linePrefix)) lines.push(JSON.parse(text.slice(linePrefix.length)));
    else output.push(text);
  });
  child.stderr.on('data', (chunk) => output.push(String(chunk)));
  await once(child, 'close');
  clearTimeout(watch);
  killGroup(child.pid);
  return { lines, isHanging, output: output.join('\n') };
}
