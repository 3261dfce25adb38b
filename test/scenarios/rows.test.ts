/** Every row of the fault table (docs/failover.md) is told by a scenario, or it is said here why it can't be. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTable } from '../failover/fault-table.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** What one simulated Redis can't show. docs/testing-failover.md names them, too. */
const elsewhere: Readonly<Record<string, string>> = {
  'Cluster: the slot moves': 'the simulated Redis is one node, which has every slot: nobody there answers MOVED',
};

function told(): string[] {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^# Row: (.+)$/gm)].map(([, row = '']) => row));
}

test('every row of the fault table is a scenario, or has a reason why not', () => {
  const rows = readTable().map(({ fault }) => fault);
  const covered = [...told(), ...Object.keys(elsewhere)];
  expect(rows.filter((row) => !covered.includes(row))).toEqual([]);
  expect(covered.filter((row) => !rows.includes(row))).toEqual([]);
  expect(told().filter((row) => row in elsewhere)).toEqual([]);
});

test('the rows that no scenario tells stand in the guide', () => {
  const guide = readFileSync('docs/testing-failover.md', 'utf8').replaceAll(/\s+/g, ' ');
  expect(Object.keys(elsewhere).filter((row) => !guide.includes(`_${row}_`))).toEqual([]);
});
