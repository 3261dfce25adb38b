/** The scenarios: a broken rule tells another story than the one that is written down. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { play } from '../../scenarios/play.ts';
import { root } from '../condition-mutants.ts';
import { eachMutant } from './each-mutant.ts';

const folder = resolve(root, 'test/scenarios');
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

eachMutant(() => {
  test.each(names)('%s', async (name) => {
    const text = readFileSync(resolve(folder, name), 'utf8');
    expect(await play(text)).toBe(text);
  });
});
