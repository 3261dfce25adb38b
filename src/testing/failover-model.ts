/**
 * A model of what can happen to a fleet: one region for the leader, one for Redis, one for the source, so that its
 * states are all the ways in which faults meet. To be used as it is, or as the beginning of one's own.
 */
import { setup } from 'xstate';
import type { FailoverMeta, FleetView } from './failover-driver.ts';

export type FailoverModelEvent =
  | { type: 'leader.crash' }
  | { type: 'leader.stop' }
  | { type: 'leader.pause' }
  | { type: 'leader.cut' }
  | { type: 'redis.stop' }
  | { type: 'redis.start' }
  | { type: 'redis.wipe' }
  | { type: 'source.fail' }
  | { type: 'source.heal' };

function atMostOneLeads({ leaders }: FleetView): void {
  if (leaders.length <= 1) return;
  throw new Error(`${leaders.map(({ podId }) => podId).join(' and ')} lead.`);
}

function nobodyLeads({ leaders }: FleetView): void {
  if (leaders.length > 0) throw new Error(`${leaders[0]?.podId} leads although Redis is down.`);
}

export const failoverModel = setup({
  types: { events: {} as FailoverModelEvent, meta: {} as FailoverMeta },
}).createMachine({
  id: 'failover',
  description: 'What can happen to a fleet.',
  type: 'parallel',
  meta: { holds: atMostOneLeads },
  states: {
    leader: {
      description: 'What happened to the pod that led first. Whoever leads next is left alone.',
      initial: 'well',
      states: {
        well: {
          on: {
            'leader.crash': { target: 'crashed' },
            'leader.stop': { target: 'stopped' },
            'leader.pause': { target: 'paused' },
            'leader.cut': { target: 'cutOff' },
          },
        },
        crashed: { description: 'Killed: nothing was handed over.' },
        stopped: { description: 'Asked to stop: it hands over.' },
        paused: { description: 'Stopped in the midst of what it did; it wakes when the path is over.' },
        cutOff: { description: 'Runs, and reaches Redis no more; nobody closed its connection.' },
      },
    },
    redis: {
      initial: 'up',
      states: {
        up: { on: { 'redis.stop': { target: 'down' }, 'redis.wipe': { target: 'wiped' } } },
        down: {
          description: 'Gone: every pod is degraded and serves on.',
          meta: { holds: nobodyLeads },
          on: { 'redis.start': { target: 'back' } },
        },
        back: { description: 'Back, with its data.' },
        wiped: { description: 'All keys are gone; connections stay.' },
      },
    },
    source: {
      initial: 'well',
      states: {
        well: { on: { 'source.fail': { target: 'failing' } } },
        failing: { description: 'Every call fails.', on: { 'source.heal': { target: 'healed' } } },
        healed: {},
      },
    },
  },
});
