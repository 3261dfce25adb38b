/**
 * Redis that answers and refuses. What is refused, and with which words, is as measured on real servers (the sentences
 * come from the rules of src/redis); what a pod makes of it is its own business.
 */
import { z } from 'zod';
import type { PodId } from '../../machines/index.ts';
import { copyKeyspace } from '../memory/keyspace.ts';
import { observeLock } from '../memory/lock.ts';
import type { Namespace } from '../memory/namespace.ts';
import type { PollReply } from '../ports.ts';
import { type RedisError, redisError } from '../redis/failure.ts';
import type { Place } from '../redis/place.ts';

const texts = {
  OOM: "OOM command not allowed when used memory > 'maxmemory'.",
  MISCONF: 'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist on disk.',
  READONLY: "READONLY You can't write against a read only replica.",
  LOADING: 'LOADING Redis is loading the dataset in memory',
  NOAUTH: 'NOAUTH Authentication required.',
} as const;

export const refusals = Object.keys(texts) as [keyof typeof texts, ...(keyof typeof texts)[]];
export const Refusal = z.enum(refusals);
export type Refusal = z.infer<typeof Refusal>;

export type Command<T> = Readonly<{ name: string; podId: PodId; operation: () => T }>;

/** Commands that write nothing new and pass when memory is short. */
const passWhenFull = new Set(['renew', 'release', 'leave', 'download', 'send']);

export function refusalError(refusal: Refusal, place: Place): RedisError {
  return redisError(new Error(texts[refusal]), place);
}

/** These are found out by whoever connects; the others only by whoever writes. */
export function refusesConnections(refusal: Refusal): boolean {
  return refusal !== 'OOM' && refusal !== 'MISCONF';
}

/**
 * Runs a command on a server that refuses.
 *
 * @throws RedisError when the command is refused
 */
export function runRefused<T>(
  refusal: Refusal,
  { name, podId, operation }: Command<T>,
  space: Namespace,
  place: Place,
): T {
  if (refusal === 'OOM' && passWhenFull.has(name)) return operation();
  if (refusal === 'MISCONF' && (name === 'download' || name === 'send')) return operation();
  const lock = observeLock(space);
  if (!refusesConnections(refusal)) {
    // Another pod's lock is read and told, and nothing is written.
    if (name === 'acquire' && lock && lock.podId !== podId) return withoutWriting(space, operation);
    if (name === 'takeOver' && (!lock || space.isPresent(lock.podId))) return withoutWriting(space, operation);
    if (name === 'poll') {
      const reply = withoutWriting(space, operation) as PollReply;
      return { ...reply, writeFailure: texts[refusal] } as T;
    }
  }
  throw refusalError(refusal, place);
}

/** For operations that announce nothing. */
function withoutWriting<T>(space: Namespace, operation: () => T): T {
  const before = space.keys;
  space.keys = copyKeyspace(before);
  try {
    return operation();
  } finally {
    space.keys = before;
  }
}
