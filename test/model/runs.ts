/** What is explored. Smaller durations in ticks than the default keep the order that the promises rest on. */
import type { ExploreOptions } from '../../src/testing/explore.ts';

type Run = Readonly<{ name: string; options: ExploreOptions }>;

const small = { grace: 1, leaseTtl: 2, interval: 2 } as const;

/** `npm run check:model`. */
export const runs: readonly Run[] = [
  { name: '2 pods, no fault', options: { pods: 2, faults: [], bounds: { faults: 0 } } },
  { name: '3 pods, no fault', options: { pods: 3, faults: [], bounds: { ...small, faults: 0, epochs: 1 } } },
];

/** With `--all`: what takes longer than two minutes. */
export const longRuns: readonly Run[] = [
  { name: '1 pod, any one fault', options: { pods: 1, bounds: small } },
  { name: '2 pods, any one fault', options: { pods: 2, bounds: small } },
];
