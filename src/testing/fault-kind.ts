/** One kind of fault that a swarm can draw. */
import type { Picker } from './random.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';

/** Begins a fault and returns what ends it; `undefined`: it couldn't be, or it ends by itself. */
export type Begin = (fleet: SimulatedFleet, picker: Picker) => (() => void) | undefined;

export type FaultKind = Readonly<{
  begin: Begin;
  /** How long it lasts, in ms; both 0: an instant. */
  lasts: readonly [from: number, to: number];
}>;
