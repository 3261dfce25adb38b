/**
 * The fleet-wide right to call the source, in memory: claim.lua and defer.lua with the same conditions in the same
 * order. Fenced; a permit is spent when it is granted; asking again with the same id moves the grant to now. While the
 * schedule is younger than the window, only the one call an interval is made. On the store's clock.
 */
import type { ClaimReply, ClaimRequest, PermitStore } from '../ports.ts';
import { isHolder } from './lock.ts';
import type { Namespace } from './namespace.ts';
import type { Run } from './run.ts';
import { agesOf, beginSchedule, deferredUntil, mergeCalls, mostCalls, scheduleOf, updateSchedule } from './schedule.ts';

type DeferRequest = Parameters<PermitStore['defer']>[0];

export function createPermitStore(space: Namespace, run: Run): PermitStore {
  return {
    claim: (request) => run(() => claim(space, request)),
    defer: (request) => run(() => ({ outcome: defer(space, request) ? 'deferred' : 'notHolder' })),
  };
}

function claim(space: Namespace, request: ClaimRequest): ClaimReply {
  const { dataset, permitId, intervalMs, budget } = request;
  if (!isHolder(space, request)) return { outcome: 'notHolder' };

  const now = space.now();
  const since = beginSchedule(space);
  const known = mergeCalls(space, dataset, request.callAgesMs);
  const isAskedAgain = scheduleOf(space, dataset).permitId === permitId;
  // No call was made under it yet, so it counts from now.
  const calls = isAskedAgain ? known.slice(1) : known;
  const lastCall = request.isRequested ? undefined : calls[0];
  const dueAt = deferredUntil(space, dataset) ?? (lastCall === undefined ? now : lastCall + intervalMs);
  if (now < dueAt && !isAskedAgain) return { outcome: 'notDue', waitMs: dueAt - now };

  const until = Math.min(since + budget.perMs, (calls[0] ?? Number.NEGATIVE_INFINITY) + intervalMs);
  if (now < until) return { outcome: 'overBudget', waitMs: until - now };

  const inWindow = calls.filter((at) => now - at < budget.perMs);
  const nextToLeave = inWindow[Math.min(budget.calls, mostCalls) - 1];
  if (nextToLeave !== undefined && !isAskedAgain)
    return { outcome: 'overBudget', waitMs: nextToLeave + budget.perMs - now };

  const granted = [now, ...inWindow];
  space.keys.schedule.set(dataset, { calls: granted, permitId });
  const callAgesMs = agesOf(granted, now);
  space.announce({
    kind: 'claimed',
    dataset,
    podId: request.podId,
    epoch: request.epoch,
    at: space.now(),
    agesMs: callAgesMs,
    perMs: budget.perMs,
    ...(isAskedAgain && { isAskedAgain }),
  });
  return { outcome: 'granted', callAgesMs };
}

/** A call under another permit since then has its own fate: nothing is deferred. */
function defer(space: Namespace, request: DeferRequest): boolean {
  if (!isHolder(space, request)) return false;
  const { permitId } = scheduleOf(space, request.dataset);
  if (permitId !== undefined && permitId !== request.permitId) return true;
  const { delayMs } = request;
  updateSchedule(space, request.dataset, { deferral: { at: Math.round(space.now() + delayMs), delayMs } });
  return true;
}
