/** The script of a run, from the first pod to the last. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../duration.ts';
import { begin, lookIntoRedis } from './beginning.ts';
import { endInOrder, stopAll } from './ending.ts';
import { killLeader, stopRedis } from './faults.ts';
import type { Stage } from './stage.ts';
import { TooLate, until } from './until.ts';

/**
 * Plays it, and stops the fleet however far it came: a wait that comes to nothing is told and ends the play, and so
 * does an interruption. A run that was to be kept is complete when it is interrupted.
 */
export async function play(stage: Stage): Promise<{ wasInterrupted: boolean }> {
  const { journal, signal, display } = stage;
  const progress = { isComplete: false };
  try {
    await acts(stage, progress);
  } catch (error) {
    if (error instanceof TooLate) {
      journal.disappointments.push({ at: Date.now(), sentence: error.message });
      display.event(error.message, 'fault');
    } else if (!signal.aborted) throw error;
  }
  const wasInterrupted = signal.aborted && !progress.isComplete;
  // Ctrl-C has done what it can: from here on every wait is a short one.
  const rest: Stage = { ...stage, signal: new AbortController().signal };
  if (progress.isComplete) await endInOrder(rest);
  await stopAll(rest);
  return { wasInterrupted };
}

async function acts(stage: Stage, progress: { isComplete: boolean }): Promise<void> {
  const { options, signal, display } = stage;
  await begin(stage);
  await nextPublications(stage);
  if (options.hasFaults) {
    await nextPublications(stage);
    await killLeader(stage);
    await nextPublications(stage);
    await stopRedis(stage);
    await nextPublications(stage);
  }
  await nextPublications(stage);
  if (options.forMs > 0) {
    display.phase(`All is well: running on for ${formatDuration(options.forMs)}`);
    await sleep(options.forMs, undefined, { signal });
  }
  progress.isComplete = true;
  if (options.isKept) {
    display.phase('All is well: running on until Ctrl-C');
    await sleep(2 ** 31 - 1, undefined, { signal });
  }
}

/** Until both datasets have been published anew and have reached every connected pod. */
async function nextPublications(stage: Stage): Promise<void> {
  const { options, publications, display, signal } = stage;
  const since = Date.now();
  display.phase(`All is well: one call a dataset every ${formatDuration(options.intervalMs)}, by the leader`);
  await until(() => publications.haveReachedAllSince(since), {
    what: 'the next publication has reached every pod',
    limitMs: 2 * options.intervalMs + 20_000,
    signal,
  });
  await lookIntoRedis(stage);
}
