/** A small seeded generator (mulberry32, public domain): equal seed, equal numbers. */
export type Picker = Readonly<{
  /** In [0, 1). */
  next(): number;
  /** In [0, below). */
  int(below: number): number;
  /** In [from, to). */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  one<const List extends readonly [unknown, ...unknown[]]>(list: List): List[number];
}>;

/** @param stream generators of one seed and different streams have nothing in common */
export function pickerOf(seed: number, stream = ''): Picker {
  let state = (seed | 0) ^ hashOf(stream);
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
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => next() < probability,
    one: (list) => list[int(list.length)],
  };
}

/** FNV-1a; 0 for no text. */
function hashOf(text: string): number {
  if (text === '') return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
