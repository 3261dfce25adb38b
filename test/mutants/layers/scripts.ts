/** The module of the scripts, but for the mutant that is broken now. */
import type { Redis } from 'ioredis';
import type * as Scripts from '../../../src/redis/scripts.ts';
import { conditionMutants, read } from '../condition-mutants.ts';

export function broken(scripts: typeof Scripts): typeof Scripts {
  const mutants = new Map(conditionMutants().map((mutant) => [mutant.id, mutant]));
  const readBroken = (path: string) => {
    const file = `src/redis/lua/${path}`;
    const text = read(file);
    const mutant = mutants.get(globalThis.bellwetherMutant ?? '');
    if (mutant?.file !== file || !mutant.range) return text;
    return text.slice(0, mutant.range[0]) + mutant.becomes + text.slice(mutant.range[1]);
  };
  return { ...scripts, defineScripts: (redis: Redis) => scripts.defineScripts(redis, readBroken) };
}
