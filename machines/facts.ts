/**
 * Which facts of the trace an event of the pod machine tells. Pure: the machine emits them, whoever runs it adds place
 * and time.
 */
import { endsService, failureIn } from './failure.ts';
import type { LeaseReport } from './lease.machine.ts';
import type { RefreshReport } from './refresh.machine.ts';
import type { Refused, SyncReport } from './sync.machine.ts';
import type { TraceEvent } from './trace.ts';

type Report = SyncReport | RefreshReport | LeaseReport;

export function factsOf(event: { type: string }): TraceEvent[] {
  if (event.type.startsWith('xstate.error.')) return [failed(event)];
  if (event.type === 'redis.up') return [{ type: 'redis.up' }];
  if (event.type === 'redis.down') return [{ type: 'redis.down', failure: failureIn(event) }];
  return factsOfReport(event as Report);
}

/** Redis refuses to serve at all, or one command failed. */
function failed(event: unknown): TraceEvent {
  const failure = failureIn(event);
  return { type: endsService(failure) ? 'redis.down' : 'redis.failed', failure };
}

function factsOfReport(report: Report): TraceEvent[] {
  switch (report.type) {
    case 'redis.failed':
      return [failed(report)];
    case 'sync.applied':
      return Object.entries(report.records).map(([dataset, record]) => ({ type: 'revision.applied', dataset, record }));
    case 'sync.rejected':
      return refusals('revision.rejected', report.rejected);
    case 'sync.damaged':
      return refusals('revision.damaged', report.damaged);
    case 'sync.restored':
      return report.datasets.map((dataset) => ({ type: 'revision.restored', dataset }));
    case 'refresh.called':
      return [{ ...report, type: 'source.called' }];
    case 'refresh.failed':
      return [{ ...report, type: 'source.failed' }];
    case 'refresh.refused':
      return [{ ...report, type: 'permit.refused' }];
    case 'refresh.published':
      return [{ ...report, type: 'revision.published' }];
    case 'refresh.unchanged':
      return [{ ...report, type: 'revision.unchanged' }];
    case 'refresh.blocked':
      return [{ ...report, type: 'publishing.blocked' }];
    case 'refresh.mismatched':
      return [{ ...report, type: 'publishing.mismatched' }];
    case 'refresh.fenced':
      return [{ ...report, type: 'publishing.fenced' }];
    default:
      return [];
  }
}

function refusals(type: 'revision.rejected' | 'revision.damaged', refused: Refused): TraceEvent[] {
  return Object.entries(refused).map(([dataset, { record, reason }]) => ({ type, dataset, record, reason }));
}
