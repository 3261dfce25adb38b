/**
 * A connection to the Redis of a fleet, of somebody who is no pod: it reads what the pods report and sends requests to
 * them, and writes nothing. It never polls, so it is on no list and no election waits for it.
 *
 * Guarantee: whatever is wrong with Redis ends the visit with one sentence, within a few seconds.
 * Clock: the system's.
 */
import { hostname } from 'node:os';
import { nanoid } from 'nanoid';
import { type Announcement, Timing } from '../../../machines/index.ts';
import { systemClock } from '../../clock.ts';
import type { Connection, FleetSight } from '../../ports.ts';
import { redisConnect } from '../../redis/connection.ts';
import { FailedRun } from '../failed-run.ts';
import { onceOnly } from './once-only.ts';
import type { FleetPlace } from './place.ts';

const connectLimitMs = 8_000;

export type Visit = Readonly<{
  /** This visitor's own channel is that of a pod of this name. */
  podId: string;
  address: string;
  /** The fleet as its pods reported it. @throws FailedRun */
  look(): Promise<FleetSight>;
  send: Connection['send'];
  /** Calls back with each announcement, and returns what ends that. */
  onAnnouncement(listener: (announcement: Announcement) => void): () => void;
  /** Aborted when the connection is lost; the reason is a sentence. */
  lost: AbortSignal;
}>;

/** Connects, does it, and leaves nothing open. @throws FailedRun */
export async function visit<T>(place: FleetPlace, task: (visit: Visit) => Promise<T>): Promise<T> {
  const podId = `bellwether-${hostname().replace(/[#\s]/g, '_').slice(0, 100)}-${process.pid}-${nanoid(6)}`;
  const { target, namespace } = place;
  const connection = redisConnect({ address: target, namespace, timing: Timing.parse({}) })(podId, systemClock);
  const listeners = new Set<(announcement: Announcement) => void>();
  const lost = new AbortController();
  try {
    await open(connection, listeners, lost);
    return await task({
      podId,
      address: connection.address,
      look: () => connection.stores.data.look().catch(fail),
      send: (to, announcement) => connection.send(to, announcement).catch(fail),
      onAnnouncement: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      lost: lost.signal,
    });
  } finally {
    await connection.close();
  }
}

function open(
  connection: Connection,
  listeners: ReadonlySet<(announcement: Announcement) => void>,
  lost: AbortController,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (error: FailedRun) => {
      reject(error);
      lost.abort(error);
    };
    const sentence = `Redis at ${connection.address} did not answer within ${connectLimitMs / 1_000} s: look at the address and the network.`;
    const timer = setTimeout(() => giveUp(new FailedRun(sentence)), connectLimitMs);
    const end = () => clearTimeout(timer);
    connection.open({
      onUp: () => {
        end();
        resolve();
      },
      onDown: ({ message }) => {
        end();
        giveUp(new FailedRun(onceOnly(message)));
      },
      onMessage: ({ announcement }) => {
        for (const listener of listeners) listener(announcement);
      },
      onWarning: () => {},
    });
  });
}

function fail(error: Error): never {
  throw new FailedRun(onceOnly(error.message));
}
