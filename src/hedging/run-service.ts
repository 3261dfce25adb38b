/**
 * The service as a process: started from its environment, ended in order by SIGTERM or SIGINT.
 *
 * What serves it is loaded when it is started: whoever takes a schema or a manager from this entry needs no server.
 */
import type { RunningService, RunOptions } from './start-service.ts';

export type { RunningService, RunOptions };

/**
 * Starts everything and returns at once; data may come later, `/readyz` tells.
 *
 * @throws BellwetherError `configuration`; the system's error when the port can't be listened on
 */
export async function runService(
  environment: Readonly<Record<string, string | undefined>>,
  options: RunOptions = {},
): Promise<RunningService> {
  const { startService } = await import('./start-service.ts');
  return startService(environment, options);
}

/** SIGTERM and SIGINT stop the service; asked twice, it hurries. Resolves when everything is closed. */
export function stopOnSignals(running: RunningService): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => running.stop().then(resolve, reject);
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
