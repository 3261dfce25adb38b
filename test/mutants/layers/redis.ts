/** What only a real Redis can show: garbage under our keys, a full memory, rights that are missing. */
import { resolve } from 'node:path';
import { vi } from 'vitest';
import { root } from '../condition-mutants.ts';
import { eachMutant } from './each-mutant.ts';

vi.mock('../../../src/redis/scripts.ts', async (importOriginal) =>
  (await import('./scripts.ts')).broken(await importOriginal()),
);

let instances = 0;

eachMutant(async () => {
  // A module registers its tests once; one with another address is another module.
  for (const name of ['bad-data', 'rights', 'scripts']) {
    await import(`${resolve(root, 'test/redis', `${name}.test.ts`)}?instance=${instances++}`);
  }
});
