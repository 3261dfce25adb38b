/** Every benchmark in its shortest form: that it runs and what it writes, never how fast anything was. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { endWithUs } from '../harness/leftovers.ts';
import type { Result } from './report.ts';

const root = resolve(import.meta.dirname, '../..');
const shortest = ['--rounds=1', '--pods=3', '--fleet=3', '--seconds=1', '--samples=1', '--size=6 KB'];

test('every benchmark runs, and writes its aims and raw samples', { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'results.json');
  const bench = spawn('npm', ['run', 'bench', '--', ...shortest, '--json', json], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithUs(bench);
  const [complaints, [code]] = await Promise.all([text(bench.stderr), once(bench, 'exit')]);
  expect([code, complaints]).toEqual([0, expect.not.stringContaining('Error')]);
  const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: Result[] };
  expect(results.map(({ benchmark }) => benchmark)).toMatchInlineSnapshot(`
    [
      "reads",
      "publish-to-last-pod",
      "idle-commands",
      "footprint",
      "pod-footprint",
    ]
  `);
  for (const { benchmark, tables, aims, raw } of results) {
    const medians = tables.flatMap(({ rows }) => rows.flatMap(({ median }) => median ?? []));
    for (const value of [...medians, ...aims.map((aim) => aim.value), ...Object.values(raw).flat()])
      expect(value, benchmark).toSatisfy(Number.isFinite);
    expect(Object.values(raw).flat().length, benchmark).toBeGreaterThan(0);
  }
});
