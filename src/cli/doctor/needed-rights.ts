/** Every command that a pod sends, by itself or in a script, with the keys it is for. */
import type { Keys } from '../../redis/keys.ts';

type Needed = Readonly<{ command: string; args: readonly (string | number)[] }>;

/** Any dataset: rights are given by patterns. */
const dataset = 'doctor';

/** As a transaction would queue them: nothing of it is ever run. */
export function neededCommands(keys: Keys): Needed[] {
  const { leaderLock, lease, dataVersion, schedule, pods, podsOrder, podsReports, announcements } = keys;
  const backup = keys.backup(dataset);
  const of = (key: string, ...commands: [command: string, ...args: (string | number)[]][]): Needed[] =>
    commands.map(([command, ...args]) => ({ command, args: [key, ...args] }));
  return [
    { command: 'EVAL', args: ['return 1', 1, leaderLock] },
    { command: 'EVALSHA', args: ['0'.repeat(40), 1, leaderLock] },
    { command: 'TIME', args: [] },
    ...of(leaderLock, ['GET'], ['SET', 'x'], ['DEL'], ['PTTL'], ['PEXPIRE', 1]),
    ...of(lease, ['HGET', 'f'], ['HMGET', 'f'], ['HSET', 'f', 'x']),
    ...of(dataVersion, ['GET'], ['SET', 'x']),
    ...of(schedule, ['HGET', 'f'], ['HMGET', 'f'], ['HSET', 'f', 'x'], ['HDEL', 'f']),
    ...of(backup, ['GET'], ['GETRANGE', 0, 1], ['SET', 'x'], ['EXISTS']),
    ...of(pods, ['ZADD', 1, 'm'], ['ZREM', 'm'], ['ZCARD'], ['ZSCORE', 'm'], ['ZCOUNT', 0, 1], ['ZRANGEBYSCORE', 0, 1]),
    ...of(podsOrder, ['ZADD', 1, 'm'], ['ZREM', 'm'], ['ZRANK', 'm'], ['ZRANGE', 0, 1]),
    ...of(podsReports, ['HSET', 'f', 'x'], ['HGET', 'f'], ['HDEL', 'f'], ['HKEYS'], ['HLEN']),
    ...of(announcements, ['PUBLISH', 'x']),
    ...of(keys.pod(dataset), ['PUBLISH', 'x']),
  ];
}
