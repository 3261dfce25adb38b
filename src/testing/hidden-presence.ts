/**
 * A Redis where nobody can see who is there: `PUBSUB` is forbidden (ACL), or its node sees its own subscribers only
 * (Cluster). A takeover is answered as take_over.lua does, in its order: the lock first, then presence.
 */
import type { Namespace } from '../memory/namespace.ts';
import type { TakeOverReply } from '../ports.ts';
import type { Command } from './refusals.ts';

const reason = "NOPERM this user has no permissions to run the 'pubsub|numsub' command";

export function takeOverUnseen<T>({ operation }: Command<T>, space: Namespace): T {
  const { isPresent } = space;
  space.isPresent = () => true;
  try {
    const reply = operation() as TakeOverReply;
    return (reply.outcome === 'present' ? { outcome: 'presenceUnknown', reason } : reply) as T;
  } finally {
    space.isPresent = isPresent;
  }
}
