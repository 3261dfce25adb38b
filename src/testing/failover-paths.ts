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
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventFromLogic } from 'xstate';
import { getShortestPaths, getSimplePaths } from 'xstate/graph';
import { z } from 'zod';
import { parseOptions } from '../options.ts';
import type { FailoverDriver, FailoverEvent, FailoverMeta } from './failover-driver.ts';
import { nodesOf } from './transitions.ts';

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
};

export type FailoverPath = Readonly<{
  /** `leader.crash, redis.stop`; for the path without any event `start`. */
  description: string;
  events: readonly FailoverEvent[];
  /** Rejects with the step after which something did not hold. */
  run(driver: FailoverDriver): Promise<void>;
}>;

type Step = Readonly<{ event: FailoverEvent; state: AnyMachineSnapshot }>;

const isMachine = (value: unknown) => typeof (value as AnyStateMachine | undefined)?.getInitialSnapshot === 'function';

const Options = z.strictObject({
  model: z.custom<AnyStateMachine>(isMachine, 'expected a machine of XState 5'),
  pods: z.number().int().min(1).max(1_000),
  paths: z.enum(['shortest', 'simple']).default('shortest'),
  events: z.array(z.looseObject({ type: z.string() })).optional(),
  without: z.array(z.string()).default([]),
  mostStates: z.number().int().min(1).default(1_000),
});

/** @throws BellwetherError `configuration`; Error when the model is none that paths can be made of */
export function failoverPaths<Model extends AnyStateMachine>(options: FailoverPathsOptions<Model>): FailoverPath[] {
  const { model, pods, paths, events, without, mostStates } = parseOptions('failoverPaths()', Options, options);
  refuseTime(model);
  const known = eventTypesOf(model);
  for (const type of without)
    if (!known.includes(type))
      throw new Error(`"without" names "${type}", which is no event of the model: it has ${known.join(', ')}.`);
  const tried = (events ?? known.map((type) => ({ type }))).filter(({ type }) => !without.includes(type));
  const generate = paths === 'simple' ? getSimplePaths : getShortestPaths;
  return generated(model, mostStates, () =>
    generate(model, { events: tried as never, limit: mostStates * tried.length + 1 }),
  )
    .map(({ steps }) => steps as unknown as readonly Step[])
    .map((steps) => pathOf(steps, pods));
}

function generated<T>(model: AnyStateMachine, mostStates: number, generate: () => T): T {
  try {
    return generate();
  } catch (cause) {
    if (!String(cause).includes('limit')) throw cause;
    const sentence = `The model "${model.id}" has more than ${mostStates} states: bound its context, or raise mostStates.`;
    throw new Error(sentence, { cause });
  }
}

/** Time passes in the fleet, by the driver; a model that waits or invokes would have a time of its own. */
function refuseTime(model: AnyStateMachine): void {
  for (const node of nodesOf(model.root)) {
    const what = node.invoke.length > 0 ? 'invoke' : node.after.length > 0 ? 'after' : undefined;
    if (!what) continue;
    throw new Error(
      `The model "${model.id}" uses "${what}" in ${node.id}: a model of the environment has events only; say in meta.settle how long the fleet has.`,
    );
  }
}

function eventTypesOf(model: AnyStateMachine): string[] {
  return model.events.filter((type: string) => type !== '' && !type.startsWith('xstate.'));
}

function pathOf(steps: readonly Step[], pods: number): FailoverPath {
  const taken = steps.filter(({ event }) => !event.type.startsWith('xstate.'));
  const events = taken.map(({ event }) => event);
  const description = events.map(nameOf).join(', ') || 'start';
  const states = steps.map(({ state }) => state);
  return { description, events, run: (driver) => runPath({ driver, pods, events, states }) };
}

/** `redis.evict rates_backup`: the type, and what else it carries. */
function nameOf({ type, ...rest }: FailoverEvent): string {
  return [type, ...Object.values(rest).map(String)].join(' ');
}

type Run = Readonly<{
  driver: FailoverDriver;
  pods: number;
  events: readonly FailoverEvent[];
  /** Before the first event, and after each. */
  states: readonly AnyMachineSnapshot[];
}>;

async function runPath({ driver, pods, events, states }: Run): Promise<void> {
  for (const { type } of events)
    if (!driver.events.includes(type))
      throw new Error(
        `This driver doesn't know the event "${type}": it knows ${driver.events.join(', ')}; give it one more in "on", or leave the event out by "without".`,
      );
  try {
    await during('The fleet did not start', () => driver.start(pods));
    await during('At the start', () => check(driver, states[0]));
    for (const [i, event] of events.entries()) {
      const where = `After step ${i + 1} of ${events.length} (${events
        .slice(0, i + 1)
        .map(nameOf)
        .join(', ')})`;
      await during(where, async () => {
        await driver.perform(event);
        await check(driver, states[i + 1]);
      });
    }
    await during('The fleet did not recover', () => driver.recover());
    await during('Over the whole path', async () => driver.judge());
  } finally {
    await driver.stop();
  }
}

async function check(driver: FailoverDriver, state: AnyMachineSnapshot | undefined): Promise<void> {
  const active = (state?._nodes ?? []) as AnyStateNode[];
  const metas = active.map(({ meta }) => meta as FailoverMeta | undefined).filter((meta) => meta !== undefined);
  await driver.settle(metas.find(({ settle }) => settle !== undefined)?.settle);
  for (const { holds } of metas) await holds?.(driver.view());
}

async function during<T>(where: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
