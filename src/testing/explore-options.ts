/** What to explore, checked: one clear sentence a fault. */
import { z } from 'zod';
import { configurationError } from '../options.ts';
import { allFaults, type FaultKind } from './explore/story.ts';

const count = z.number('expected a number').int('expected a whole number');
const atLeastOne = count.min(1, 'expected a whole number of at least 1');

const Fault = z.custom<FaultKind>(
  (value) => allFaults.includes(value as FaultKind),
  `expected one of ${allFaults.join(', ')}`,
);

const Bounds = z.strictObject({
  /** Leases: states in which Redis knows a higher epoch are not followed. */
  epochs: atLeastOne.default(2),
  /** How often the source has something new. */
  contents: atLeastOne.default(1),
  /** Faults of any one run in all, and of each kind. */
  faults: count.min(0, 'expected a whole number of at least 0').default(1),
  faultsOfAKind: atLeastOne.default(1),
  /** Messages that wait on one connection, and how many of them may be replies. */
  messages: atLeastOne.default(3),
  replies: atLeastOne.default(3),
  /** In ticks; the relations between them are not checked, so that a model can break them. */
  beliefWindow: atLeastOne.default(1),
  grace: atLeastOne.default(2),
  leaseTtl: atLeastOne.default(3),
  interval: atLeastOne.default(3),
  /** The search gives up beyond so many states, and says so. */
  states: atLeastOne.default(5_000_000),
});
export type Bounds = z.output<typeof Bounds>;

const Options = z.strictObject({
  pods: atLeastOne.max(8, 'expected at most 8 pods').default(2),
  faults: z.array(Fault).default(allFaults),
  bounds: Bounds.prefault({}),
});

export type CheckedOptions = z.output<typeof Options>;

/** @throws BellwetherError `configuration` */
export function parseExploreOptions(options: unknown): CheckedOptions {
  const parsed = Options.safeParse(options);
  if (!parsed.success) throw configurationError('explore', parsed.error.issues);
  return parsed.data;
}
