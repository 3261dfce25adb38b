/**
 * Which of the commands, keys and channels that a pod needs this user lacks.
 *
 * Redis checks rights when a transaction queues a command, so each is queued and all of it is discarded: nothing is
 * run, and nothing but `MULTI` and `DISCARD` is needed beside. Subscribing is tried, and undone with the connection.
 */
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { type Finding, found, good, isForbidden, unknown } from './finding.ts';
import { neededCommands } from './needed-rights.ts';

type Lacks = Readonly<{ commands: Set<string>; keys: Set<string>; channels: Set<string> }>;

export async function checkRights(plain: PlainRedis): Promise<Finding[]> {
  const { redis, keys } = plain;
  const lacks: Lacks = { commands: new Set(), keys: new Set(), channels: new Set() };
  const presence = await checkPresence(plain);
  const isQueued = await queueAll(plain, lacks);
  for (const channel of [keys.announcements, keys.pod('doctor')]) {
    await redis.subscribe(channel).catch((error: Error) => note(lacks, error, 'SUBSCRIBE', channel));
  }
  const isAnythingLacking = [lacks.commands, lacks.keys, lacks.channels].some(({ size }) => size > 0);
  const untried = 'This user may not run MULTI, by which rights are tried: they show when a pod starts.';
  return [isQueued || isAnythingLacking ? rightsOf(plain, lacks) : unknown('rights', untried), presence];
}

/** False when this user may not run transactions. */
async function queueAll({ redis, keys }: PlainRedis, lacks: Lacks): Promise<boolean> {
  try {
    await redis.call('MULTI');
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
  for (const { command, args } of neededCommands(keys)) {
    await redis.call(command, ...args).catch((error: Error) => note(lacks, error, command, String(args[0] ?? '')));
  }
  await redis.call('DISCARD');
  return true;
}

function note({ commands, keys, channels }: Lacks, error: Error, command: string, name: string): void {
  // Asked after the rights: that a replica or a full server takes no writes is another finding.
  if (/^(READONLY|OOM|MISCONF|MASTERDOWN|NOREPLICAS)/.test(error.message)) return;
  if (!isForbidden(error)) throw error;
  if (/channel/i.test(error.message)) channels.add(name);
  else if (/\bkeys?\b/i.test(error.message)) keys.add(command.startsWith('EVAL') ? `${name} (in scripts)` : name);
  else commands.add(command);
}

function rightsOf({ keys }: PlainRedis, { commands, keys: lackedKeys, channels }: Lacks): Finding {
  const parts = [
    ...(commands.size > 0 ? [`run ${[...commands].sort().join(', ')}`] : []),
    ...(lackedKeys.size > 0 ? [`touch ${[...lackedKeys].sort().join(', ')}`] : []),
    ...(channels.size > 0 ? [`use the channels ${[...channels].sort().join(', ')}`] : []),
  ];
  if (parts.length === 0) return good('rights', 'This user may do all that a pod needs.');
  const prefix = keys.leaderLock.replace(/:leader_lock$/, '');
  return found(
    'rights',
    `This user may not ${parts.join('; nor ')}.`,
    `ACL SETUSER <user> ~${prefix}:* &${prefix}:* +@all -@dangerous +info is enough.`,
  );
}

/** How a dead leader is noticed before its lease expires. */
async function checkPresence({ redis, keys, place }: PlainRedis): Promise<Finding> {
  if (place.isCluster)
    return unknown(
      'presence',
      'On a Cluster PUBSUB NUMSUB sees one node only: a dead leader is replaced when its lease expires.',
    );
  try {
    await redis.call('PUBSUB', 'NUMSUB', keys.pod('doctor'));
    return good('presence', 'PUBSUB NUMSUB is allowed: a dead leader is replaced within seconds.');
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return found(
      'presence',
      'This user may not run PUBSUB NUMSUB: a dead leader is replaced only when its lease expires.',
      'ACL SETUSER <user> +pubsub.',
    );
  }
}
