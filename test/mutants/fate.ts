/** What came of one mutant. */
export type Catch = Readonly<{ layer: string; by: string; seconds: number }>;

export type Fate = Readonly<{
  mutant: string;
  /** The first is the layer that caught it; more than one only when all were asked. */
  caught: readonly Catch[];
  /** Spent on it altogether. */
  seconds: number;
  /** Nobody could tell it from the original, because … */
  equivalent?: string;
}>;
