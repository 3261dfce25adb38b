/** Asks whoever leads for a refresh now, and waits for what came of it. */
import type { ActorRefFrom } from 'xstate';
import type { DatasetName, podMachine, RefreshResult, Role, TraceEvent } from '../machines/index.ts';
import type { Clock } from './ports.ts';
import type { RefreshRequests } from './refresh-requests.ts';
import type { TraceRecorder } from './trace-recorder.ts';

type Way = Readonly<{
  actor: ActorRefFrom<typeof podMachine>;
  role: Role;
  requests: RefreshRequests;
  trace: TraceRecorder;
  clock: Clock;
}>;

/** A leader that was lost answers nobody. */
const losses: TraceEvent['type'][] = ['leader.gone', 'leader.elected', 'redis.down', 'pod.stopping'];

/** Never throws: without an answer within the limit, or when the leader is lost before it, `noLeader` and why. */
export async function requestRefresh(dataset: DatasetName, limitMs: number, way: Way): Promise<RefreshResult> {
  const { role, requests, trace, clock, actor } = way;
  const { leader, podId } = actor.getSnapshot().context;
  const leadsItself = role === 'leader' || role === 'standalone';
  if (!leadsItself && (!leader || role !== 'follower')) return { outcome: 'noLeader', reason: `this pod is ${role}` };
  const limit = new AbortController();
  const giveUp = (reason: string) => limit.abort(new Error(reason));
  const timer = clock.setTimeout(() => giveUp('the leader did not answer in time'), limitMs);
  const watches = losses.map((type) => trace.on(type, () => giveUp('the leader was lost meanwhile')));
  try {
    return await (leadsItself || !leader
      ? refreshHere(dataset, way, limit.signal)
      : requests.ask(leader.podId, dataset, podId, limit.signal));
  } catch (error) {
    return { outcome: 'noLeader', reason: (error as Error).message };
  } finally {
    for (const unwatch of watches) unwatch();
    clock.clearTimeout(timer);
  }
}

function refreshHere(dataset: DatasetName, { actor, requests }: Way, signal: AbortSignal): Promise<RefreshResult> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    requests.add(dataset, resolve);
    actor.send({ type: 'announcement.requested', dataset });
  });
}
