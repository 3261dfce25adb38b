/** The sync machine by itself, state by state; the last tests say what none of the others has touched. */
import { expect, test } from 'vitest';
import { syncMachine } from '../../machines/sync.machine.ts';
import { coverage } from '../harness/coverage.ts';
import './sync/taking.suite.ts';
import './sync/mending.suite.ts';

test('every transition of the sync machine was taken', () => {
  expect(coverage.transitionsNeverTaken(syncMachine)).toEqual([]);
});

test('every state of the sync machine was entered', () => {
  expect(coverage.statesNeverEntered(syncMachine)).toEqual([]);
});
