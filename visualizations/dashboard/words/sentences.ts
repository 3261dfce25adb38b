/** Each line of a trace as a sentence without its subject: the pod stands before it. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import { durationText } from './times.ts';

type Sentences = {
  [Type in TraceLine['type']]?: (line: Extract<TraceLine, { type: Type }>) => string;
};

const sentences: Sentences = {
  'role.changed': ({ from, to, cause }) => `${from} → ${to} (${cause})`,
  'redis.up': () => 'is connected to Redis',
  'redis.down': ({ failure }) => `lost Redis: ${failure.message}`,
  'redis.failed': ({ failure }) => `a Redis command failed: ${failure.message}`,
  'lease.granted': ({ epoch, cause }) => `leads, epoch ${epoch} (${cause === 'tookOver' ? 'took over' : 'acquired'})`,
  'belief.ended': ({ epoch }) => `no longer acts as leader, epoch ${epoch}`,
  'lease.uncertain': ({ epoch }) => `lease unconfirmed, epoch ${epoch}: begins nothing`,
  'lease.confirmed': ({ epoch }) => `lease confirmed again, epoch ${epoch}`,
  'lease.ended': ({ epoch, cause }) => `lease ended, epoch ${epoch} (${cause})`,
  'leader.elected': ({ leader, epoch }) => `knows: ${leader} leads, epoch ${epoch}`,
  'leader.gone': ({ leader, epoch, cause }) => `knows: the lease of ${leader} is over, epoch ${epoch} (${cause})`,
  'pod.stopping': () => 'was asked to stop',
  'takeover.blind': ({ reason }) => `cannot see whether the leader is there: ${reason}`,
  'source.called': ({ dataset }) => `calls the source of ${dataset}`,
  'source.failed': ({ dataset, failure, attempt }) => `${dataset}: call ${attempt} failed: ${failure.message}`,
  'permit.refused': ({ dataset, waitMs }) => `${dataset}: no call now, the next in ${durationText(waitMs)}`,
  'revision.published': ({ dataset, record }) => `published ${dataset} revision ${record.revision}`,
  'revision.unchanged': ({ dataset, record }) => `confirmed ${dataset} revision ${record.revision}: unchanged`,
  'revision.applied': ({ dataset, record }) => `serves ${dataset} revision ${record.revision}`,
  'revision.rejected': ({ dataset, record, reason }) => `refuses ${dataset} revision ${record.revision}: ${reason}`,
  'revision.damaged': ({ dataset, record, reason }) =>
    `${dataset} revision ${record.revision} is damaged in Redis: ${reason}`,
  'revision.restored': ({ dataset }) => `gave ${dataset} back to Redis from its memory`,
  'publishing.blocked': ({ dataset, failure }) => `cannot publish ${dataset}: ${failure.message}`,
  'publishing.mismatched': ({ dataset }) => `${dataset}: Redis holds another version than expected`,
  'publishing.fenced': ({ dataset }) => `${dataset}: fenced, another pod holds a newer lease`,
  'generation.changed': () => 'Redis’ data is new: it was wiped or replaced',
  'pod.crashed': () => 'was killed',
  'pod.gone': () => 'has ended',
  'pod.paused': () => 'is paused',
  'pod.resumed': () => 'runs again',
  'pod.answered': ({ isLeader }) => `isLeader() answers ${isLeader}`,
  'redis.wiped': ({ key }) => (key === undefined ? 'lost all its data' : `lost the key ${key}`),
  'redis.granted': ({ holder, epoch }) => `grants ${holder} the lease under epoch ${epoch}`,
  'redis.holds': ({ dataset, record }) => `holds ${dataset} revision ${record.revision}`,
  'calls.told': () => 'was told of the last source calls',
  'fault.injected': ({ fault, detail }) => [fault, detail].filter(Boolean).join(' '),
  'redis.asked': ({ command, answer }) => `${command}: ${answer}`,
  remark: ({ sentence }) => sentence,
};

export function sentenceOf(line: TraceLine): string {
  const tell = sentences[line.type] as ((of: TraceLine) => string) | undefined;
  if (!tell) return line.type;
  try {
    return tell(line);
  } catch {
    // A file from elsewhere may lack a field.
    return line.type;
  }
}

/** Whom a line is about: a pod's id, or a word. */
export function subjectOf(line: TraceLine): string {
  if (line.type === 'fault.injected') return line.pod ?? 'fault';
  if ('podId' in line && line.podId !== undefined) return line.podId;
  return line.type === 'remark' ? '' : 'Redis';
}
