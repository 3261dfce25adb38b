/** For the mutants that are broken in one warm process: see layers/each-mutant.ts. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { switches } from './switches.ts';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  plugins: [switches()],
  test: {
    include: ['test/mutants/layers/*.ts'],
    setupFiles: 'test/harness/setup.ts',
    // What hangs is broken as well.
    testTimeout: 10_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 1,
    reporters: ['test/mutants/layers/line-reporter.ts'],
  },
});
