/** Every error on the way to Redis: its kind, its one sentence, and no secret in either. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../machines/index.ts';
import { RedisError, redisError } from '../../src/redis/failure.ts';

const place = {
  address: 'redis://***@host:6379',
  namespace: 'hedging',
  isCluster: false,
  secrets: ['hunter2', 'sentinel-secret'],
};

const script = 'script: 62a4a2b8f3e2c1d0, on @user_script:12.';

describe('what Redis, Node and ioredis say', () => {
  test.for([
    [`ERR user_script:9: NEWERFORMAT 3 ${script}`, 'misconfigured', 'NEWERFORMAT'],
    [`WRONGTYPE Operation against a key holding the wrong kind of value ${script}`, 'misconfigured', 'WRONGTYPE'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'misconfigured', 'WRONGPASS'],
    ['NOAUTH Authentication required.', 'misconfigured', 'NOAUTH'],
    ["NOPERM this user has no permissions to run the 'eval' command", 'misconfigured', 'NOPERM'],
    [`ERR The user executing the script can't run this command or subcommand ${script}`, 'misconfigured', 'NOPERM'],
    ["ERR unknown command 'EVALSHA', with args beginning with:", 'misconfigured', 'UNKNOWNCOMMAND'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'misconfigured', 'MOVED'],
    ['MOVED 3999 127.0.0.1:6381', 'misconfigured', 'MOVED'],
    [`READONLY You can't write against a read only replica. ${script}`, 'refused', 'READONLY'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'refused', 'MASTERDOWN'],
    ['NOREPLICAS Not enough good replicas to write.', 'refused', 'NOREPLICAS'],
    ['LOADING Redis is loading the dataset in memory', 'transient', 'LOADING'],
    ['CLUSTERDOWN The cluster is down', 'transient', 'CLUSTERDOWN'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'transient', 'TRYAGAIN'],
    ['BUSY Redis is busy running a script. You can only call SCRIPT KILL', 'transient', 'BUSY'],
    ['ERR max number of clients reached', 'transient', 'MAXCLIENTS'],
    [`OOM command not allowed when used memory > 'maxmemory'. ${script}`, 'full', 'OOM'],
    [`ERR MISCONF Redis is configured to save RDB snapshots, but it's unable ${script}`, 'diskFailing', 'MISCONF'],
    ['Command timed out', 'timeout', 'TIMEOUT'],
    ["Socket timeout. Expecting data, but didn't receive any in 2000ms.", 'unreachable', 'SILENT'],
    ['connect ECONNREFUSED 127.0.0.1:1', 'unreachable', 'ECONNREFUSED'],
    ['getaddrinfo EAI_AGAIN host', 'unreachable', 'EAI_AGAIN'],
    ['Connection is closed.', 'unreachable', 'CLOSED'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'unreachable', 'CLOSED'],
    ['Reached the max retries per request limit (which is 0).', 'unreachable', 'CLOSED'],
    ['ERR something new', 'unexpected', 'ERR'],
    ['who knows', 'unexpected', 'UNKNOWN'],
  ])('%s -> %s', ([text = '', kind, code]) => {
    const error = redisError(new Error(text), place);
    expect(error).toMatchObject({ kind, code, cause: { message: text } });
    expect(error.message).toContain('redis://***@host:6379');
    expect(error.message.split(/[.:;] [A-Z]/).length, 'one sentence').toBeLessThanOrEqual(2);
    expect(failureOf(error)).toEqual({ kind, message: error.message });
    expect(error.message.length).toBeLessThan(500);
  });

  test('several at once, as of a name with two addresses, count as one', () => {
    const refused = (port: number) =>
      Object.assign(new Error(`connect ECONNREFUSED ::1:${port}`), { code: 'ECONNREFUSED' });
    const both = Object.assign(new AggregateError([refused(1), refused(2)]), { code: 'ECONNREFUSED' });
    expect(redisError(both, place)).toMatchObject({ kind: 'unreachable', code: 'ECONNREFUSED' });
  });

  test('in a Cluster, keys that moved are no fault of anybody', () => {
    const moved = redisError(new Error('MOVED 3999 127.0.0.1:6381'), { ...place, isCluster: true });
    expect(moved).toMatchObject({ kind: 'transient', code: 'MOVED' });
  });
});

test('arguments and passwords that hang on an error stay behind', () => {
  const error = Object.assign(new Error('WRONGPASS for hunter2 and sentinel-secret'), {
    command: { name: 'hello', args: ['3', 'AUTH', 'default', 'hunter2'] },
    previousErrors: [new Error('hunter2')],
  });
  for (const text of [error.message, 'ERR strange: hunter2']) {
    const wrapped = redisError(Object.assign(new Error(text), error), place);
    expect(wrapped).toBeInstanceOf(RedisError);
    const shown = inspect(wrapped, { depth: 9, showHidden: true }) + JSON.stringify(wrapped) + wrapped.stack;
    expect(shown).not.toMatch(/hunter2|sentinel-secret/);
  }
});
