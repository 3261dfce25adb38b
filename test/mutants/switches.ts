/**
 * All conditions of the machines and the memory store as switches, so that one warm process breaks one after the other:
 * while `globalThis.bellwetherMutant` is a mutant's id, its condition is the broken one.
 */
import { relative } from 'node:path';
import type { Plugin } from 'vitest/config';
import { type ConditionMutant, root, switchedFiles, switchedMutants } from './condition-mutants.ts';
import type { Range } from './conditions.ts';

export function switches(): Plugin {
  return {
    name: 'bellwether-switches',
    enforce: 'pre',
    transform(code, id) {
      const file = relative(root, id.replace(/\?.*/, ''));
      return switchedFiles.includes(file) ? { code: withSwitches(code, switchedMutants(file)), map: null } : undefined;
    },
  };
}

type Insertion = { at: number; text: string };

/** What a switch encloses keeps its own. */
function withSwitches(text: string, mutants: readonly ConditionMutant[]): string {
  const places = new Map<string, { range: Range; mutants: ConditionMutant[] }>();
  for (const mutant of mutants) {
    if (!mutant.range) continue;
    const place = places.get(String(mutant.range)) ?? { range: mutant.range, mutants: [] };
    places.set(String(mutant.range), place);
    place.mutants.push(mutant);
  }
  // Of those that begin at one place the longest first, of those that end there the shortest.
  const sorted = [...places.values()].sort((a, b) => a.range[1] - a.range[0] - (b.range[1] - b.range[0]));
  const openings: Insertion[] = sorted
    .toReversed()
    .map((place) => ({ at: place.range[0], text: opening(place.mutants) }));
  const endings: Insertion[] = sorted.map(({ range }) => ({ at: range[1], text: '))' }));
  const insertions = [...endings, ...openings].sort((a, b) => a.at - b.at);
  let from = 0;
  const parts = insertions.map(({ at, text: inserted }) => {
    const part = text.slice(from, at) + inserted;
    from = at;
    return part;
  });
  return parts.join('') + text.slice(from);
}

function opening(mutants: readonly ConditionMutant[]): string {
  const cases = mutants.map(
    ({ id, becomes }) => `globalThis.bellwetherMutant === ${JSON.stringify(id)} ? ${becomes} : `,
  );
  return `(${cases.join('')}(`;
}
