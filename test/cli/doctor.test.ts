/** `bellwether doctor` against real servers: each is found out for exactly what is wrong with it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { neededCommands } from '../../src/cli/doctor/needed-rights.ts';
import { redisKeys } from '../../src/redis/keys.ts';
import type { RedisOptions } from '../harness/redis-options.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { openLink, plainClient } from '../redis/link.ts';
import { startCluster, startReplica, startSentinel } from '../redis/topology.ts';
import { runHere } from './run-here.ts';

const persistent: RedisOptions = { appendOnly: true };
const own = 'on nopass ~hedging:* &hedging:*';

async function examine(url: string): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await runHere('doctor', '--json', '--redis', url);
  expect(stderr).toBe('');
  return { code, findings: JSON.parse(stdout) as Finding[] };
}

/** What is wrong, and what could not be seen. */
async function wrongWith(options: RedisOptions): Promise<[about: string, sentence: string][]> {
  const { code, findings } = await examine((await startRedisServer(options)).url);
  const wrong = findings.filter(({ level }) => level === 'finding');
  expect(code).toBe(wrong.length > 0 ? 1 : 0);
  expect(wrong.filter(({ todo }) => !todo)).toEqual([]);
  return wrong.map(({ about, sentence }) => [about, sentence]);
}

