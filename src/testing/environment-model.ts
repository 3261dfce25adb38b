/**
 * What a machine must be like to be a model of the environment: it has events only, and no time of its own. Time passes
 * in the fleet, by the driver.
 *
 * Not seen: what a function of the model's starts by itself, as with `enqueueActions`.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { z } from 'zod';
import { Duration } from '../duration.ts';
import { parseOptions } from '../options.ts';
import { nodesOf, transitionsOf } from './transitions.ts';

/** What an action of XState's own makers says of itself. */
type MadeAction = { type?: string; delay?: unknown };

const Meta = z.looseObject({
  settle: Duration.optional(),
  holds: z.custom((value) => typeof value === 'function', 'expected a function').optional(),
});

/** @throws Error that says which state waits or starts something; BellwetherError `configuration` for a wrong `meta` */
export function checkModel(model: AnyStateMachine): void {
  for (const node of nodesOf(model.root)) {
    const what = timeIn(node, model);
    if (what)
      throw new Error(
        `The model "${model.id}" uses "${what}" in ${node.id}: a model of the environment has events only; say in meta.settle how long the fleet has.`,
      );
    if (node.meta !== undefined) parseOptions(`${node.id}.meta`, Meta, node.meta);
  }
}

export function eventTypesOf(model: AnyStateMachine): string[] {
  return model.events.filter((type: string) => type !== '' && !type.startsWith('xstate.'));
}

/** @param known may hold wildcards, `*` and `redis.*` */
export function isModelled(type: string, known: readonly string[]): boolean {
  return known.some((name) => name === type || (name.endsWith('*') && type.startsWith(name.slice(0, -1))));
}

function timeIn(node: AnyStateNode, model: AnyStateMachine): string | undefined {
  if (node.invoke.length > 0) return 'invoke';
  if (node.after.length > 0) return 'after';
  const actions = [...node.entry, ...node.exit, ...transitionsOf(node).flatMap((transition) => transition.actions)];
  for (const action of actions) {
    const name = typeof action === 'object' ? action.type : action;
    const made = (typeof name === 'string' ? model.implementations.actions[name] : name) as MadeAction | undefined;
    if (made?.type === 'xstate.spawnChild') return 'spawnChild';
    if (made?.delay !== undefined) return `${String(made.type).replace('xstate.', '')} with a delay`;
  }
  return undefined;
}
