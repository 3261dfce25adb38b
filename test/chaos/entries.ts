/** Waiting for what the journal is told. */
import { on } from 'node:events';
import type { Entry, Journal } from './journal.ts';

/**
 * Aborts after so long. `AbortSignal.timeout` within `AbortSignal.any` may be collected as garbage on Node 20, and then it
 * never aborts; this one is held by its timer.
 */
export function timeLimit(ms: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(), ms).unref();
  return limit.signal;
}

/**
 * Resolves when it holds: asked now and with every entry, however many come at once. False when the limit is over before.
 */
export async function untilEntry(
  journal: Journal,
  limit: AbortSignal,
  holds: (entry: Entry | undefined) => boolean | Promise<boolean>,
): Promise<boolean> {
  const entries = on(journal, 'entry', { signal: limit });
  try {
    if (await holds(undefined)) return true;
    for await (const [entry] of entries) if (await holds(entry as Entry)) return true;
    return false;
  } catch (error) {
    if (limit.aborted) return false;
    throw error;
  } finally {
    await entries.return?.();
  }
}
