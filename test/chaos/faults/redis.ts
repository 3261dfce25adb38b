/** Faults of Redis: the process, its data, its limits, its rights. */
import type { Redis } from 'ioredis';
import type { GuardedKey } from '../../../machines/index.ts';
import { between, type Fault, type Heal, type World } from './fault.ts';

const isRunning = ({ redis }: World) => redis.server.isRunning;

const restart = (kind: string, isEmpty: boolean): Fault => ({
  kind,
  resource: 'redis',
  lastsMs: between(0, 5_000),
  inject: async (world) => {
    if (!isRunning(world)) return undefined;
    const { redis, journal } = world;
    await redis.server.kill();
    return async () => {
      if (isEmpty) {
        redis.loseData();
        journal.note({ type: 'redis.wiped', at: Date.now() });
      }
      await redis.server.start();
    };
  },
});

/** The operator does something, and undoes it. */
const operated = (
  kind: string,
  lastsMs: Fault['lastsMs'],
  act: (operator: Redis, world: World) => Promise<unknown>,
  undo?: (operator: Redis) => Promise<unknown>,
): Fault => ({
  kind,
  resource: 'redis',
  lastsMs,
  inject: async (world) => {
    if (!isRunning(world)) return undefined;
    await world.redis.operate((operator) => act(operator, world));
    const heal: Heal = async () => {
      if (undo) await world.redis.operate(undo);
    };
    return heal;
  },
});

/** Told before it is done: what it leads to may be told within the same millisecond. */
const wipe = (kind: string, key: GuardedKey | undefined, act: (operator: Redis) => Promise<unknown>): Fault =>
  operated(kind, between(0, 1_000), (operator, { journal }) => {
    journal.note({ type: 'redis.wiped', at: Date.now(), ...(key && { key }) });
    return act(operator);
  });

const guarded: readonly GuardedKey[] = ['leader_lock', 'lease', 'data_version', 'schedule'];
const others = [['rates_backup'], ['pods', 'pods:order', 'pods:reports']];

const keys: readonly Fault[] = [
  ...guarded.map((key) => wipe(`DEL ${key}`, key, (operator) => operator.del(`chaos:${key}`))),
  ...others.map((names) =>
    operated(`DEL ${names[0]}`, between(0, 1_000), (operator) => operator.del(names.map((name) => `chaos:${name}`))),
  ),
];

const acl = (kind: string, ...rules: readonly string[]): Fault => ({
  kind,
  resource: 'redis',
  lastsMs: between(500, 6_000),
  inject: async (world) => {
    if (!isRunning(world)) return undefined;
    const { redis } = world;
    await redis.operate((operator) => operator.call('ACL', 'SETUSER', 'default', ...rules));
    // A connection that is in stays in: a new password is asked for at the next one.
    await redis.dismissClients();
    return () => redis.operate(restoreRights).then(() => undefined);
  },
});

export const restoreRights = (operator: Redis) => operator.call('ACL', 'SETUSER', 'default', 'nopass', '+@all', '&*');

export const redisFaults: readonly Fault[] = [
  restart('Redis is killed and restarted with its data', false),
  restart('Redis is killed and restarted without its data', true),
  {
    kind: 'SIGSTOP of Redis',
    resource: 'redis',
    lastsMs: between(300, 6_000),
    inject: async (world) => {
      if (!isRunning(world)) return undefined;
      world.redis.server.pause();
      return () => world.redis.server.resume();
    },
  },
  wipe('FLUSHALL', undefined, (operator) => operator.flushall()),
  ...keys,
  operated(
    'Redis is out of memory',
    between(500, 6_000),
    (operator) => operator.config('SET', 'maxmemory', '1'),
    (operator) => operator.config('SET', 'maxmemory', '0'),
  ),
  operated('SCRIPT FLUSH', between(0, 0), (operator) => operator.script('FLUSH')),
  acl('the password is wrong', 'resetpass', '>another'),
  acl('scripts are forbidden by the ACL', '-eval', '-evalsha'),
  acl('PUBSUB is forbidden by the ACL', '-pubsub'),
];
