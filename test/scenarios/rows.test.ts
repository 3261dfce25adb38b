/** Every row of the fault table (docs/failover.md) is told by a scenario. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readTable } from '../failover/fault-table.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

function told(): string[] {
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => readFileSync(`${folder}${name}`, 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^# Row: (.+)$/gm)].map(([, row = '']) => row));
}

test('every row of the fault table is a scenario', () => {
  const rows = readTable().map(({ fault }) => fault);
  expect(rows.filter((row) => !told().includes(row))).toEqual([]);
  expect(told().filter((row) => !rows.includes(row))).toEqual([]);
});
