/** What tools that read source see of the machines is what runs (house rule 1: a machine is one literal). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { readChart } from '../../visualizations/chart/read-chart.ts';
import { machines } from '../../visualizations/charts.ts';
import { linesOfChart, linesOfConfig } from './chart-lines.ts';
import { extractMachines, withoutReentry } from './extract.ts';

const sourceOf = (id: string) => readFileSync(join(import.meta.dirname, `../../machines/${id}.machine.ts`), 'utf8');

let complaints: MockInstance<typeof console.warn>;
beforeEach(() => {
  complaints = vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => complaints.mockRestore());

describe.each(machines.map((machine) => [machine.id, machine] as const))(
  'the %s machine, read from its source',
  (id, machine) => {
    test('has every state, actor, transition, guard, action and description of the one that runs', () => {
      const [config, ...others] = extractMachines(sourceOf(id));
      expect(others).toEqual([]);
      const expected = linesOfChart(readChart(machine));
      expect(expected.length).toBeGreaterThan(20);
      expect(config && linesOfConfig(config, id)).toEqual(withoutReentry(expected));
    });

    test('lacks `reenter`, and parameters of actions and guards that are computed, and no more', () => {
      extractMachines(sourceOf(id));
      const lacking = complaints.mock.calls.map(([, detail]) => (detail as { key: string }).key);
      expect(new Set(lacking).size).toBeLessThanOrEqual(1);
      expect(lacking.filter((key) => key !== 'params')).toEqual([]);
    });
  },
);

test('a state that is kept in a variable is missed by such tools, and by this comparison found', () => {
  const source = sourceOf('lease').replace(/lost: \{ type: 'final'.*\},\n/, 'lost,\n');
  const [config] = extractMachines(source);
  const machine = machines.find(({ id }) => id === 'lease');
  if (!machine || !config) throw new Error('no lease machine');
  expect(linesOfConfig(config, 'lease')).not.toEqual(linesOfChart(readChart(machine)));
});
