/**
 * What the holder of the lease writes. Every script is fenced by lock and epoch, and all or nothing.
 *
 * Guarantee and non-guarantee: as the port says; sent again after a lost reply, a publish finds its own version.
 * Clock: Redis'.
 */
import type { PublicationStore } from '../ports.ts';
import type { Commands } from './commands.ts';
import type { Keys } from './keys.ts';

export function redisPublicationStore(commands: Commands, keys: Keys): PublicationStore {
  const fenced = [keys.leaderLock, keys.lease, keys.dataVersion];
  return {
    publish: ({ podId, epoch, dataset, record, payload, expected, freshGeneration, isInline, permitId }) =>
      commands.run(
        'publish',
        [...fenced, keys.backup(dataset), keys.schedule],
        [
          ...[podId, epoch, dataset, JSON.stringify(record), payload],
          ...[expected ? JSON.stringify(expected) : '', freshGeneration, permitId ?? '', isInline ? '1' : ''],
          keys.announcements,
        ],
        'upload',
      ),
    confirm: ({ podId, epoch, dataset, version, validators }) =>
      commands.run(
        'confirm',
        fenced,
        [
          podId,
          epoch,
          dataset,
          JSON.stringify(version),
          validators ? JSON.stringify(validators) : '',
          keys.announcements,
        ],
        'small',
      ),
  };
}
