/** Which line of a trace is a message between a pod and Redis or the source; the rest happens at one place. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import { sentenceOf } from './sentences.ts';

export const redisLane = 'Redis';
export const sourceLane = 'Source';

/** From one lane to another, or a note at one. Lanes are pods' ids, `Redis` and `Source`. */
export type Message = Readonly<{ from: string; to: string; text: string }>;

const toRedis: readonly TraceLine['type'][] = [
  ...(['lease.granted', 'lease.confirmed', 'revision.published', 'revision.unchanged', 'revision.restored'] as const),
  ...(['redis.asked', 'redis.up'] as const),
];
const fromRedis: readonly TraceLine['type'][] = [
  ...(['revision.applied', 'leader.elected', 'revision.rejected', 'revision.damaged', 'publishing.fenced'] as const),
  ...(['publishing.mismatched', 'publishing.blocked', 'redis.failed', 'generation.changed', 'leader.gone'] as const),
];

export function messageOf(line: TraceLine): Message {
  const text = sentenceOf(line);
  const pod = 'podId' in line && line.podId !== undefined ? line.podId : undefined;
  if (pod === undefined) {
    const lane = line.type === 'fault.injected' ? laneOfFault(line.fault, line.pod) : redisLane;
    return { from: lane, to: lane, text };
  }
  if (toRedis.includes(line.type)) return { from: pod, to: redisLane, text };
  if (line.type === 'lease.ended' && /releas|yield/.test(line.cause)) return { from: pod, to: redisLane, text };
  if (fromRedis.includes(line.type)) return { from: redisLane, to: pod, text };
  if (line.type === 'source.called') return { from: pod, to: sourceLane, text };
  if (line.type === 'source.failed') return { from: sourceLane, to: pod, text };
  return { from: pod, to: pod, text };
}

function laneOfFault(fault: string, pod: string | undefined): string {
  if (pod !== undefined) return pod;
  return fault.startsWith('source') ? sourceLane : redisLane;
}
