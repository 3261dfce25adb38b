/**
 * The lease in Redis: one script a question (lua/), each with the lease commands' own, short time limit.
 *
 * Guarantee and non-guarantee: as the port says. Clock: Redis'.
 */
import { formatHolder } from '../../machines/index.ts';
import type { AcquireRequest, LeaseStore } from '../ports.ts';
import type { Commands } from './commands.ts';
import type { Keys } from './keys.ts';

export function redisLeaseStore(commands: Commands, keys: Keys): LeaseStore {
  const leaseKeys = [keys.leaderLock, keys.lease];
  const grantKeys = [...leaseKeys, keys.dataVersion];
  const grantArgs = (request: AcquireRequest) => [
    request.podId,
    request.seenEpoch,
    request.ownEpoch,
    request.ttlMs,
    request.beliefWindowMs,
    request.graceMs,
    request.freshGeneration,
    keys.announcements,
  ];
  return {
    acquire: (request) => commands.run('acquire', grantKeys, grantArgs(request), 'lease'),
    takeOver: ({ observed, ...request }) => {
      const args = [...grantArgs(request), formatHolder(observed.podId, observed.epoch), keys.pod(observed.podId)];
      return commands.run('take_over', grantKeys, args, 'lease');
    },
    renew: ({ podId, epoch, ttlMs }) => commands.run('renew', leaseKeys, [podId, epoch, ttlMs], 'lease'),
    release: ({ podId, epoch }) =>
      commands.run('release', [keys.leaderLock], [podId, epoch, keys.announcements], 'lease'),
    yield: ({ podId, epoch, minIntervalMs, presenceMs }) =>
      commands.run(
        'yield',
        [...leaseKeys, keys.schedule, keys.pods],
        [podId, epoch, minIntervalMs, presenceMs, keys.announcements],
        'lease',
      ),
  };
}
