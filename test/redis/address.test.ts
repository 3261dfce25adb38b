/** What the option `redis` may be, and that no password gets out of it. */
import { Cluster, Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseRedisAddress, RedisAddressOption, redactAddress } from '../../src/redis/address.ts';
import { redisConnect } from '../../src/redis/connection.ts';
import { checkedDataset, Namespace, redisKeys } from '../../src/redis/keys.ts';

const target = (address: unknown) => {
  const { options, cluster, redacted } = parseRedisAddress(address);
  return { ...options, ...(cluster && { nodes: cluster.nodes }), redacted };
};

describe('an address', () => {
  test.for<[string, object]>([
    ['redis://localhost', { host: 'localhost', port: 6379, redacted: 'redis://localhost:6379' }],
    ['localhost:6380', { host: 'localhost', port: 6380, redacted: 'redis://localhost:6380' }],
    ['tcp://redis-service:6379', { host: 'redis-service', port: 6379, redacted: 'redis://redis-service:6379' }],
    ['redis://[::1]:7000/2', { host: '::1', port: 7000, db: 2, redacted: 'redis://[::1]:7000/2' }],
    ['redis://h/?db=4', { host: 'h', port: 6379, db: 4, redacted: 'redis://h:6379/4' }],
    ['redis://:p@h', { host: 'h', port: 6379, password: 'p', redacted: 'redis://***@h:6379' }],
    ['redis://u:p%40%2F@h', { host: 'h', port: 6379, username: 'u', password: 'p@/', redacted: 'redis://***@h:6379' }],
    ['redis://:a/b?c#d@e%@h:1/0', { host: 'h', port: 1, db: 0, password: 'a/b?c#d@e%', redacted: 'redis://***@h:1' }],
    ['rediss://h', { host: 'h', port: 6379, tls: {}, redacted: 'rediss://h:6379' }],
    [
      'unix:/run/user@1000/redis.sock',
      { path: '/run/user@1000/redis.sock', redacted: 'unix:/run/user@1000/redis.sock' },
    ],
    ['unix:///run/redis.sock?db=1', { path: '/run/redis.sock', db: 1, redacted: 'unix:/run/redis.sock?db=1' }],
    ['unix://:p@/run/redis.sock', { path: '/run/redis.sock', password: 'p', redacted: 'unix://***@/run/redis.sock' }],
    [
      'sentinel://u:p@a,b:26380/mymaster/1',
      {
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 26_380 },
        ],
        ...{ name: 'mymaster', username: 'u', password: 'p', db: 1 },
        redacted: 'sentinel://***@a:26379,b:26380/mymaster/1',
      },
    ],
    [
      'cluster://:p@a:7000,b',
      {
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
        ],
        ...{ password: 'p', redacted: 'cluster://***@a:7000,b:6379' },
      },
    ],
  ])('%s', ([address, expected]) => {
    expect(target(address)).toEqual(expected);
  });

  test('with TLS for sentinels means both, the sentinels and the master', () => {
    const tls = { ca: 'PEM' };
    const { options } = parseRedisAddress({ address: 'sentinels://a/m', tls, sentinelPassword: 's' });
    expect(options).toMatchObject({ tls, sentinelTLS: tls, enableTLSForSentinelMode: true, sentinelPassword: 's' });
  });

  test.for<[unknown, RegExp]>([
    ['', /expected one of redis:\/\/host:6379/],
    ['http://host', /expected one of redis:/],
    ['localhost', /expected one of redis:/],
    ['redis:/host', /expected "\/\/" after "redis:"/],
    ['redis://', /expected a host name/],
    ['redis://ho st', /expected a host name/],
    ['redis://h:99999', /expected a port between 1 and 65535/],
    ['redis://h:port', /expected a host name or address, and a port/],
    ['redis://h/zero', /expected the number of a database/],
    ['redis://h/0/1', /expected nothing after the number/],
    ['redis://h?tls=true', /expected no parameter after "\?" but db/],
    ['redis://a,b', /several belong to sentinel:\/\/ or cluster:\/\//],
    ['redis://hunter2@h', /expected a password before "@"/],
    ['sentinel://a', /expected the name of the master/],
    ['cluster://a/1', /a Cluster has only one/],
    ['unix:relative.sock', /expected the absolute path/],
    [undefined, /expected an address .* or an ioredis instance/],
    [{ address: 'redis://h', pasword: 'hunter2' }, /expected an address .*Unrecognized key: "pasword"/],
    [{ address: 'redis://h', password: 7 }, /password: .*expected string/],
  ])('that is wrong, %j, is refused with what is expected', ([address, sentence]) => {
    expect(() => parseRedisAddress(address)).toThrow(sentence);
    expect(() => parseRedisAddress(address)).not.toThrow(/hunter2/);
  });

  test('is one option of a schema of options', () => {
    const Options = z.object({ redis: RedisAddressOption });
    expect(Options.parse({ redis: 'redis://h' }).redis.options).toEqual({ host: 'h', port: 6379 });
    const { error } = Options.safeParse({ redis: 'gopher://h' });
    expect(error?.issues).toMatchObject([{ path: ['redis'], message: expect.stringMatching(/expected one of/) }]);
  });
});

