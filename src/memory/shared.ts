/**
 * The memory stores that the managers of one process share by name: `redis: 'memory:'`, `'memory:orders'`. Managers
 * that name the same store and namespace form one fleet.
 *
 * A store lives from the first connection that is created to it until the last one is closed, as an in-memory database
 * does; then it is forgotten with all its data, and the next connection under that name begins anew. A connection that
 * is created and never closed keeps its store.
 * Its clock is that of the manager that came first.
 */
import type { Clock, Connect } from '../ports.ts';
import { memoryConnect } from './connection.ts';
import { createMemoryRedis, type MemoryRedis } from './memory-redis.ts';

const shared = new Map<string, MemoryRedis>();

/** The store of this name, created when nobody is connected to one. Don't keep it longer than a connection to it. */
export function sharedMemoryRedis(name: string, clock: Clock): MemoryRedis {
  const known = shared.get(name);
  if (known) return known;
  const forget = () => {
    if (shared.get(name) === created) shared.delete(name);
  };
  const created = createMemoryRedis({ clock, name, onIdle: forget });
  shared.set(name, created);
  return created;
}

/** The way to the store of this name, looked up anew for every connection. */
export function sharedMemoryConnect(name: string, namespace: string): Connect {
  return (podId, clock) => memoryConnect(sharedMemoryRedis(name, clock), namespace)(podId, clock);
}
