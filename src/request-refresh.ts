/** Asks whoever leads for a refresh now, and waits for what came of it. */
import type { DatasetName, RefreshResult, TraceEvent } from '../machines/index.ts';
import { askLeader, type LeaderWay } from './ask-leader.ts';
import type { RefreshRequests } from './refresh-requests.ts';

type Way = LeaderWay & Readonly<{ requests: RefreshRequests }>;

/** A leader that was lost answers nobody. */
const losses: TraceEvent['type'][] = ['leader.gone', 'leader.elected', 'redis.down', 'pod.stopping'];

/** Never throws: without an answer within the limit, or when the leader is lost before it, `noLeader` and why. */
export async function requestRefresh(dataset: DatasetName, limitMs: number, way: Way): Promise<RefreshResult> {
  const { requests, actor, role } = way;
  return askLeader<RefreshResult>(way, {
    limitMs,
    losses,
    canAnswerItself: role === 'leader' || role === 'standalone',
    askHere: (answer) => {
      requests.add(dataset, answer);
      actor.send({ type: 'announcement.requested', dataset });
    },
    ask: (leader, podId, signal) => requests.ask(leader, dataset, podId, signal),
  });
}
