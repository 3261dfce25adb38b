/** The contract of the ports: broken scripts on a real Redis, a broken store in memory. */
import { vi } from 'vitest';
import { contract } from '../../contract/contract.ts';
import { openMemoryWorld } from '../../contract/memory-world.ts';
import { redisWorlds } from '../../contract/redis-world.ts';
import { eachMutant } from './each-mutant.ts';

vi.mock('../../../src/redis/scripts.ts', async (importOriginal) =>
  (await import('./scripts.ts')).broken(await importOriginal()),
);

const openRedisWorld = redisWorlds();

eachMutant(({ part }) => contract('it', part === 'scripts' ? openRedisWorld : openMemoryWorld));
