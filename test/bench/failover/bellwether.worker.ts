/** Pods of the library, with every timing but the lease's TTL at its default. */
import { z } from 'zod';
import { createDataManager } from '../../../src/index.ts';
import { serveMembers } from './members.ts';

serveMembers(async ({ url, election, member, ttlMs }, onConfirmed) => {
  const manager = createDataManager({
    ...{ namespace: election, redis: url, podId: member, leaseTtl: ttlMs, logger: false },
    datasets: {
      rates: { schema: z.object({ day: z.number() }), source: async () => ({ day: 1 }), refreshInterval: '5m' },
    },
  });
  const look = () => {
    if (manager.isLeader()) onConfirmed();
  };
  manager.on('role.changed', look);
  manager.on('lease.confirmed', look);
  await manager.start({ timeout: '60s' });
  return { lockKey: `${election}:leader_lock`, leave: () => manager.stop() };
});
