/**
 * A store under test, with the hands to move its clock and to reach behind its ports.
 *
 * Every step ends before the next begins, so both implementations see one history. Times are whole ms.
 */
import type { Announcement } from '../../machines/index.ts';
import type { Connection, Message, Stores } from '../../src/ports.ts';

/** What reached a pod, without the moment of its arrival; the payload as text. */
export type Heard = Announcement & { inline?: string };

/** One pod's connection, up. */
export type Member = Stores &
  Readonly<{
    podId: string;
    connection: Connection;
    warnings: readonly string[];
    /** What arrived since the last time, once all that was sent has arrived. */
    heard(): Promise<Heard[]>;
    /** Resolves when the store, too, knows that the pod is gone. */
    close(): Promise<void>;
  }>;

export type World = Readonly<{
  now(): number;
  advance(ms: number): void;
  /**
   * Steps the store's clock back. What has expired is gone by then: Redis deletes it some time after, and until it
   * does, a clock that is set back brings it to life again.
   */
  setBack(ms: number): Promise<void>;
  connect(podId: string, namespace?: string): Promise<Member>;
  /** FLUSHALL */
  wipe(): Promise<void>;
  /** By the names in DESIGN without the namespace: `leader_lock`, `rates_backup`, … */
  evict(key: string): Promise<void>;
  /** Writes a string key as `redis-cli set` does. */
  set(key: string, text: string): Promise<void>;
  /** All keys of the namespace without its name, with JSON parsed. */
  peek(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}>;

export type OpenWorld = () => Promise<World>;

/** The namespace of a world that isn't told otherwise. */
export const namespace = 'hedging';

/** Opens a connection and makes a member of it. `settle` resolves when all that was sent has arrived. */
export async function join(
  podId: string,
  connection: Connection,
  hooks: Readonly<{ settle(): Promise<void>; afterClose(): Promise<void> }>,
): Promise<Member> {
  const inbox: Message[] = [];
  const warnings: string[] = [];
  await new Promise<void>((resolve, reject) => {
    connection.open({
      onUp: resolve,
      onDown: ({ message }) => reject(new Error(message)),
      onMessage: (message) => inbox.push(message),
      onWarning: (sentence) => warnings.push(sentence),
    });
  });
  return {
    ...connection.stores,
    podId,
    connection,
    warnings,
    heard: async () => {
      await hooks.settle();
      return inbox.splice(0).map(({ announcement, payload }) => ({
        ...announcement,
        ...(payload && { inline: payload.toString() }),
      }));
    },
    close: async () => {
      await connection.close();
      await hooks.afterClose();
    },
  };
}

/** The values of JSON keys parsed, so that the order of fields doesn't matter; what can't be parsed stays text. */
export function parsed(keys: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, parsedValue(value)]));
}

function parsedValue(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return parsed(value as Record<string, unknown>);
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
