/** A fleet that can be started, hurt and stopped: as processes, or all in this one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetPod, Roster } from './roster.ts';

export type Fleet = Readonly<{
  roster: Roster;
  /** For the sentences about it: `in 70 processes`. */
  form: 'processes' | 'one process';
  /** Where the machines of some are to be seen, if that was asked for. */
  inspectionPage?: string;
  /** How many pods may be starting at a time. */
  startsAtATime: number;
  /** Starts one pod; resolves when it runs. It may not have data yet. Rejects when it ended instead. */
  start(): Promise<FleetPod>;
  /** Ends it without a word, as SIGKILL does; only processes can be killed. */
  kill?(pod: FleetPod): Promise<void>;
  /** Ends it in order; resolves when it is gone. */
  stop(pod: FleetPod): Promise<void>;
  /** Stands still until it is resumed, as SIGSTOP does it; only processes can be paused. */
  pause?(pod: FleetPod): void;
  resume?(pod: FleetPod): void;
  /** Cuts it from Redis, or lets it through again. */
  cut?(pod: FleetPod): Promise<void>;
  heal?(pod: FleetPod): Promise<void>;
  /** Has the pods tell every step of their charts, or no longer. */
  wantCharts(areWanted: boolean): void;
  /** Ends whatever is left, without waiting. */
  endAtOnce(): void;
}>;

/** Starts so many pods, a few at a time: more at once would only get into each other's way. */
export async function startPods(fleet: Fleet, count: number, signal: AbortSignal): Promise<void> {
  let left = count;
  const startOneAfterTheOther = async () => {
    while (left > 0) {
      signal.throwIfAborted();
      left -= 1;
      await fleet.start();
    }
  };
  const lanes = Math.min(count, fleet.startsAtATime);
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      // Not all in the same breath: the first is to lead before the others ask.
      await sleep(lane * 100, undefined, { signal });
      await startOneAfterTheOther();
    }),
  );
}

export async function stopPods(fleet: Fleet, pods: readonly FleetPod[]): Promise<void> {
  await Promise.all(pods.map((pod) => fleet.stop(pod)));
}
