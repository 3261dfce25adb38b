/** The shortest history that still differs, by leaving out ever smaller parts (after Zeller's ddmin). */
import type { Difference } from './run.ts';
import type { Step } from './steps.ts';

/** Each try runs the whole history; enough for a few hundred steps. */
const mostTries = 400;

export async function shrink(
  steps: readonly Step[],
  found: Difference,
  run: (steps: readonly Step[]) => Promise<Difference | undefined>,
): Promise<{ steps: readonly Step[]; difference: Difference }> {
  let best = { steps: steps.slice(0, found.index + 1), difference: found };
  let tries = 0;
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = best.steps.length - size; from > -size && tries < mostTries; from -= size) {
      const fewer = best.steps.filter((_, i) => i < from || i >= from + size);
      tries += 1;
      const difference = await run(fewer);
      if (difference) best = { steps: fewer.slice(0, difference.index + 1), difference };
    }
  }
  return best;
}
