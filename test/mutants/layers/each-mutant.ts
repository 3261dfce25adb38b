/**
 * One `describe` a mutant, each broken while its tests run: all of them in one process, which starts once.
 *
 * Which mutants: BELLWETHER_MUTANTS, a JSON array of ids. A mutant's tests end with the first that turns red.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { type ConditionMutant, conditionMutants, overrideGuards } from '../condition-mutants.ts';
import { originalOf } from './original.ts';

declare global {
  /** The id of the mutant that is broken now; see switches.ts. */
  var bellwetherMutant: string | undefined;
}

export function eachMutant(register: (mutant: ConditionMutant) => void | Promise<void>): void {
  const ids: string[] = JSON.parse(process.env.BELLWETHER_MUTANTS ?? '[]');
  const all = new Map(conditionMutants().map((mutant) => [mutant.id, mutant]));
  let current: ConditionMutant | undefined;
  overrideGuards((file, guard) =>
    current?.file === file && !current.range && current.original === guard ? current.becomes === 'true' : undefined,
  );
  for (const id of ids) {
    const mutant = all.get(id.startsWith(originalOf) ? id.slice(originalOf.length) : id);
    if (!mutant) throw new Error(`There is no mutant "${id}".`);
    describe(id, async () => {
      let isCaught = false;
      beforeAll(() => {
        current = id === mutant.id ? mutant : undefined;
        globalThis.bellwetherMutant = id;
      });
      afterAll(() => {
        current = undefined;
        globalThis.bellwetherMutant = undefined;
      });
      beforeEach(({ skip }) => skip(isCaught));
      afterEach(({ task }) => {
        isCaught ||= task.result?.state === 'fail';
      });
      await register(mutant);
    });
  }
}
