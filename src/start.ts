/** Waiting until a pod has data, and the sentences for when it doesn't come to that. */

import type { ActorRefFrom } from 'xstate';
import { z } from 'zod';
import { type podMachine, roleOf } from '../machines/index.ts';
import type { Backup } from './backup/backup.ts';
import { Duration, formatDuration } from './duration.ts';
import { BellwetherError } from './errors.ts';
import { parseOptions } from './options.ts';
import type { Clock } from './ports.ts';

export const StartOptionsSchema = z.strictObject({
  timeout: Duration.optional(),
  signal: z.instanceof(AbortSignal).optional(),
  whenRedisIsDown: z.enum(['wait', 'fail']).default('wait'),
});

export type StartOptions = {
  /** Gives up after so long. Default: waits for ever. */
  timeout?: Duration;
  /** Gives up when it is aborted. */
  signal?: AbortSignal;
  /** `fail`: gives up when Redis can't be used at start. Default `wait`. */
  whenRedisIsDown?: 'wait' | 'fail';
};

type Pod = ActorRefFrom<typeof podMachine>;
type Circumstances = Readonly<{
  missing: () => string[];
  address: string;
  clock: Clock;
  /** What may stand in for data that doesn't come. */
  backup?: Backup;
}>;

/** Where Redis answers, data is worth so long a wait before the backup stands in for it. */
const backupWaitMs = 5_000;

export async function awaitStart(pod: Pod, options: StartOptions, circumstances: Circumstances): Promise<void> {
  const { timeout, signal, whenRedisIsDown } = parseOptions('start()', StartOptionsSchema, options);
  const { missing, address, clock, backup } = circumstances;
  const cleanups: (() => void)[] = [];
  const { promise, resolve, reject } = deferred();
  let isWaitOver = false;
  const look = () => {
    const snapshot = pod.getSnapshot();
    const lacking = missing();
    const standsIn = whenRedisIsDown === 'wait' && (isWaitOver || roleOf(snapshot) === 'degraded');
    if (lacking.length === 0 || (standsIn && lacking.every((name) => backup?.get(name)))) resolve();
    else if (snapshot.status !== 'active')
      reject(new BellwetherError('stopped', 'The manager was stopped while it started.'));
    else if (whenRedisIsDown === 'fail' && roleOf(snapshot) === 'degraded') {
      const why = snapshot.context.failure?.message ?? 'it does not answer';
      reject(new BellwetherError('redisDown', `Redis at ${address} cannot be used: ${why}`));
    }
  };
  if (backup) {
    backup.events.on('loaded', look);
    const timer = clock.setTimeout(() => {
      isWaitOver = true;
      look();
    }, backupWaitMs);
    cleanups.push(() => {
      backup.events.off('loaded', look);
      clock.clearTimeout(timer);
    });
  }
  const subscription = pod.subscribe({ next: look, complete: look, error: look });
  cleanups.push(() => subscription.unsubscribe());
  if (timeout !== undefined) {
    const timer = clock.setTimeout(() => reject(tooLate(pod, missing(), timeout, address)), timeout);
    cleanups.push(() => clock.clearTimeout(timer));
  }
  const abort = () => reject(new BellwetherError('startAborted', 'Starting was aborted.', { cause: signal?.reason }));
  signal?.addEventListener('abort', abort);
  cleanups.push(() => signal?.removeEventListener('abort', abort));
  if (signal?.aborted) abort();
  look();
  try {
    await promise;
  } finally {
    for (const cleanUp of cleanups) cleanUp();
  }
}

function tooLate(pod: Pod, missing: string[], timeoutMs: number, address: string): BellwetherError {
  const snapshot = pod.getSnapshot();
  const { failure } = snapshot.context;
  const why = failure ? ` The last failure: ${failure.message}` : '';
  return new BellwetherError(
    'startTimeout',
    `No data of ${missing.join(', ')} within ${formatDuration(timeoutMs)}; this pod is ${roleOf(snapshot)}, Redis at ${address}.${why}`,
  );
}

function deferred() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
