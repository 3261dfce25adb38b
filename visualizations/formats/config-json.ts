/**
 * The machine's config as JSON: `createMachine(JSON.parse(text))` has the same states and transitions. Functions
 * (context, input of actors, parameters of actions) have no place in JSON and are left out.
 */
import type { AnyStateMachine } from 'xstate';

export function configJson({ config }: AnyStateMachine): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}
