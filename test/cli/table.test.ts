/** The live table: fits the terminal, and gives it back as it was. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { liveTable } from '../../src/cli/demo/table.ts';
import type { View } from '../../src/cli/demo/view.ts';

const view: View = {
  leader: { label: 'pod 3', podId: 'a-host-with-a-long-name-4242-1763860000000000000', epoch: 2 },
  pods: 70,
  starting: 0,
  roles: [
    { role: 'leader', count: 1 },
    { role: 'follower', count: 69 },
  ],
  datasets: [
    { name: 'rates', revision: 7, date: '2026-09-26', holders: 35, calls: 7 },
    { name: 'terms', revision: 6, date: '2026-09-25', holders: 70, calls: 6 },
  ],
  dollars: 1.1391,
  comparison: { sinceMs: 0, intervals: 5, pods: 70, alone: 350, rates: 5, terms: 5 },
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function drawnOn(columns: number, rows: number, events: number) {
  const written: string[] = [];
  const terminal = { columns, rows, write: (text: string) => written.push(text) };
  const table = liveTable(terminal, 'Bellwether demo', () => ({ elapsedMs: 67_300, view }), false);
  table.phase('All is well');
  table.pin(['Just now:', `$ redis-cli get something ${'x'.repeat(300)}`]);
  for (let event = 1; event <= events; event += 1) table.event(`event ${event}`, 'good');
  vi.advanceTimersByTime(1_000);
  const lines = (written.at(-1)?.split('\x1b[0J')[1] ?? '').trimEnd().split('\n');
  table.close();
  return { lines, written, table };
}

test('shows who leads, how many hold what, and the calls beside what pods alone would make', () => {
  const text = drawnOn(120, 40, 3).lines.join('\n');
  expect(text).toContain('1:07.3  Bellwether demo');
  expect(text).toMatch(/^leader +pod 3, epoch 2 /m);
  expect(text).toMatch(/^roles +1 leader, 69 followers$/m);
  expect(text).toMatch(/^rates +7 +2026-09-26 +█{20}░{20} 35 of 70 +7$/m);
  expect(text).toContain('Since all serve: 5 + 5 calls; alone 70 pods x 5 intervals: 350 + 350.   1 EUR = 1.1391 USD');
});

test.each([
  [120, 40],
  [80, 24],
  [40, 30],
])('fits %i columns and %i rows, with the last events of many', (columns, rows) => {
  const { lines } = drawnOn(columns, rows, 100);
  expect(lines.length).toBeLessThan(rows);
  expect(lines.filter((line) => line.length >= columns)).toEqual([]);
  expect(lines.at(-1)).toContain('event 100');
});

test('draws in place, and shows the cursor again at the end', () => {
  const { written, table } = drawnOn(120, 40, 0);
  expect(written[0]).toBe('\x1b[?25l');
  expect(
    written.filter((text) => text.startsWith('\x1b[') && text.includes('A\r\x1b[0J')).length,
  ).toBeGreaterThanOrEqual(4);
  expect(written.at(-1)).toBe('\x1b[?25h');
  const before = written.length;
  table.close();
  expect(written).toHaveLength(before);
});
