/** Waits until real pods are at one: one leads, and all are on the newest version of every dataset. */
import { compareVersions, type FaultEntry, type TraceEntry } from '../../machines/index.ts';
import { systemClock } from '../clock.ts';
import type { DataManager } from '../data-manager.ts';

type Fleet = Readonly<{
  managers(): readonly DataManager<Record<string, unknown>>[];
  datasets: readonly string[];
  /** What the pods have told, in order; it grows. */
  trace: readonly (TraceEntry | FaultEntry)[];
  /** To be called with everything that any pod tells, until it is set anew. */
  listen(onNews: () => void): void;
}>;

/** @throws Error that names what is missing, and which failures the pods told last */
export function untilConverged(fleet: Fleet, limitMs: number): Promise<void> {
  const { trace, datasets } = fleet;
  const toldBefore = trace.length;
  const missing = () => missingOf(fleet.managers(), datasets);
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      systemClock.clearTimeout(timer);
      fleet.listen(() => {});
      settle();
    };
    const late = () => {
      const failures = lastFailures(trace.slice(toldBefore)).map((message) => `\n  ${message}`);
      const told = failures.length > 0 ? `. The pods' last failures:${failures.join('')}` : '';
      reject(new Error(`not within ${limitMs} ms: ${missing().join('; ')}${told}`));
    };
    const timer = systemClock.setTimeout(() => end(late), limitMs);
    // What was told is in effect when the machines have come to rest.
    const look = () => queueMicrotask(() => missing().length === 0 && end(resolve));
    fleet.listen(look);
    look();
  });
}

/** The last one of Redis and the last one of each dataset's source. */
function lastFailures(trace: readonly (TraceEntry | FaultEntry)[]): string[] {
  const last = new Map<string, string>();
  for (const entry of trace) {
    if (entry.type === 'redis.failed' || entry.type === 'redis.down') last.set('redis', entry.failure.message);
    if (entry.type === 'redis.up') last.delete('redis');
    if (entry.type === 'source.failed') last.set(`source of ${entry.dataset}`, entry.failure.message);
  }
  return [...last.values()];
}

function missingOf(managers: readonly DataManager<Record<string, unknown>>[], datasets: readonly string[]): string[] {
  const leaders = managers.filter((manager) => manager.isLeader());
  const missing = leaders.length === 1 ? [] : [`${leaders.length} pods lead`];
  for (const dataset of datasets) {
    const versions = managers.map((manager) => manager.version(dataset));
    const newest = versions.reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
    const behind = versions.filter((version) => version.revision === 0 || compareVersions(version, newest) !== 0);
    if (behind.length > 0) missing.push(`${behind.length} pods are not on the newest version of ${dataset}`);
  }
  return missing;
}
