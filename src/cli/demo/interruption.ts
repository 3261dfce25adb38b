/** Ctrl-C: once, and the run ends in order; twice, and it ends at once. So do SIGTERM, SIGHUP and a closed output. */

export type Interruption = Readonly<{ signal: AbortSignal; end(): void }>;

/** The reason of the signal when somebody interrupted the run. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** One Ctrl-C comes twice below npm: the terminal sends it to every process, and npm passes on what it was sent. */
const sameSignalMs = 500;

/** @param endAtOnce what a second signal does that comes more than half a second after the first */
export function listenForInterruption(endAtOnce: () => void): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const begin = (sentence: string) => {
    firstAt = performance.now();
    controller.abort(new Interrupted(sentence));
  };
  const interrupt = () => {
    if (firstAt === undefined) begin('The run was interrupted.');
    else if (performance.now() - firstAt > sameSignalMs) endAtOnce();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, interrupt);
  // Nobody reads any more (`| head`): there is nothing to show, but a fleet to stop.
  process.stdout.on('error', () => {
    if (firstAt === undefined) begin('The output was closed.');
  });
  return {
    signal: controller.signal,
    end: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
