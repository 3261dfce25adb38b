/** The tests of each machine by itself, and of the actors and the belief on ports of their own. */
import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { root } from '../condition-mutants.ts';
import { eachMutant } from './each-mutant.ts';

const folder = resolve(root, 'test/unit');

const actorSuites = [
  ...['belief', 'call-memory', 'acquire-lease', 'permits', 'unchanged-answers', 'announcements', 'watch-time'],
  ...['refresh-actors', 'sync-actors'],
];

function suitesOf(file: string): string[] {
  if (!file.startsWith('machines/')) return actorSuites.map((name) => resolve(folder, `${name}.test.ts`));
  const [machine = ''] = basename(file).split('.');
  if (machine === 'lease') return [resolve(folder, 'lease.machine.test.ts')];
  return readdirSync(resolve(folder, machine))
    .filter((name) => name.endsWith('.suite.ts'))
    .map((name) => resolve(folder, machine, name));
}

let instances = 0;

eachMutant(async ({ file }) => {
  // A module registers its tests once; one with another address is another module.
  for (const suite of suitesOf(file)) await import(`${suite}?instance=${instances++}`);
});
