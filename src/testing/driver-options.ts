/** What every driver of paths may be told. */
import { z } from 'zod';
import { Duration } from '../duration.ts';
import { TransitionCoverage } from './transition-coverage.ts';

const Order = z.custom<(fleet: never, event: never) => void | Promise<void>>(
  (value) => typeof value === 'function',
  'expected a function',
);

export const DriverOptions = z.object({
  /** What events of one's own model do. */
  on: z.record(z.string(), Order).default({}),
  settle: Duration.optional(),
  coverage: z.instanceof(TransitionCoverage, { error: 'expected a TransitionCoverage' }).optional(),
});
