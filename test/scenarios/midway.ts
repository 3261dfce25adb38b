/** What strikes, or is waited for, in the middle of a command: between what a pod sends and the answer that it gets. */
import type { PodId } from '../../machines/index.ts';
import type { SimulatedFleet } from '../../src/testing/simulated-fleet.ts';
import type { SimulatedPod } from '../../src/testing/simulated-pod.ts';

const commands = ['acquire', 'takeOver', 'renew', 'claim', 'publish', 'poll', 'download', 'restore'];

/** @throws Error that says which commands there are: one that never comes would never strike */
export function known(command = ''): string {
  if (commands.includes(command)) return command;
  throw new Error(`"${command}" is no command: there are ${commands.join(', ')}`);
}

/** As soon as Redis has run the next command of this name; its answer is on the way. */
export function afterTheNext({ redis, network }: SimulatedFleet, command: string, run: () => void): void {
  redis.onNext(command, () => network.timeline.after(0, run, 'an order in the middle of a command'));
}

/** Whether a command of this pod has come to Redis since now; the pod itself may be gone. */
export function arrivalOf({ redis }: SimulatedFleet, command: string, from: PodId): () => boolean {
  let hasCome = false;
  const listen = () =>
    redis.onNext(command, (podId) => {
      if (podId === from) hasCome = true;
      else listen();
    });
  listen();
  return () => hasCome;
}

/** Whether the source was called since now. */
export function callOf({ source }: SimulatedFleet): () => boolean {
  let isCalled = false;
  source.onNextCall(() => {
    isCalled = true;
  });
  return () => isCalled;
}

/** Every answer to this pod comes so much later, and the connection stays open. */
export function answerLate(fleet: SimulatedFleet, pod: SimulatedPod, byMs: number, durationMs: number): void {
  const endMs = fleet.elapsedMs + durationMs;
  const listen = (command: string) =>
    fleet.redis.onNext(command, (podId) => {
      if (fleet.elapsedMs >= endMs) return;
      if (podId === pod.id) fleet.network.holdUp('redis', pod.name, `the answer to ${command}`, byMs);
      listen(command);
    });
  for (const command of commands) listen(command);
}
