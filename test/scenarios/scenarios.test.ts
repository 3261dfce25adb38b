/**
 * Every fault that virtual time can show, as a story with its whole trace: see `play.ts` for the words.
 * `npm run scenarios -- -u` writes the traces anew; what has changed is reviewed as a diff.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { play } from './play.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('scenario', () => {
  test.each(names)('%s', async (name) => {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    await expect(await play(text)).toMatchFileSnapshot(`${folder}${name}`);
  });
});

const fleet = 'fleet pods 2, seed 1\ndataset rates every 5m\n';

test.each([
  ['> leader explodes', '"explodes" is no order: there are crashes, '],
  ['> leader crashes', 'No pod leads now'],
  ['> pod-9 crashes', 'There is no pod "pod-9": this fleet has pod-1 to pod-2.'],
  ['> redis refuses WORK', 'Redis refuses with OOM, MISCONF'],
  ['> until pod-1 is stopped within 2s', 'what was waited for did not come within 2s'],
  ['> until rain', 'wait for elected, converged, called, "<pod> is <role>" or "<command> of <pod> arrives"'],
  ['> at-the-next hiccup leader crashes', '"hiccup" is no command: there are acquire, takeOver, renew, '],
  ['> expect the best', 'expect one of one leader, convergence, promises, undisturbed neighbours'],
  ['> wait long', 'expected a duration such as 2s, got "long"'],
])('a scenario that says %s is refused with a sentence', async (line, sentence) => {
  await expect(play(fleet + line)).rejects.toThrow(sentence);
});

test('a scenario without a fleet is refused with a sentence', async () => {
  await expect(play('> wait 1s')).rejects.toThrow('A scenario begins with "fleet pods 3, seed 1"');
});
