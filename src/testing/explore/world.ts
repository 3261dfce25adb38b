/** Puts the parts of the model together: pods, Redis, steps, judges. */
import type { AnyStateMachine, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import type { CheckedOptions } from '../explore-options.ts';
import { nameOf } from '../transitions.ts';
import { tickMs, timingOf } from './durations.ts';
import { FleetStates } from './fleet-state.ts';
import { FleetSteps } from './fleet-steps.ts';
import { remembered } from './intern.ts';
import { Judging } from './judging.ts';
import { MemoryCodec } from './memory-state.ts';
import { PodBinding } from './pod-binding.ts';
import { PodModel } from './pod-model.ts';
import { RedisModel, type Sabotage } from './redis-model.ts';

export const dataset = 'rates';

/** Bugs on purpose, to see what the checker makes of them. */
export type Bugs = Readonly<{
  /** A machine with something missing in place of the real one. */
  machine?: (name: string, machine: AnyStateMachine) => AnyStateMachine;
  /** A script that asks something else. */
  script?: Sabotage;
}>;

export type World = Readonly<{ states: FleetStates; steps: FleetSteps; judging: Judging; machines: AnyStateMachine[] }>;

export function worldOf({ pods: places, faults, bounds }: CheckedOptions, bugs: Bugs): World {
  const intervalMs = bounds.interval * tickMs;
  const plan = {
    name: dataset,
    refreshIntervalMs: intervalMs,
    budget: { calls: 1, perMs: intervalMs },
    backoff: { baseMs: tickMs, capMs: tickMs },
    failuresBeforeYield: 1,
  };
  const machines = new Map<string, AnyStateMachine>();
  const terms = {
    plan,
    timing: timingOf(bounds),
    codec: new MemoryCodec(dataset, bounds),
    beliefWindow: bounds.beliefWindow,
    nameOf: transitionsTaken,
    mutate: <M>(name: string, machine: M): M => {
      const mutated = bugs.machine?.(name, machine as AnyStateMachine) ?? (machine as AnyStateMachine);
      machines.set(name, mutated);
      return mutated as M;
    },
  };
  const bindings = new Map<string, PodBinding>();
  const bindingOf = (podId: string) => {
    const binding = bindings.get(podId) ?? new PodBinding(podId, terms);
    bindings.set(podId, binding);
    return binding;
  };
  bindingOf('a');
  const states = new FleetStates({
    places,
    pods: new PodModel(bounds.beliefWindow, bindingOf),
    redis: new RedisModel(bounds, bugs.script),
    faults: { kinds: faults, each: bounds.faultsOfAKind, total: bounds.faults },
    contents: bounds.contents,
    messages: bounds.messages,
    replies: bounds.replies,
  });
  const beliefWindowMs = bounds.beliefWindow * tickMs;
  const judging = new Judging({ budgets: { [dataset]: plan.budget }, beliefWindowMs });
  return { states, steps: new FleetSteps(states), judging, machines: [...machines.values()] };
}

const transitionName = remembered(nameOf as (transition: AnyTransitionDefinition) => string);

function transitionsTaken(event: InspectionEvent): string[] {
  return event.type === '@xstate.microstep' ? event._transitions.map(transitionName) : [];
}
