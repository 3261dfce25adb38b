/** A real Redis with a clock that stands still, as a world of the contract. One server a test file. */
import { Redis } from 'ioredis';
import { systemClock } from '../../src/clock.ts';
import { redisConnect } from '../../src/redis/connection.ts';
import { type RedisClock, startRedisClock } from '../harness/redis-clock.ts';
import { join, type Member, namespace, type OpenWorld, parsed, type World } from './world.ts';

/** Time limits are not what these tests are about. */
const timing = { leaseCommandLimitMs: 10_000, misconfiguredRetryMs: 10_000 };

export function redisWorlds(): OpenWorld {
  let server: Promise<{ clock: RedisClock; admin: Redis }> | undefined;
  return async () => {
    server ??= start();
    const { clock, admin } = await server;
    await admin.flushall();
    clock.set(Date.UTC(2026, 0, 1));
    return openWorld(clock, admin);
  };
}

async function start() {
  const clock = await startRedisClock();
  const admin = new Redis(clock.server.url);
  // The server ends with the test file, and this connection with it.
  admin.on('error', () => admin.disconnect());
  admin.on('close', () => admin.disconnect());
  return { clock, admin };
}

function openWorld(clock: RedisClock, admin: Redis): World {
  const members = new Set<Member>();
  return {
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    setBack: async (ms) => {
      await admin.get(`${namespace}:leader_lock`);
      clock.advance(-ms);
    },
    connect: async (podId, space = namespace) => {
      const address = clock.server.url;
      const connection = redisConnect({ address, namespace: space, timing })(podId, systemClock);
      const member = await join(podId, connection, {
        // Redis answers on the same connection after whatever it has pushed there.
        settle: async () => void (await connection.stores.data.download('rates')),
        afterClose: () => untilAbsent(admin, `${space}:pod:${podId}`),
      });
      members.add(member);
      return member;
    },
    wipe: async () => void (await admin.flushall()),
    evict: async (key) => void (await admin.del(`${namespace}:${key}`)),
    set: async (key, text) => void (await admin.set(`${namespace}:${key}`, text)),
    peek: () => peek(admin),
    close: async () => {
      await Promise.all([...members].map((member) => member.close()));
    },
  };
}

async function untilAbsent(admin: Redis, channel: string): Promise<void> {
  while (Number(((await admin.pubsub('NUMSUB', channel)) as unknown[])[1]) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function peek(admin: Redis): Promise<Record<string, unknown>> {
  const keys = await admin.keys(`${namespace}:*`);
  const values = await Promise.all(keys.map((key) => read(admin, key)));
  return parsed(Object.fromEntries(keys.map((key, i) => [key.slice(namespace.length + 1), values[i]])));
}

async function read(admin: Redis, key: string): Promise<unknown> {
  switch (await admin.type(key)) {
    case 'string':
      return admin.get(key);
    case 'hash':
      return admin.hgetall(key);
    default: {
      const flat: unknown[] = await admin.zrange(key, 0, '-1', 'WITHSCORES');
      return Object.fromEntries(flat.flatMap((member, i) => (i % 2 === 0 ? [[member, Number(flat[i + 1])]] : [])));
    }
  }
}
