/** What happens in the model, as words. */
import type { Trouble } from './chain.ts';
import type { Draft, Message } from './fleet-state.ts';
import { textOf } from './intern.ts';
import type { Command } from './redis-model.ts';
import { podIdOf } from './story.ts';

export function troubleWords({ fault, deaf }: Trouble, podId: string, command: Command, story: Draft['story']): string {
  const name = nameOf(command);
  switch (fault) {
    case 'loseRequest':
      return `${name} of ${podId} is lost`;
    case 'loseReply':
      return `the reply to ${name} of ${podId} is lost`;
    case 'delayRequest':
      return `${name} of ${podId} is late`;
    case 'delayReply':
      return `the reply to ${name} of ${podId} is late`;
    case 'rollback':
      return `Redis fails over right after ${name} of ${podId}, to a replica that lacks it`;
    case 'crash':
      return `${podId} dies right after ${name}`;
    case 'cut':
      return `${podId} loses its connection right after ${name}`;
    default:
      return `${podIdOf(story, deaf ?? 0)} does not hear of ${name} of ${podId}`;
  }
}

export function nameOf({ store, method }: Command): string {
  return `${store}.${method}`;
}

export function tellMessage({ heard, answer }: Message): string {
  const told = heard.map(({ announcement }) => announcement.kind as string);
  if (answer) told.push('reply' in answer ? `the reply ${textOf(answer.reply)}` : `nothing (${answer.failure})`);
  return told.join(', ');
}
