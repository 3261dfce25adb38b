// Adds up vitest's JSON reports in a folder and prints "N passed, N failed". Fails when no test was run.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const files = readdirSync(folder)
  .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  .flatMap((report) => report.testResults);
const statuses = files.flatMap((file) => file.assertionResults.map((result) => result.status));
const count = (...wanted) => statuses.filter((status) => wanted.includes(status)).length;

const passed = count('passed');
// A file that could not even be loaded has no results of its own.
const unloadable = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed = count('failed') + unloadable;
const skipped = statuses.length - passed - count('failed');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
if (passed === 0 || failed > 0) process.exitCode = 1;
