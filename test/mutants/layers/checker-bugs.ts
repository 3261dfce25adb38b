/** The model checker on the bugs that are its own: without them it finds nothing. */
import { describe, expect, test } from 'vitest';
import { explore } from '../../../src/testing/explore.ts';
import { brokenOptions, bugs } from '../../model/bugs.ts';
import { originalOf } from './original.ts';

/** As far as the sound protocol is explored here; `npm run check:model` goes to the end. */
const states = 10_000;

const ids: string[] = JSON.parse(process.env.BELLWETHER_MUTANTS ?? '[]');
for (const id of ids) {
  const isSound = id.startsWith(originalOf);
  const bug = bugs.find(({ what }) => what === id.slice(isSound ? originalOf.length : 0));
  if (!bug) throw new Error(`The checker has no bug "${id}".`);
  describe(id, () => {
    test('the model', { timeout: 120_000 }, async () => {
      const { options } = bug;
      const sound = { ...options, bounds: { ...options.bounds, states } };
      const { counterexample } = await explore(isSound ? sound : brokenOptions(bug));
      const told = counterexample?.violations.map(({ promise, sentence }) => `${promise}: ${sentence}`);
      expect(told?.join('; ') ?? '').toBe('');
    });
  });
}
