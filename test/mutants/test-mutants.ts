import { expect, test } from 'vitest';
import type { Mutant } from './mutants.ts';
import { runMutant } from './run-mutant.ts';

export function testMutants(mutants: readonly Mutant[]): void {
  test.each(mutants)('$breaking: a test turns red', { timeout: 150_000 }, async (mutant) => {
    const { passed, failed, output } = await runMutant(mutant);
    expect(passed.length, output).toBeGreaterThan(0);
    expect(failed).toContainEqual(expect.stringContaining(mutant.red));
  });
}
