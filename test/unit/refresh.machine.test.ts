/** The refresh machine by itself, state by state; the last tests say what none of the others has touched. */
import { expect, test } from 'vitest';
import { refreshMachine } from '../../machines/refresh.machine.ts';
import { coverage } from '../harness/coverage.ts';
import './refresh/calling.suite.ts';
import './refresh/publishing.suite.ts';
import './refresh/ending.suite.ts';

test('every transition of the refresh machine was taken', () => {
  expect(coverage.transitionsNeverTaken(refreshMachine)).toEqual([]);
});

test('every state of the refresh machine was entered', () => {
  expect(coverage.statesNeverEntered(refreshMachine)).toEqual([]);
});
