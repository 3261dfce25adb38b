/** Every machine that has a picture. */
import type { AnyStateMachine } from 'xstate';
import { leaseMachine } from '../machines/lease.machine.ts';
import { podMachine } from '../machines/pod.machine.ts';
import { refreshMachine } from '../machines/refresh.machine.ts';
import { syncMachine } from '../machines/sync.machine.ts';

export const machines: readonly AnyStateMachine[] = [podMachine, leaseMachine, refreshMachine, syncMachine];

/** These are so large that they also have a picture from further away. */
export const outlined: readonly AnyStateMachine[] = [podMachine];
