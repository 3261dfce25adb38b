/**
 * Paths through a model of the environment (crash, stop, wipe, heal …), each of them a test of failover: they run
 * against a simulated fleet or a real one.
 *
 * ```ts
 * describe.each(failoverPaths({ model: failoverModel, pods: 3 }))('$description', ({ run }) => {
 *   test('holds', () => run(simulatedDriver({ datasets })));
 * });
 * ```
 *
 * The model is a statechart of what happens *to* the fleet; what the fleet makes of it is in the pods' own charts. A
 * state may say in its `meta` what holds there (`FailoverMeta`); the promises hold everywhere, and after each path the
 * fleet must recover.
 */
import type { AnyStateMachine, EventFromLogic } from 'xstate';
import { z } from 'zod';
import { parseOptions } from '../options.ts';
import { checkModel, eventTypesOf, isModelled } from './environment-model.ts';
import type { FailoverDriver, FailoverEvent } from './failover-driver.ts';
import { nameOf, runPath } from './failover-run.ts';
import { pathsOf, type Step } from './model-paths.ts';

export type FailoverPathsOptions<Model extends AnyStateMachine> = {
  model: Model;
  /** Of the fleet that each path is run against. */
  pods: number;
  /** `shortest` (default): one path to each state of the model. `simple`: all paths that visit no state twice. */
  paths?: 'shortest' | 'simple';
  /** The events to try, where they carry more than their type. Default: each event type of the model. */
  events?: readonly EventFromLogic<Model>[];
  /** Event types to leave out: what the driver at hand can't do. */
  without?: readonly string[];
  /** A model with more states than this has paths that don't end. Default 1,000. */
  mostStates?: number;
  /** More simple paths than this nobody runs: eleven states that all lead to each other have ten million. Default 10,000. */
  mostPaths?: number;
};

export type FailoverPath = Readonly<{
  /** `leader.crash, redis.stop`; for the path without any event `start`. */
  description: string;
  events: readonly FailoverEvent[];
  /** Rejects with the step after which something did not hold. */
  run(driver: FailoverDriver): Promise<void>;
}>;

const isMachine = (value: unknown) => typeof (value as AnyStateMachine | undefined)?.getInitialSnapshot === 'function';

const Options = z.strictObject({
  model: z.custom<AnyStateMachine>(isMachine, 'expected a machine of XState 5'),
  pods: z.number().int().min(1).max(1_000),
  paths: z.enum(['shortest', 'simple']).default('shortest'),
  events: z.array(z.looseObject({ type: z.string() })).optional(),
  without: z.array(z.string()).default([]),
  mostStates: z.number().int().min(1).default(1_000),
  mostPaths: z.number().int().min(1).default(10_000),
});

/** @throws BellwetherError `configuration`; Error when the model is none that paths can be made of */
export function failoverPaths<Model extends AnyStateMachine>(options: FailoverPathsOptions<Model>): FailoverPath[] {
  const { model, pods, events, without, ...how } = parseOptions('failoverPaths()', Options, options);
  checkModel(model);
  const known = eventTypesOf(model);
  for (const { type } of events ?? []) if (!isModelled(type, known)) throw unknownEvent('events', type, known);
  for (const type of without) if (!isModelled(type, known)) throw unknownEvent('without', type, known);
  const tried = (events ?? known.map((type) => ({ type }))).filter(({ type }) => !without.includes(type));
  return pathsOf(model, { ...how, events: tried }).map((steps) => pathOf(steps, pods));
}

function unknownEvent(option: string, type: string, known: readonly string[]): Error {
  return new Error(`"${option}" names "${type}", which is no event of the model: it has ${known.join(', ')}.`);
}

function pathOf(steps: readonly Step[], pods: number): FailoverPath {
  const taken = steps.filter(({ event }) => !event.type.startsWith('xstate.'));
  const events = taken.map(({ event }) => event);
  const description = events.map(nameOf).join(', ') || 'start';
  const states = steps.map(({ state }) => state);
  return { description, events, run: (driver) => runPath({ driver, pods, events, states }) };
}
