/** The fault table (docs/failover.md) holds what it says: its tests exist, and so do its states and transitions. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isTransition, type Row, readTable, rowsOf, stateOf, waysOf } from '../failover/fault-table.ts';

/** The titles of a test file, as they stand in it. */
function titlesOf(source: string): string[] {
  return [...source.matchAll(/^ *test(?:\.each\([^)]*\))?\(\s*(['"`])(.+?)\1,/gm)].map(([, , title = '']) => title);
}

function faultsOf({ transitions }: Row): string[] {
  const ids = [...transitions.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id);
  const unknown = ids.filter((id) => !stateOf(id)).map((id) => `no state ${id}`);
  const missing = waysOf({ transitions })
    .flat(2)
    .map(({ from, to }) => ({ from, to, ends: [stateOf(from), stateOf(to)] as const }))
    .filter(({ ends: [from, to] }) => from && to && !isTransition(from, to))
    .map(({ from, to }) => `no transition ${from} → ${to}`);
  return [...unknown, ...missing, ...(ids.length === 0 ? ['no state is named'] : [])];
}

function missingTests({ tests }: Row, read: (file: string) => string): string[] {
  if (tests.length === 0) return ['no test'];
  return tests
    .filter(({ file, title }) => !titlesOf(read(file)).includes(title))
    .map(({ title }) => `no test ${title}`);
}

const read = (file: string) => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`docs/failover.md names a file that is not there: ${file}`, { cause: error });
  }
};
const rows = readTable();

describe('a row is refused', () => {
  const [row] = rowsOf('| a | `pod.starting` → `pod.online` | - | - | `a.test.ts`: "works" |') as [Row];
  const file = () => `test(\n  'works', async () => {});`;

  test('unless all it names is there', () => {
    expect([...faultsOf(row), ...missingTests(row, file)]).toEqual([]);
  });

  test('with a state or a transition that no chart has', () => {
    expect(faultsOf({ ...row, transitions: '`pod.asleep`' })).toEqual(['no state pod.asleep']);
    expect(faultsOf({ ...row, transitions: '`pod.starting` → `pod.online.leader`' })).toHaveLength(1);
    expect(
      faultsOf({
        ...row,
        transitions: '`refresh.waiting` → `refresh.deciding` → `refresh.finished` → `refresh.waiting`',
      }),
    ).toEqual(['no transition refresh.finished → refresh.waiting']);
    expect(faultsOf({ ...row, transitions: 'none' })).toHaveLength(1);
  });

  test('with a test that its file does not have, or with none', () => {
    expect(missingTests({ ...row, tests: [{ file: 'a.test.ts', title: 'fails' }] }, file)).toEqual(['no test fails']);
    expect(missingTests({ ...row, tests: [] }, file)).toEqual(['no test']);
  });
});

describe('the table', () => {
  test.each(rows)('$fault', (row) => {
    expect([...faultsOf(row), ...missingTests(row, read)]).toEqual([]);
  });

  test('has a row for every test of a fault', () => {
    const folder = 'test/failover/';
    // What a hostile operator does to one pod is no fault of the fleet.
    const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file !== 'bad-input.test.ts');
    const titles = files.flatMap((file) => titlesOf(read(`${folder}${file}`)).map((title) => `${file}: ${title}`));
    const named = rows.flatMap(({ tests }) => tests.map(({ file, title }) => `${file.slice(folder.length)}: ${title}`));
    expect(titles.length).toBeGreaterThan(40);
    expect(titles.filter((title) => !named.includes(title))).toEqual([]);
  });
});
