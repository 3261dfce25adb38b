/** What a fleet did, step by step, for the tests of the judges. */
import type { FaultEntry, FleetTrace } from '../../../machines/fleet-trace.ts';
import { judge } from '../../../machines/invariants.ts';
import type { Expectations } from '../../../machines/judges.ts';
import type { TraceEvent } from '../../../machines/trace.ts';
import { record } from '../../harness/samples.ts';

type Entry = FleetTrace[number];
type Without<T, Key extends string> = T extends unknown ? Omit<T, Key> : never;
type HarnessEvent = Without<FaultEntry, 'at' | 'podId'>;
export type Step = readonly [at: number, podId: string, event: TraceEvent | HarnessEvent];

/** Steps of a fleet as its trace. */
export const traceOf = (steps: readonly Step[]): FleetTrace =>
  steps.map(([at, podId, event]) => ({ ...event, at, podId }) as Entry);
export const expectations: Expectations = { budgets: { rates: { calls: 2, perMs: 1_000 } } };
/** The promises that these steps break, each with its moment: `budget@999`. */
export const broken = (steps: readonly Step[], more: Partial<Expectations> = {}) =>
  judge(traceOf(steps), { ...expectations, ...more }).map(({ promise, at }) => `${promise}@${at}`);

export const granted = (epoch: number) => ({ type: 'lease.granted', epoch, cause: 'acquired' }) as const;
export const ended = (epoch: number) => ({ type: 'lease.ended', epoch, cause: 'lost' }) as const;
export const called = (permitId: string) => ({ type: 'source.called', dataset: 'rates', permitId }) as const;
export const version = (revision: number, epoch: number, podId = 'a') => record(revision, { epoch, podId });
export const published = (revision: number, epoch: number, podId = 'a') =>
  ({ type: 'revision.published', dataset: 'rates', record: version(revision, epoch, podId) }) as const;
export const applied = (revision: number, epoch: number, podId = 'a') =>
  ({ type: 'revision.applied', dataset: 'rates', record: version(revision, epoch, podId) }) as const;
export const rejected = (revision: number) =>
  ({ type: 'revision.rejected', dataset: 'rates', record: version(revision, 1), reason: 'no usd' }) as const;
