/** Ctrl-C: once, and the run ends in order; twice, and it ends at once. So do SIGTERM, SIGHUP and a closed output. */

export type Interruption = Readonly<{ signal: AbortSignal; end(): void }>;

/** The reason of the signal when somebody interrupted the run. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export function listenForInterruption(endAtOnce: () => void): Interruption {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) endAtOnce();
    else controller.abort(new Interrupted('The run was interrupted.'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  // Nobody reads any more (`| head`): there is nothing to show, but a fleet to stop.
  const closed = () => controller.abort(new Interrupted('The output was closed.'));
  process.stdout.on('error', closed);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
