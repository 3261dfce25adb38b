/**
 * Generated hostile inputs: how many, from which seed, and what they may leave in memory.
 *
 * A case that fails is printed with its seed and path: `FUZZ_SEED=… FUZZ_PATH=… npx vitest run test/fuzz/…` plays it
 * again, alone.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, expect } from 'vitest';

const seed = Number(process.env.FUZZ_SEED ?? 20_261_125);
const path = process.env.FUZZ_PATH;

/** Short in `npm test`, whole in `npm run test:full`. */
export type Extent = 'short' | 'whole';

let inputs = 0;

/** Of the file that calls this: fewer, and its tests have passed for nothing. */
export function expectInputs(atLeast: number): void {
  afterAll(() => {
    console.log(`${inputs} hostile inputs`);
    expect(inputs).toBeGreaterThanOrEqual(atLeast);
  });
}

/** Each run is given `inputsOf(value)` inputs, one by default. */
export async function assertFor<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  check: (value: T) => Promise<void> | void,
  inputsOf: (value: T) => number = () => 1,
): Promise<void> {
  const property = fc.asyncProperty(arbitrary, async (value) => {
    inputs += inputsOf(value);
    await check(value);
  });
  await fc.assert(property, { seed, numRuns, endOnFailure: true, ...(path && { path }) });
}

const growthLimitBytes = 48 * 2 ** 20;

/** What is left on the heap and in buffers, whatever was given, is bounded. */
export async function boundingMemory(run: () => Promise<void>): Promise<void> {
  const before = await usedBytes();
  await run();
  expect((await usedBytes()) - before).toBeLessThan(growthLimitBytes);
}

async function usedBytes(): Promise<number> {
  // What has a weak reference to it lives as long as the turn that made it.
  await endOfTurn();
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