describe('an ioredis instance of the user’s', () => {
  test('gives its options, and none of its habits', () => {
    const redis = new Redis({
      host: 'h',
      password: 'hunter2',
      keyPrefix: 'x:',
      lazyConnect: true,
      stringNumbers: true,
    });
    const { options, redacted } = parseRedisAddress(redis);
    expect(redacted).toBe('redis://***@h:6379');
    expect(options).toMatchObject({ host: 'h', password: 'hunter2' });
    for (const habit of ['keyPrefix', 'scripts', 'stringNumbers']) expect(options).not.toHaveProperty(habit);
  });

  test('may know its master by sentinels', () => {
    const redis = new Redis({
      sentinels: [{ host: 'a', port: 1 }],
      name: 'm',
      sentinelPassword: 's3',
      lazyConnect: true,
    });
    const { redacted, secrets } = parseRedisAddress(redis);
    expect(redacted).toBe('sentinel://a:1/m');
    expect(secrets).toEqual(['s3']);
  });

  test('may be a Cluster', () => {
    const natMap = { '10.0.0.1:7000': { host: 'outside', port: 1 } };
    const cluster = new Cluster(['redis://a:7000', 7001, { host: 'b' }], {
      ...{ lazyConnect: true, natMap, redisOptions: { password: 'hunter2', tls: {} } },
    });
    const { options, redacted, cluster: way } = parseRedisAddress(cluster);
    expect(redacted).toBe('clusters://***@a:7000,127.0.0.1:7001,b:6379');
    expect(way?.natMap).toEqual(natMap);
    expect(options).toMatchObject({ password: 'hunter2', tls: {} });
  });
});

test('a redacted address is for everybody', () => {
  expect(redactAddress('redis://user:hunter2@h/3')).toBe('redis://***@h:6379/3');
  expect(redactAddress({ address: 'unix:/s', password: 'hunter2' })).toBe('unix://***@/s');
  for (const address of ['redis//user:hunter2@h', 7, null]) expect(redactAddress(address)).toMatch(/can’t be read/);
});

describe('keys', () => {
  test('all stand under the namespace, in one hash slot on a Cluster', () => {
    const keys = redisKeys('hedging', { isCluster: false });
    expect(keys).toMatchObject({ leaderLock: 'hedging:leader_lock', dataVersion: 'hedging:data_version' });
    expect(keys.backup('rates')).toBe('hedging:rates_backup');
    expect(keys.pod('host-1-2')).toBe('hedging:pod:host-1-2');
    const tagged = redisKeys('a:b', { isCluster: true });
    const all = Object.values(tagged).map((key) => (typeof key === 'string' ? key : key('x')));
    expect(new Set(all).size).toBe(10);
    for (const key of all) expect(key).toMatch(/^\{a:b\}:/);
  });

  test('namespaces that could meet another’s keys, or are none, are refused', () => {
    for (const namespace of ['', 'a b', '{a}', 'a:', ':a', 'a::b', 'x:pods', 'pod', 'x'.repeat(101)]) {
      expect(Namespace.safeParse(namespace).success, namespace).toBe(false);
      const timing = { leaseCommandLimitMs: 800, misconfiguredRetryMs: 10_000 };
      expect(() => redisConnect({ address: 'redis://h', namespace, timing })).toThrow(/^namespace: expected/);
    }
    for (const namespace of ['hedging', 'team:hedging.v2', 'podcast', 'x:pod_1']) {
      expect(Namespace.safeParse(namespace).success, namespace).toBe(true);
    }
  });

  test('datasets whose names are none, or are in every JavaScript object, are refused', () => {
    for (const name of ['', '1a', 'a:b', 'a#b', 'x'.repeat(65), 'constructor', 'toString', 'hasOwnProperty']) {
      expect(() => checkedDataset(name), name).toThrow(/^dataset ".*": expected/);
    }
    expect(checkedDataset('rates')).toBe('rates');
  });
});
