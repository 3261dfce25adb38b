/** The pod machine with the real machines in it, role by role; the last tests say what none of the others has touched. */
import { expect, test } from 'vitest';
import { podMachine } from '../../machines/pod.machine.ts';
import { coverage } from '../harness/coverage.ts';
import './pod/connecting.suite.ts';
import './pod/electing.suite.ts';
import './pod/taking-over.suite.ts';
import './pod/leading.suite.ts';
import './pod/publishing.suite.ts';
import './pod/yielding.suite.ts';
import './pod/stepping-down.suite.ts';
import './pod/stopping.suite.ts';

test('every transition of the pod machine was taken', () => {
  expect(coverage.transitionsNeverTaken(podMachine)).toEqual([]);
});

test('every state of the pod machine was entered', () => {
  expect(coverage.statesNeverEntered(podMachine)).toEqual([]);
});
