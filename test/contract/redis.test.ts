/** The contract of the ports, kept by a real Redis whose clock the test moves. */
import { describe } from 'vitest';
import { hasFakeTime } from '../harness/faketime.ts';
import { contract } from './contract.ts';
import { redisWorlds } from './redis-world.ts';

describe.runIf(hasFakeTime)('with a clock of its own', () => contract('Redis', redisWorlds()));
