/** The model checker on the smallest fleet, with each fault that needs no more: every order in which things happen. */
import { expect, test } from 'vitest';
import { type ExploreOptions, explore } from '../../../src/testing/explore.ts';
import { eachMutant } from './each-mutant.ts';

/** Enough for a violation that is near; `npm run check:model` goes on from there. */
const states = 4_000;
const small = { grace: 1, leaseTtl: 2, interval: 2, states } as const;

const runs: readonly (readonly [string, ExploreOptions])[] = [
  ['one pod, no fault', { pods: 1, faults: [], bounds: { faults: 0, states } }],
  ['one pod, any fault', { pods: 1, bounds: small }],
  ['two pods, a crash', { pods: 2, faults: ['crash'], bounds: small }],
];

eachMutant(() => {
  test.each(runs)('%s', { timeout: 60_000 }, async (_name, options) => {
    const { counterexample } = await explore(options);
    expect(counterexample?.violations.map(({ promise, sentence }) => `${promise}: ${sentence}`)).toBeUndefined();
  });
});
