/**
 * For tests of failover: the store in memory that several managers of one process can share, with the operator's hands
 * (wipe, stop, disconnect), and the promises as predicates over what the fleet did.
 */
export { type Expectations, type FaultEntry, type FleetTrace, judge, type Violation } from '../../machines/index.ts';
export { memoryConnect } from '../memory/connection.ts';
export { createMemoryRedis, type MemoryRedis } from '../memory/memory-redis.ts';
