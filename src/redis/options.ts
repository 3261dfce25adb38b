/**
 * How ioredis must behave where a lease hangs on it; its defaults are unsafe for that. Whatever the user's own client
 * says, these win.
 */
import type { RedisOptions } from 'ioredis';

/** Silence on a connection with commands pending, after which it is closed. */
export const silenceLimitMs = 2_000;

export type Reconnecting = Readonly<{
  connectionName: string;
  retryDelayMs: () => number;
  /** Called with every error that Redis answers; true when another connection may help. */
  needsReconnect: (error: Error) => boolean;
}>;

export function safeOptions(reconnecting: Reconnecting): RedisOptions & { replyMapping: 'legacy' } {
  return {
    // What couldn't be sent at once must fail at once: a queued SET would run when nobody expects it any more.
    enableOfflineQueue: false,
    // Commands in flight reject when the connection closes, and none of them is sent again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A script of one pod may not wait for those of another, nor share their fate.
    enableAutoPipelining: false,
    // Time limits are per kind of command and on the injected clock: commands.ts.
    commandTimeout: undefined,
    // A half-open connection shows by silence alone. Armed while a command is pending: renewals and polls see to it.
    socketTimeout: silenceLimitMs,
    connectTimeout: 2_000,
    disconnectTimeout: 500,
    keepAlive: 5_000,
    noDelay: true,
    // Never gives up, and never waits long: ioredis' own delay is what costs seconds after an outage.
    retryStrategy: reconnecting.retryDelayMs,
    // A replica or a node that lost the slot stays one: look for the right one. Never 2, which sends again.
    reconnectOnError: (error) => (reconnecting.needsReconnect(error) ? 1 : false),
    // greeting.ts asks more than ioredis' own check, and shows a server that is still loading as such.
    enableReadyCheck: false,
    // connection.ts subscribes on every `ready`. ioredis' way leaves a rejection that nobody handles when the
    // connection is lost again before the reply, and tells nobody when it is done.
    autoResubscribe: false,
    // One connection that subscribes and runs commands takes RESP3.
    protocol: 3,
    replyMapping: 'legacy',
    // `redis-cli client list` names the pods.
    connectionName: reconnecting.connectionName,
    disableClientInfo: true,
    lazyConnect: true,
    role: 'master',
    // Sentinel: no retrying of its own, so that one place decides when to reconnect; and its news of a failover.
    sentinelRetryStrategy: () => null,
    sentinelReconnectStrategy: () => 5_000,
    sentinelCommandTimeout: 1_000,
    failoverDetector: true,
    updateSentinels: true,
  };
}
