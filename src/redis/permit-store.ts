/**
 * The fleet-wide right to call a source, on Redis' clock.
 *
 * Guarantee and non-guarantee: as the port says; a claim asked again under its id returns the same grant. Clock: Redis'.
 */
import type { PermitStore } from '../ports.ts';
import type { Commands } from './commands.ts';
import type { Keys } from './keys.ts';

export function redisPermitStore(commands: Commands, keys: Keys): PermitStore {
  const fenced = [keys.leaderLock, keys.lease, keys.schedule];
  return {
    async claim({ podId, epoch, dataset, permitId, intervalMs, budget, callAgesMs, isRequested }) {
      const reply = await commands.run(
        'claim',
        fenced,
        [
          ...[podId, epoch, dataset, permitId, intervalMs, budget.calls, budget.perMs],
          ...[JSON.stringify(callAgesMs), isRequested ? '1' : '', keys.announcements],
        ],
        'small',
      );
      return reply.outcome === 'granted' ? { outcome: 'granted', callAgesMs: reply.callAges } : reply;
    },
    defer: ({ podId, epoch, dataset, permitId, delayMs }) =>
      commands.run('defer', fenced, [podId, epoch, dataset, permitId, delayMs], 'small'),
  };
}
