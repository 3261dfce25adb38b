/**
 * What is explored. Smaller durations in ticks than the default keep the order that the promises rest on. With one fault
 * a run, the kinds of faults never meet: so they can be explored apart, by processes of their own.
 */
import { allFaults, type FaultKind } from '../../src/testing/explore/story.ts';
import type { ExploreOptions } from '../../src/testing/explore.ts';

type Run = Readonly<{ name: string; options: ExploreOptions }>;

const small = { grace: 1, leaseTtl: 2, interval: 1, messages: 2, replies: 1 } as const;

/** Together all kinds; the first ones take longest. */
const together: readonly (readonly FaultKind[])[] = [
  ['delayRequest'],
  ['delayReply'],
  ['wipe', 'silence', 'cut'],
  ['loseRequest', 'loseReply'],
  ['crash', 'stop', 'pause', 'rollback', 'evict', 'loseAnnouncement', 'failSource'],
];

const forgotten = allFaults.filter((kind) => !together.flat().includes(kind));
if (forgotten.length > 0) throw new Error(`No run explores ${forgotten.join(', ')}.`);

const onEach = (name: string, options: ExploreOptions): Run[] =>
  together.map((faults) => ({ name: `${name}: ${faults.join(', ')}`, options: { ...options, faults } }));

/** `npm run check:model`. */
export const runs: readonly Run[] = [
  ...onEach('2 pods, any one fault', { pods: 2, bounds: small }),
  { name: '3 pods, no fault', options: { pods: 3, faults: [], bounds: { ...small, faults: 0 } } },
  { name: '3 pods, a crash', options: { pods: 3, faults: ['crash'], bounds: { ...small, epochs: 1 } } },
  { name: '2 pods, no fault, longer durations', options: { pods: 2, faults: [], bounds: { faults: 0 } } },
];

/** With `--all`: what takes longer than two minutes. */
export const longRuns: readonly Run[] = [
  ...onEach('2 pods, any one fault, calls two ticks apart', { pods: 2, bounds: { ...small, interval: 2 } }),
  { name: '3 pods, a crash and its takeover', options: { pods: 3, faults: ['crash'], bounds: small } },
];
