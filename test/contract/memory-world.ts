/** The memory store in virtual time, as a world of the contract. */
import { systemClock } from '../../src/clock.ts';
import { memoryConnect } from '../../src/memory/connection.ts';
import { createMemoryRedis } from '../../src/memory/memory-redis.ts';
import { join, type Member, namespace, parsed, type World } from './world.ts';

export async function openMemoryWorld(): Promise<World> {
  let now = Date.UTC(2026, 0, 1);
  // A fraction, because the store's clock counts whole ms.
  const redis = createMemoryRedis({ clock: { now: () => now + 0.75 } });
  const members = new Set<Member>();
  // As Redis, it may be older than the pods know.
  redis.evict('schedule', namespace);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    setBack: async (ms) => {
      redis.peek();
      now -= ms;
    },
    connect: async (podId, space = namespace) => {
      const connection = memoryConnect(redis, space)(podId, systemClock);
      const member = await join(podId, connection, { settle, afterClose: settle });
      members.add(member);
      return member;
    },
    wipe: async () => redis.wipe(),
    evict: async (key) => {
      redis.evict(key, namespace);
    },
    set: async (key, text) => redis.set(key, text, namespace),
    peek: async () => {
      const own = Object.entries(redis.peek()).filter(([key]) => key.startsWith(`${namespace}:`));
      return parsed(Object.fromEntries(own.map(([key, value]) => [key.slice(namespace.length + 1), value])));
    },
    close: async () => {
      await Promise.all([...members].map((member) => member.close()));
    },
  };
}
