/**
 * Generated hostile inputs: how many, from which seed, and what they may leave in memory.
 *
 * A case that fails is shrunk and printed with its seed and path: `FUZZ_SEED=… npx vitest run test/fuzz/…` plays it again.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';

const seed = Number(process.env.FUZZ_SEED ?? 20_261_125);

/** Short in `npm test`, whole in `npm run test:full`. */
export type Extent = 'short' | 'whole';

/** Inputs that were given so far in this file. */
export const given = { inputs: 0 };

/** Each run is given `inputsOf(value)` inputs, one by default. */
export async function assertFor<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  check: (value: T) => Promise<void> | void,
  inputsOf: (value: T) => number = () => 1,
): Promise<void> {
  const property = fc.asyncProperty(arbitrary, async (value) => {
    given.inputs += inputsOf(value);
    await check(value);
  });
  await fc.assert(property, { seed, numRuns, endOnFailure: true });
}

const growthLimitBytes = 48 * 2 ** 20;

/** What is left on the heap and in buffers, whatever was given, is bounded. */
export async function boundingMemory(run: () => Promise<void>): Promise<void> {
  const before = usedBytes();
  await run();
  expect(usedBytes() - before).toBeLessThan(growthLimitBytes);
}

function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
