/** What a fault is. */

import type { Picker } from '../../../src/testing/random.ts';
import type { CountingSource } from '../../harness/counting-source.ts';
import type { Fleet, Slot } from '../fleet.ts';
import type { Journal } from '../journal.ts';
import type { RedisLab } from '../redis-lab.ts';
import type { Settings } from '../settings.ts';

export type World = Readonly<{
  settings: Settings;
  journal: Journal;
  fleet: Fleet;
  redis: RedisLab;
  source: CountingSource;
  /** Aborted when the run is to end: what waits then rejects. */
  signal: AbortSignal;
}>;

export type Heal = () => Promise<void> | void;

export type Fault = Readonly<{
  kind: string;
  /** Two faults of one resource don't overlap, except where there is enough of it for several. */
  resource: 'pods' | 'network' | 'redis' | 'source' | 'requests';
  /** Between injecting and healing, in ms. */
  lastsMs: (settings: Settings) => readonly [least: number, most: number];
  /**
   * Resolves to what heals it, or to nothing when there was no chance to inject it (no leader, no Redis, the moment
   * did not come). Whatever varies comes from `picker`.
   */
  inject(world: World, picker: Picker): Promise<Heal | undefined>;
}>;

export const between =
  (least: number, most: number): Fault['lastsMs'] =>
  () => [least, most];

/** One of those that are awake, or nothing when none is. */
export function anyOf(slots: readonly Slot[], picker: Picker): Slot | undefined {
  return slots.length === 0 ? undefined : slots[picker.int(slots.length)];
}

export const followersOf = (fleet: Fleet): Slot[] => fleet.awake.filter(({ role }) => role !== 'leader');
