/** Asks whoever leads for something, be it this pod itself, and waits for the answer within a limit. */
import type { ActorRefFrom } from 'xstate';
import type { PodId, podMachine, Role, TraceEvent } from '../machines/index.ts';
import type { Clock } from './ports.ts';
import type { TraceRecorder } from './trace-recorder.ts';

export type LeaderWay = Readonly<{
  actor: ActorRefFrom<typeof podMachine>;
  role: Role;
  trace: TraceRecorder;
  clock: Clock;
}>;

type Question<Result> = Readonly<{
  limitMs: number;
  /** After these facts no answer will come. */
  losses: readonly TraceEvent['type'][];
  canAnswerItself: boolean;
  askHere: (answer: (result: Result) => void) => void;
  ask: (leader: PodId, from: PodId, signal: AbortSignal) => Promise<Result>;
}>;

type NoLeader = { outcome: 'noLeader'; reason: string };

/** Never throws: without an answer `noLeader`, and why. */
export async function askLeader<Result>(
  { actor, role, trace, clock }: LeaderWay,
  { limitMs, losses, canAnswerItself, askHere, ask }: Question<Result>,
): Promise<Result | NoLeader> {
  const { leader, podId } = actor.getSnapshot().context;
  if (!canAnswerItself && (!leader || role !== 'follower'))
    return { outcome: 'noLeader', reason: `this pod is ${role}` };
  const limit = new AbortController();
  const giveUp = (reason: string) => limit.abort(new Error(reason));
  const timer = clock.setTimeout(() => giveUp('the leader did not answer in time'), limitMs);
  const watches = losses.map((type) => trace.on(type, () => giveUp('the leader was lost meanwhile')));
  try {
    return await (canAnswerItself || !leader
      ? answerHere(askHere, limit.signal)
      : ask(leader.podId, podId, limit.signal));
  } catch (error) {
    return { outcome: 'noLeader', reason: (error as Error).message };
  } finally {
    for (const unwatch of watches) unwatch();
    clock.clearTimeout(timer);
  }
}

function answerHere<Result>(askHere: Question<Result>['askHere'], signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    askHere(resolve);
  });
}
