/**
 * Promise 1 by time, which only one machine's clock allows: whatever is in a pod's memory was published before a newer
 * lease was granted. The publisher need not have told of it: it may be dead.
 */
import { type FleetTrace, lossesOf, type TraceEntry, type Violation } from '../../machines/index.ts';

type Told<Type extends TraceEntry['type']> = Extract<TraceEntry, { type: Type }>;

export function latePublications(trace: FleetTrace): Violation[] {
  const losses = lossesOf(trace, ['lease', 'data_version']);
  const grants = trace.filter((entry): entry is Told<'lease.granted'> => entry.type === 'lease.granted');
  const applied = trace.filter((entry): entry is Told<'revision.applied'> => entry.type === 'revision.applied');
  const versions = new Map(applied.map(({ record }) => [`${record.revision} ${record.epoch} ${record.podId}`, record]));
  return [...versions.values()].flatMap(({ revision, epoch, podId, updatedAt }) => {
    const newer = grants.find(
      (grant) =>
        // A grant is told after Redis has given it: no tolerance is needed.
        grant.epoch > epoch && grant.at < updatedAt && !losses.some((at) => at >= grant.at && at <= updatedAt),
    );
    if (!newer) return [];
    const sentence = `revision ${revision} of ${podId} (epoch ${epoch}) was published after epoch ${newer.epoch} was granted`;
    return [{ promise: 'fenced', at: updatedAt, sentence }];
  });
}
