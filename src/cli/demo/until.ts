/** Waiting for something to become true, for so long and no longer. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What was waited for didn't come. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

const lookIntervalMs = 20;

/** @throws TooLate; the signal's reason when it is aborted */
export async function until(
  holds: () => boolean,
  { what, limitMs, signal }: { what: string; limitMs: number; signal: AbortSignal },
): Promise<void> {
  const startedAt = performance.now();
  while (!holds()) {
    signal.throwIfAborted();
    if (performance.now() - startedAt > limitMs) {
      throw new TooLate(`After ${Math.round(limitMs / 1_000)} s of waiting, still not: ${what}.`);
    }
    await sleep(lookIntervalMs);
  }
}
