/**
 * The names of transitions: stable from run to run, the same in every picture, on the wire and in a browser.
 *
 * A state's id is XState's own (`pod.online.leader`). A transition's id is its state's, its trigger and its place in the
 * list of that trigger's guards: `pod.online.follower:sync.checked:0`. Triggers that aren't events of ours read
 * `always`, `after.lockExpiry`, `done.acquireLease` and `error.acquireLease`.
 * Non-guarantee: who reorders the guards of one trigger, or renames a state, changes ids.
 */
import type { AnyTransitionDefinition } from 'xstate';

export type Trigger = Readonly<{ kind: 'event' | 'always' | 'after' | 'done' | 'error'; name: string }>;

const actorEvent = /^xstate\.(done|error)\.actor\.(.+)$/;
const stateDone = 'xstate.done.state.';
const after = 'xstate.after.';

export function triggerOf({ eventType, source }: Pick<AnyTransitionDefinition, 'eventType' | 'source'>): Trigger {
  if (eventType === '') return { kind: 'always', name: '' };
  if (eventType.startsWith(after)) {
    return { kind: 'after', name: eventType.slice(after.length, -(source.id.length + 1)) };
  }
  if (eventType.startsWith(stateDone)) return { kind: 'done', name: source.key };
  const [, kind, name] = actorEvent.exec(eventType) ?? [];
  if (name !== undefined) return { kind: kind as 'done' | 'error', name };
  return { kind: 'event', name: eventType };
}

export function transitionIdOf(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const siblings = eventType === '' ? source.always : source.transitions.get(eventType);
  const place = siblings?.indexOf(transition) ?? -1;
  const { kind, name } = triggerOf(transition);
  const trigger = kind === 'event' ? name : [kind, name].filter((part) => part !== '').join('.');
  return `${source.id}:${trigger}:${place}`;
}
