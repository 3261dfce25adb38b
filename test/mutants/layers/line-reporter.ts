/** Tells of each mutant, when its tests are done, which of them turned red: a line of JSON each. */
import type { Reporter, TestSuite } from 'vitest/node';

export const linePrefix = '@mutant ';
export type Line = Readonly<{ id: string; red: string | undefined; passed: number; seconds: number }>;

// biome-ignore lint/style/noDefaultExport: vitest takes the default export of a reporter's file
export default class LineReporter implements Reporter {
  onTestSuiteResult(suite: TestSuite): void {
    if (suite.parent.type !== 'module') return;
    const tests = [...suite.children.allTests()];
    const red = tests.find((test) => test.result().state === 'failed');
    const error = red?.result().errors?.[0]?.message ?? suite.errors()[0]?.message;
    const name = red ? red.fullName.slice(suite.name.length + 3) : error && 'before any test';
    const line: Line = {
      id: suite.name,
      red: name && `${name}: ${(error ?? '').split('\n')[0]}`,
      passed: tests.filter((test) => test.result().state === 'passed').length,
      seconds: tests.reduce((sum, test) => sum + (test.diagnostic()?.duration ?? 0), 0) / 1000,
    };
    process.stdout.write(`${linePrefix}${JSON.stringify(line)}\n`);
  }
}
