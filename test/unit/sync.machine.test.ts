/** The sync machine by itself, state by state; the last tests say what none of the others has touched. */
import { expect, test } from 'vitest';
import { syncMachine } from '../../machines/sync.machine.ts';
import { statesNeverEntered, transitionsNeverTaken } from '../harness/transition-coverage.ts';
import './sync/taking.suite.ts';
import './sync/mending.suite.ts';

test('every transition of the sync machine was taken', () => {
  expect(transitionsNeverTaken(syncMachine)).toEqual([]);
});

test('every state of the sync machine was entered', () => {
  expect(statesNeverEntered(syncMachine)).toEqual([]);
});
