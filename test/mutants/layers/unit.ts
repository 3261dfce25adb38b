/** The tests of each machine by itself. */
import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { root } from '../condition-mutants.ts';
import { eachMutant } from './each-mutant.ts';

const folder = resolve(root, 'test/unit');

function suitesOf(machine: string): string[] {
  if (machine === 'lease') return [resolve(folder, 'lease.machine.test.ts')];
  return readdirSync(resolve(folder, machine))
    .filter((name) => name.endsWith('.suite.ts'))
    .map((name) => resolve(folder, machine, name));
}

let instances = 0;

eachMutant(async ({ file }) => {
  const [machine = ''] = basename(file).split('.');
  // A module registers its tests once; one with another address is another module.
  for (const suite of suitesOf(machine)) await import(`${suite}?instance=${instances++}`);
});
