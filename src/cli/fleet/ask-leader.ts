/** A request to whoever leads, from somebody who is no pod, and the answer to it. */
import { type Announcement, DatasetName } from '../../../machines/index.ts';
import { Duration, formatDuration } from '../../duration.ts';
import { PendingAnswers } from '../../pending-answers.ts';
import { FailedRun } from '../failed-run.ts';
import { UsageError } from '../usage-error.ts';
import { printable } from './printable.ts';
import type { Visit } from './visit.ts';

export const timeoutOption = { timeout: { type: 'string' } } as const;

type Question<Result> = Readonly<{
  limitMs: number;
  request: (requestId: string) => Announcement;
  /** Of announcements that are an answer to such a request. */
  answerIn: (announcement: Announcement) => Readonly<{ requestId: string; result: Result }> | undefined;
}>;

/** @throws UsageError */
export function parseTimeout(text = '30s'): number {
  const parsed = Duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--timeout: expected a duration such as '30s' or '2m', got "${text}".`);
}

/** @throws UsageError */
export function parseDataset(text: string): DatasetName {
  const parsed = DatasetName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new UsageError(`"${printable(text, 60)}" is no name of a dataset: ${parsed.error.issues[0]?.message}.`);
}

/**
 * Sends the request to the leader's channel and waits for its answer.
 *
 * @throws FailedRun when nobody leads, the leader is not connected, or it does not answer in time
 */
export async function askLeader<Result>(
  fleet: Visit,
  { limitMs, request, answerIn }: Question<Result>,
): Promise<{ result: Result; podId: string }> {
  const { lock } = await fleet.look();
  if (!lock) throw new FailedRun('Nobody leads: the lease is free; a pod takes it within moments where pods run.');
  const { podId } = lock;
  const answers = new PendingAnswers<Result>();
  const end = fleet.onAnnouncement((announcement) => {
    const answer = answerIn(announcement);
    if (answer) answers.note(answer.requestId, answer.result);
  });
  const late = new FailedRun(
    `The leader ${printable(podId)} did not answer within ${formatDuration(limitMs)}: what was asked may still be done; look at its log, and at its version if it does not know the request.`,
  );
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late), limitMs);
  try {
    const result = await answers.ask(
      (requestId) => fleet.send(podId, request(requestId)),
      AbortSignal.any([limit.signal, fleet.lost]),
    );
    if (result) return { result, podId };
    throw new FailedRun(
      `${printable(podId)} holds the lease but is not connected: another takes over within moments, or when its lease expires.`,
    );
  } finally {
    clearTimeout(timer);
    end();
  }
}
