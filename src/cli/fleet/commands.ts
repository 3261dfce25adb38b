/** The commands that are about a running fleet: all of them find it in the same way. */
import type { Command } from '../command.ts';
import { placeDetails, placeUsage } from './place-usage.ts';

const json = '  --json             one line of JSON instead of text';
const timeout = '  --timeout D        waits so long for the answer, such as 1m (30s)';

export const fleetCommands: readonly Command[] = [
  {
    name: 'status',
    usage: `[--watch] [--json] ${placeUsage}`,
    summary: 'Shows the fleet as a table: each pod with its role, epoch, revisions, and how far it is behind.',
    details: [
      '  --watch            again every 2 s, until Ctrl-C',
      json,
      ...placeDetails,
      '',
      'What the pods report to Redis with each poll is shown, so a row is up to some 30 s old (SEEN); LAG counts the',
      'revisions that the pod was behind then. Nothing is written.',
      'Exit code: 0, or 1 when Redis cannot be asked.',
    ],
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'leader',
    usage: `[--json] ${placeUsage}`,
    summary: 'Names the pod that holds the lease, its epoch, and the time left of the lease.',
    details: [json, ...placeDetails, '', 'Exit code: 0, or 1 when nobody leads or Redis cannot be asked.'],
    load: async () => (await import('./leader.ts')).leader,
  },
  {
    name: 'refresh',
    usage: `DATASET [--timeout 30s] [--json] ${placeUsage}`,
    summary: 'Asks the leader to call the source of a dataset now, within the budget of source calls.',
    details: [
      '  DATASET            such as rates',
      timeout,
      json,
      ...placeDetails,
      '',
      'Exit code: 0 when it was published or the source had nothing new; 1 when the budget is spent, the call failed,',
      'nobody leads or nobody answered in time.',
    ],
    load: async () => (await import('./refresh.ts')).refresh,
  },
  {
    name: 'step-down',
    usage: `[--timeout 30s] [--json] ${placeUsage}`,
    summary: 'Asks the leader to give its lease to another pod: it ends what is under way, releases, and rests.',
    details: [
      timeout,
      json,
      ...placeDetails,
      '',
      'No source call is lost or made twice by it. The old leader follows, and leaves the lease to others for one',
      'refresh interval. Alone, it stays.',
      'Exit code: 0 when it has given its lease away, 1 when not.',
    ],
    load: async () => (await import('./step-down.ts')).stepDown,
  },
  {
    name: 'doctor',
    usage: `[--json] ${placeUsage}`,
    summary:
      'Examines Redis for a fleet: version, persistence, eviction, rights, latency, clock, keys. Changes nothing.',
    details: [
      json,
      ...placeDetails,
      '',
      'Each finding comes with what to do. What this user may not see is called unknown, and is no finding.',
      'Exit code: 0 when nothing is wrong, 1 when there are findings or Redis cannot be asked.',
    ],
    load: async () => (await import('../doctor/command.ts')).doctor,
  },
  {
    name: 'inspect',
    usage: `KEY [--json] ${placeUsage}`,
    summary: 'Decodes a key of the fleet: lock, lease, data version, schedule, payload or presence. Writes nothing.',
    details: [
      '  KEY                such as leader_lock, data_version or rates_backup, with or without the namespace',
      json,
      ...placeDetails,
      '',
      'Exit code: 0 when the key is there and can be read, else 1.',
    ],
    load: async () => (await import('../inspect/command.ts')).inspect,
  },
];
