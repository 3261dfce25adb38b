/** What sort of news a line is: its colour, its sign, and whether it stands in the timeline at all. */
import type { TraceLine } from '../../../machines/trace-file.ts';

export const kinds = ['election', 'publication', 'sync', 'fault', 'other'] as const;
export type Kind = (typeof kinds)[number];

export const kindNames: Readonly<Record<Kind, string>> = {
  election: 'Elections',
  publication: 'Publications',
  sync: 'Syncs',
  fault: 'Faults',
  other: 'Other',
};

/** Beside the colour, so that the colour is never the only sign. */
export const kindSigns: Readonly<Record<Kind, string>> = {
  election: '★',
  publication: '▲',
  sync: '●',
  fault: '✖',
  other: '·',
};

const kindOfType: Partial<Record<TraceLine['type'], Kind>> = {
  'lease.granted': 'election',
  'lease.confirmed': 'election',
  'lease.ended': 'election',
  'leader.elected': 'election',
  'leader.gone': 'election',
  'belief.ended': 'election',
  'source.called': 'publication',
  'revision.published': 'publication',
  'revision.unchanged': 'publication',
  'revision.restored': 'publication',
  'publishing.mismatched': 'publication',
  'revision.applied': 'sync',
  'lease.uncertain': 'fault',
  'redis.down': 'fault',
  'redis.failed': 'fault',
  'takeover.blind': 'fault',
  'source.failed': 'fault',
  'revision.rejected': 'fault',
  'revision.damaged': 'fault',
  'publishing.blocked': 'fault',
  'publishing.fenced': 'fault',
  'generation.changed': 'fault',
  'pod.crashed': 'fault',
  'pod.paused': 'fault',
  'redis.wiped': 'fault',
  'fault.injected': 'fault',
};

/** States, not events: they would drown everything else. */
const silent: readonly TraceLine['type'][] = ['pod.status', 'fleet.status', 'chart.step'];

/** Undefined: no news. */
export function kindOf(line: TraceLine): Kind | undefined {
  if (silent.includes(line.type)) return undefined;
  return kindOfType[line.type] ?? 'other';
}
