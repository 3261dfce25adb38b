/** A small seeded generator (mulberry32, public domain): equal seed, equal numbers. */
export type Picker = Readonly<{
  /** In [0, 1). */
  next(): number;
  /** In [0, below). */
  int(below: number): number;
  chance(probability: number): boolean;
  one<const List extends readonly [unknown, ...unknown[]]>(list: List): List[number];
}>;

export function pickerOf(seed: number): Picker {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    one: (list) => list[int(list.length)],
  };
}
