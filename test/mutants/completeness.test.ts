/** No promise, guard or condition is without a mutant, counted in another way than the mutants are made. */
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Node, walk } from '../tidy/syntax.ts';
import { conditionMutants, read, root, scriptFiles, switchedFiles } from './condition-mutants.ts';
import { equivalents, isChanged } from './equivalent.ts';
import { luaChanges } from './lua-conditions.ts';
import { seededBugs } from './seeded-bugs.ts';

const mutants = conditionMutants();
const machineFiles = readdirSync(resolve(root, 'machines'))
  .filter((name) => name.endsWith('.machine.ts'))
  .map((name) => `machines/${name}`);

/** Keys, channels, connections: no rule of a script stands there. */
const storeFilesWithoutRules = [
  'connection',
  'keys',
  'keyspace',
  'memory-redis',
  'namespace',
  'run',
  'shared',
  'sorted-set',
].map((name) => `src/memory/${name}.ts`);

test('every promise is broken by some bug', () => {
  expect([...new Set(seededBugs.map(({ promise }) => promise))].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

describe('every guard is forced to true and to false', () => {
  test.each(machineFiles)('of %s', (file) => {
    const named: string[] = [];
    walk(file, read(file), (node, _parent, field) => {
      if (field !== 'properties' || (node.key as Node | undefined)?.name !== 'guards') return;
      for (const { key } of (node.value as Node).properties as { key: Node }[]) named.push(key.name as string);
    });
    const forced = mutants.filter((mutant) => mutant.file === file && !mutant.range);
    expect(named.length).toBeGreaterThan(0);
    expect(forced.map(({ original, becomes }) => `${original} ${becomes}`).sort()).toEqual(
      named.flatMap((name) => [`${name} false`, `${name} true`]).sort(),
    );
  });
});

describe('every line of a script that decides has a mutant', () => {
  /** What decides, in a line without its comment and texts: `or` and `and` alone may stand for a default. */
  const decides = /\b(if|elseif|not)\b|[<>]|==|~=/;

  test.each(scriptFiles)('of %s', (file) => {
    const text = read(file);
    const withoutTexts = text
      .replaceAll(/--\[\[.*?\]\]/gs, (comment) => comment.replaceAll(/[^\n]/g, ''))
      .replaceAll(/--.*$/gm, '')
      .replaceAll(/'[^']*'/g, "''");
    const deciding = withoutTexts.split('\n').flatMap((line, index) => (decides.test(line) ? [index + 1] : []));
    const changed = mutants.flatMap(({ file: where, range }) =>
      where === file && range ? linesOf(text, range[0], range[1]) : [],
    );
    expect(deciding.filter((line) => !changed.includes(line))).toEqual([]);
  });

  test('and each of them is still Lua', () => {
    for (const { file, part, range, becomes } of mutants) {
      if (part !== 'scripts' || !range) continue;
      const text = read(file);
      expect(() => luaChanges(text.slice(0, range[0]) + becomes + text.slice(range[1]))).not.toThrow();
    }
  });
});

test('every machine, every actor, the belief, the memory of calls and every file of the store that has rules are broken', () => {
  const storeFiles = readdirSync(resolve(root, 'src/memory')).map((name) => `src/memory/${name}`);
  const withRules = storeFiles.filter((file) => !storeFilesWithoutRules.includes(file));
  const actors = readdirSync(resolve(root, 'src/actors')).map((name) => `src/actors/${name}`);
  expect(switchedFiles.toSorted()).toEqual(
    [...machineFiles, 'src/belief.ts', 'src/call-memory.ts', ...actors, ...withRules].sort(),
  );
});

test('whatever is called equivalent is exactly one mutant', () => {
  const counted = equivalents.flatMap(({ file, changes }) =>
    changes.map((change) => {
      const found = mutants.filter((mutant) => mutant.file === file && isChanged(mutant, change));
      return `${file}: ${change.join(' | ')}: ${found.length}`;
    }),
  );
  expect(counted.filter((line) => !line.endsWith(': 1'))).toEqual([]);
});

function linesOf(text: string, start: number, end: number): number[] {
  const first = text.slice(0, start).split('\n').length;
  return Array.from({ length: text.slice(start, end).split('\n').length }, (_, index) => first + index);
}
