import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What takes minutes: only with BELLWETHER_FULL=1 (`npm run test:full`). */
const fullOnly = ['test/**/*.full.test.ts'];
const isFull = process.env.BELLWETHER_FULL === '1';

/** A folder for machine-readable results, one file a run: `.ci/run` counts them. */
const reports = process.env.BELLWETHER_REPORTS;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: isFull ? [] : fullOnly,
    globalSetup: 'test/harness/global-setup.ts',
    setupFiles: 'test/harness/setup.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Real servers and processes: a file has a process of its own, and leaves nothing behind for the next.
    pool: 'forks',
    // Two at a time also on two cores (vitest's own choice would be one): most of the time they wait for servers.
    maxWorkers: 2,
    ...(reports && {
      reporters: ['default', ['json', { outputFile: join(reports, `${isFull ? 'full' : 'quick'}.json`) }]],
    }),
  },
});
