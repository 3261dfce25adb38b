/** Asks whoever leads to give its lease to another pod, and waits for what came of it. */
import type { StepDownResult, TraceEvent } from '../machines/index.ts';
import { askLeader, type LeaderWay } from './ask-leader.ts';
import type { StepDownRequests } from './step-down-requests.ts';

type Way = LeaderWay & Readonly<{ stepDowns: StepDownRequests }>;

/** That the leader has gone is what was asked for: its answer may come later. */
const losses: TraceEvent['type'][] = ['redis.down', 'pod.stopping'];

/** Never throws: without an answer within the limit `noLeader` and why. */
export async function requestStepDown(limitMs: number, way: Way): Promise<StepDownResult> {
  const { stepDowns, actor, role } = way;
  return askLeader<StepDownResult>(way, {
    limitMs,
    losses,
    canAnswerItself: role === 'leader',
    askHere: (answer) => {
      stepDowns.add(answer);
      actor.send({ type: 'announcement.stepdown' });
    },
    ask: (leader, podId, signal) => stepDowns.ask(leader, podId, signal),
  });
}
