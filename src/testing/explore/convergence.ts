/** When a fleet of the model has come to rest as it should: one leader, every pod on the newest version. */
import { compareVersions, type VersionRecord } from '../../../machines/index.ts';
import { type FleetStates, gone } from './fleet-state.ts';
import type { Step } from './found-steps.ts';
import { dataset } from './world.ts';

export function isConverged(states: FleetStates, state: readonly number[]): boolean {
  const draft = states.draft(state);
  const { pods, redis } = states.terms;
  const stored = storedVersion(states, draft.redis);
  const isPayloadThere = redis.get(draft.redis).keys.payloads.has(dataset);
  if (stored && (!isPayloadThere || stored.isSuspect)) return false;
  let leaders = 0;
  for (const [place, id] of draft.pods.entries()) {
    const link = draft.links[place];
    if (id === gone || !link?.isUp || link.isPaused || link.messages.length > 0) return false;
    const { machines, memory, believes } = pods.get(id);
    if (compareVersions(memory.served?.record, stored) !== 0) return false;
    const root = machines.snapshots.pod;
    if (root?.matches({ online: { leader: 'refreshing' } }) && believes) leaders++;
    else if (!root?.matches({ online: 'follower' })) return false;
  }
  return leaders === 1;
}

export function storedVersion(states: FleetStates, redis: number): VersionRecord | undefined {
  const { dataVersion } = states.terms.redis.get(redis).keys;
  return typeof dataVersion === 'object' ? dataVersion.datasets[dataset] : undefined;
}

export function highestEpochOf(states: FleetStates, redis: number): number {
  return states.terms.redis.get(redis).keys.lease?.epoch ?? 0;
}

const reports = new Set(['poll', 'claim']);

/** One that is told of new data reports at once. */
const isOnHold = (reply: unknown) => (reply as { outcome?: unknown }).outcome === 'onHold';

/**
 * In ticks: the age of the youngest source call that a pod knows which has said something to Redis in which it could
 * tell of it.
 */
export function youngestCallTold(states: FleetStates, state: readonly number[], { ran }: Step): number | undefined {
  const ages = ran.flatMap(({ place, command, reply }) => {
    const pod = state[place] as number;
    if (pod === gone || reply === undefined) return [];
    if (!reports.has(command.method) && !isOnHold(reply)) return [];
    return states.terms.pods.get(pod).memory.callAges.slice(0, 1);
  });
  return ages.length > 0 ? Math.min(...ages) : undefined;
}