describe('bellwether doctor', () => {
  test('has nothing to say against a good server, and changes nothing there', async () => {
    const { url } = await startRedisServer(persistent);
    const { code, findings } = await examine(url);
    expect([code, findings.map(({ level, about }) => `${level} ${about}`)]).toEqual([
      0,
      ['server', 'persistence', 'eviction', 'latency', 'clock', 'keys', 'rights', 'presence'].map(
        (about) => `good ${about}`,
      ),
    ]);
    const client = plainClient(url);
    expect([
      await client.dbsize(),
      (await client.info('commandstats')).match(/cmdstat_(set|hset|zadd|publish|eval)\b/g),
    ]).toEqual([0, null]);
    expect((await runHere('doctor', '--redis', url)).stdout).toMatch(/\nNothing is wrong\.\n$/);
  });

  test('finds that nothing is kept on the disk', async () => {
    expect(await wrongWith({})).toEqual([['persistence', expect.stringContaining('keeps nothing on its disk')]]);
  });

  test('takes snapshots for what they are', async () => {
    expect(await wrongWith({ args: ['--save', '3600 1'] })).toEqual([]);
  });

  test.each(['allkeys-lru', 'volatile-ttl'])('finds maxmemory-policy %s', async (maxMemoryPolicy) => {
    expect(await wrongWith({ ...persistent, maxMemory: '100mb', maxMemoryPolicy })).toEqual([
      ['eviction', expect.stringContaining(`maxmemory-policy is ${maxMemoryPolicy}`)],
    ]);
  });

  test('finds that the memory is nearly used up', async () => {
    expect(await wrongWith({ ...persistent, maxMemory: '900kb' })).toEqual([
      ['memory', expect.stringMatching(/^\d+ % of maxmemory is used\.$/)],
    ]);
  });

  test('finds that there is hardly room for another client', async () => {
    expect(await wrongWith({ ...persistent, args: ['--maxclients', '1'] })).toEqual([
      ['clients', '1 of 1 clients are connected.'],
    ]);
  });

  test('of a user with exactly the rights that are needed has nothing to say', async () => {
    expect(await wrongWith({ ...persistent, acl: [`user default ${own} +@all -@dangerous +info`] })).toEqual([]);
  });

  test('names the commands that a user lacks, and no other', async () => {
    const acl = [`user default ${own} +@all -zadd -publish -evalsha`];
    expect(await wrongWith({ ...persistent, acl })).toEqual([
      ['rights', 'This user may not run EVALSHA, PUBLISH, ZADD.'],
    ]);
  });

  test('names the keys that a user lacks', async () => {
    const acl = [
      'user default on nopass ~hedging:l* ~hedging:data_version ~hedging:schedule ~hedging:pods* &hedging:* +@all',
    ];
    expect(await wrongWith({ ...persistent, acl })).toEqual([
      ['rights', 'This user may not touch hedging:doctor_backup.'],
    ]);
  });

  test('names the channels that a user lacks', async () => {
    const acl = ['user default on nopass ~hedging:* resetchannels &hedging:announcements +@all'];
    expect(await wrongWith({ ...persistent, acl })).toEqual([
      ['rights', 'This user may not use the channels hedging:pod:doctor.'],
    ]);
  });

  test('finds that the presence of a leader cannot be seen', async () => {
    const acl = [`user default ${own} +@all -pubsub`];
    expect(await wrongWith({ ...persistent, acl })).toEqual([
      ['presence', expect.stringContaining('may not run PUBSUB NUMSUB')],
    ]);
  });

  test('says what it cannot see, and calls that no finding', async () => {
    const { url } = await startRedisServer({ acl: [`user default ${own} +@all -info -multi -time -type`] });
    const { code, findings } = await examine(url);
    expect(code).toBe(0);
    expect(findings.filter(({ level }) => level === 'unknown').map(({ about }) => about)).toEqual([
      'server',
      'latency',
      'keys',
      'rights',
    ]);
  });

  test('of a user who may hardly do anything says what shows', async () => {
    const { url } = await startRedisServer({ acl: ['user default on nopass -@all +hello +client'] });
    const { code, findings } = await examine(url);
    const wrong = findings.filter(({ level }) => level === 'finding').map(({ sentence }) => sentence);
    expect([code, wrong]).toEqual([
      1,
      ['This user may not run SUBSCRIBE.', expect.stringContaining('may not run PUBSUB NUMSUB')],
    ]);
  });

  test('finds keys of a wrong type, and a data version that cannot be read', async () => {
    const { url } = await startRedisServer(persistent);
    const client = plainClient(url);
    await client.hset('hedging:leader_lock', 'a', 'b');
    await client.set('hedging:data_version', '{"format":1}');
    const { code, findings } = await examine(url);
    expect([code, findings.filter(({ level }) => level === 'finding').map(({ sentence }) => sentence)]).toEqual([
      1,
      [
        'Somebody else writes under the keys of hedging: hedging:leader_lock is a hash and should be a string.',
        expect.stringMatching(/^hedging:data_version cannot be read \(.+\)\.$/),
      ],
    ]);
  });

  test('finds a format that is newer than what it knows', async () => {
    const { url } = await startRedisServer(persistent);
    await plainClient(url).set('hedging:data_version', '{"format":99}');
    const { findings } = await examine(url);
    expect(findings.filter(({ level }) => level === 'finding').map(({ sentence }) => sentence)).toEqual([
      'hedging:data_version has format 99, and this version reads up to 1.',
    ]);
  });

  test('of a fleet that has written counts its keys', async () => {
    const { url } = await startRedisServer(persistent);
    const link = await openLink({ address: url });
    await link.poll();
    const { findings } = await examine(url);
    expect(findings.find(({ about }) => about === 'keys')?.sentence).toBe(
      'The 5 keys of hedging are of the right types.',
    );
  });

  test('finds that the clock of Redis is off', async () => {
    expect(await wrongWith({ ...persistent, fakeTime: { setting: '+1h' } })).toEqual([
      ['clock', expect.stringMatching(/^The clock of Redis is 1h ahead of that of this machine/)],
    ]);
  });

  test('finds a replica, a sentinel, and a node of a Cluster', async () => {
    const master = await startRedisServer(persistent);
    const { url } = await startReplica(master);
    const { port } = await startSentinel(master);
    const [node] = await startCluster();
    const sentences = async (address = '') =>
      (await examine(address)).findings.filter(({ about }) => about === 'server').map(({ sentence }) => sentence);
    expect(await sentences(url)).toEqual(['What answers is a replica, which takes no writes.']);
    expect(await sentences(`redis://127.0.0.1:${port}`)).toEqual(['What answers is a sentinel.']);
    expect(await sentences(node?.url)).toEqual(['What answers is a node of a Cluster.']);
    expect(await sentences(node?.url.replace('redis:', 'cluster:'))).toEqual([
      expect.stringMatching(/^Redis \S+, cluster, master\.$/),
    ]);
  });
});

test('the list of needed commands has every command of every script, and no other', () => {
  const folder = 'src/redis/lua/';
  const files = [...readdirSync(folder), ...readdirSync(`${folder}lib`).map((name) => `lib/${name}`)];
  const inScripts = files
    .filter((name) => name.endsWith('.lua'))
    .flatMap((name) => [...readFileSync(folder + name, 'utf8').matchAll(/(?:redis\.p?call|write)\('([A-Z]+)'/g)])
    .map(([, command]) => command);
  const known = neededCommands(redisKeys('hedging', { isCluster: false })).map(({ command }) => command);
  const bySelf = ['EVAL', 'EVALSHA', 'GETRANGE', 'GET', 'PUBLISH'];
  expect([...new Set([...inScripts, ...bySelf])].filter((command) => command !== 'PUBSUB').sort()).toEqual(
    [...new Set(known)].sort(),
  );
});
