/** A trace for people: one line an entry, `0:01.503  pod-1  lease.granted epoch 1, acquired`. */
import type { Version } from '../../machines/index.ts';
import type { SimulationEntry } from './fleet-trace-log.ts';
import { startOfWallMs } from './pod-clock.ts';

/** Since the beginning of the simulation: `1:02:03.456`, `2:03.456`. */
export function timeText(elapsedMs: number): string {
  const seconds = (elapsedMs % 60_000) / 1_000;
  const minutes = Math.floor(elapsedMs / 60_000) % 60;
  const hours = Math.floor(elapsedMs / 3_600_000);
  const tail = seconds.toFixed(3).padStart(6, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

export function entryText(entry: SimulationEntry): string {
  const { at, type, podId, ...fields } = entry as SimulationEntry & { podId?: string };
  const time = timeText(at - startOfWallMs);
  if (type === 'fault.injected') {
    const { fault, pod, detail } = entry as Extract<SimulationEntry, { type: 'fault.injected' }>;
    return [time, '!', fault, pod, detail].filter(Boolean).join('  ');
  }
  const told = Object.entries(fields).map(([name, value]) => fieldText(name, value));
  return [time, podId ?? 'redis', [type, told.filter(Boolean).join(', ')].filter(Boolean).join(' ')].join('  ');
}

function fieldText(name: string, value: unknown): string {
  if (name === 'record') return versionText(value as Version & { updatedAt: number });
  if (name === 'failure') return `${(value as { kind: string }).kind}: ${(value as { message: string }).message}`;
  if (name === 'dataset' || name === 'cause' || name === 'reason') return String(value);
  return `${name} ${String(value)}`;
}

function versionText({ revision, epoch, podId }: Version): string {
  return `revision ${revision} (epoch ${epoch}, ${podId})`;
}
