import type { z } from 'zod';
import type { DatasetPlan } from '../machines/index.ts';
import type { Limits } from './codec.ts';
import type { Source } from './source/source.ts';

/** A dataset as the actors use it: the user's options, checked and with every default filled in. */
export type Dataset<T = unknown> = Readonly<{
  plan: DatasetPlan;
  schema: z.ZodType<T>;
  source: Source<T>;
  /** A call of the source that takes longer has failed. */
  sourceLimitMs: number;
  /** Older data is served, but isn't valid. */
  maxAgeMs: number;
  /** `start()` waits for it. */
  isRequired: boolean;
  limits: Limits;
}>;

export type Datasets = ReadonlyMap<string, Dataset>;
