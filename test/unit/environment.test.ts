/** The hedging service's settings from the environment, and its gradual rollout. */
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isInRollout, readEnvironment } from '../../src/hedging/environment.ts';
import { BellwetherError } from '../../src/index.ts';
import { temporaryFolder } from '../harness/leftovers.ts';

const urls = { RATES_URL: 'https://api.example.com/rates', TERMS_URL: 'http://terms.example.com:8000/v1' };
const aDuration = "expected a duration such as '5m', '30s' or a number of milliseconds";

function faultsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(BellwetherError);
    const [head, ...lines] = (error as Error).message.split('\n');
    expect([(error as BellwetherError).code, head]).toEqual([
      'configuration',
      'The options of the environment are wrong:',
    ]);
    return lines.map((line) => line.trim());
  }
}

describe('the environment', () => {
  test('needs the addresses of the two APIs; everything else has defaults', () => {
    expect(readEnvironment(urls)).toEqual({
      hedging: {
        redis: 'tcp://redis-service:6379',
        ratesUrl: urls.RATES_URL,
        termsUrl: urls.TERMS_URL,
        ratesRefreshInterval: 300_000,
        termsRefreshInterval: 300_000,
        mode: 'distributed',
      },
      http: { host: '0.0.0.0', port: 8080 },
      logLevel: 'info',
    });
  });

  test('sets everything', () => {
    const environment = {
      ...urls,
      REDIS_ADDR: 'rediss://user:secret@redis:6380',
      RATES_REFRESH_INTERVAL: '1m',
      TERMS_REFRESH_INTERVAL: '2h',
      LOCK_TTL: '30s',
      BACKUP_FOLDER: '/var/lib/hedging',
      ENABLE_DISTRIBUTED_MANAGER: 'false',
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      ADMIN_TOKEN: 'correct-horse-battery',
      LOG_LEVEL: 'silent',
      UNKNOWN: "is somebody else's",
    };
    expect(readEnvironment(environment)).toEqual({
      hedging: {
        redis: 'rediss://user:secret@redis:6380',
        ratesUrl: urls.RATES_URL,
        termsUrl: urls.TERMS_URL,
        ratesRefreshInterval: 60_000,
        termsRefreshInterval: 7_200_000,
        leaseTtl: 30_000,
        backup: { folder: '/var/lib/hedging' },
        mode: 'standalone',
      },
      http: { host: '127.0.0.1', port: 0 },
      adminToken: 'correct-horse-battery',
      logLevel: 'silent',
    });
  });

  test('counts an empty variable as one that is not set, as manifests write it', () => {
    const names = [
      'REDIS_ADDR',
      'RATES_REFRESH_INTERVAL',
      'TERMS_REFRESH_INTERVAL',
      'LOCK_TTL',
      'BACKUP_FOLDER',
      'HOSTNAME',
      'HTTP_HOST',
      'ADMIN_TOKEN',
    ];
    const empty = Object.fromEntries(
      [...names, 'HTTP_PORT', 'LOG_LEVEL', 'ENABLE_DISTRIBUTED_MANAGER'].map((name) => [name, '']),
    );
    expect(readEnvironment({ ...urls, ...empty })).toEqual(readEnvironment(urls));
  });

  test.each([
    ['RATES_URL', 'ftp://x', "expected a URL such as 'https://api.example.com/rates'"],
    ['TERMS_URL', undefined, "expected a URL such as 'https://api.example.com/rates'"],
    ['RATES_REFRESH_INTERVAL', '300', aDuration],
    ['TERMS_REFRESH_INTERVAL', '-5m', aDuration],
    ['LOCK_TTL', '2 minutes', aDuration],
    ['ENABLE_DISTRIBUTED_MANAGER', 'yes', "expected 'true', 'false' or a percentage such as '10%'"],
    ['ENABLE_DISTRIBUTED_MANAGER', '101%', "expected 'true', 'false' or a percentage such as '10%'"],
    ['ENABLE_DISTRIBUTED_MANAGER', '-1%', "expected 'true', 'false' or a percentage such as '10%'"],
    ['HTTP_PORT', 'http', 'expected a port number'],
    ['ADMIN_TOKEN', 'a secret', 'expected at least 16 characters'],
  ])('%s=%s is told with what is expected', (name, value, expected) => {
    expect(faultsOf({ ...urls, [name]: value })).toEqual([`${name}: ${expected}`]);
  });

  test.each([
    ['HTTP_PORT', '65536'],
    ['HTTP_PORT', '80.5'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is refused', (name, value) => {
    expect(faultsOf({ ...urls, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .*expected`))]);
  });

  const aRedis =
    'REDIS_ADDR: expected one of redis://host:6379, rediss://…, tcp://…, unix:/path, sentinel://host1,host2/master or cluster://host1,host2';
  const longerTtl = 'LOCK_TTL: must be at least twice grace (3000 ms), else the lock expires before a takeover is due';

  test.each<[Record<string, string>, string]>([
    [{ REDIS_ADDR: 'nonsense' }, aRedis],
    [{ REDIS_ADDR: 'nonsense', REDIS_USERNAME: 'hedging', REDIS_PASSWORD: 'hunter2' }, aRedis],
    [
      { REDIS_ADDR: 'redis://hedging:hunter2@localhost:port' },
      'REDIS_ADDR: expected a host name or address, and a port after ":"',
    ],
    [{ LOCK_TTL: '1s' }, longerTtl],
    [
      { RATES_URL: 'http://me:hunter2%zz@api.example.com' },
      'RATES_URL: its user name or password has a "%" that isn\'t followed by two hexadecimal digits: write it as "%25"',
    ],
    [
      { TERMS_URL: 'http://hunter2%@api.example.com' },
      'TERMS_URL: its user name or password has a "%" that isn\'t followed by two hexadecimal digits: write it as "%25"',
    ],
    [{ BACKUP_FOLDER: 'x'.repeat(4_001) }, 'BACKUP_FOLDER: Too big: expected string to have <=4000 characters'],
  ])('%j is told under the name of the variable, without its secrets', (environment, fault) => {
    expect(faultsOf({ ...urls, ...environment })).toEqual([fault]);
    expect(fault).not.toContain('hunter2');
  });

  test('tells what only its values together show with all the rest', () => {
    const environment = {
      ...urls,
      REDIS_ADDR: 'nonsense',
      TERMS_URL: 'http://u:%zz@localhost',
      RATES_REFRESH_INTERVAL: '300',
      LOCK_TTL: '1s',
      INTEGRITY_KEY: 'hunter2',
    };
    const faults = faultsOf(environment);
    expect(faults).toEqual(expect.arrayContaining([aRedis, longerTtl, `RATES_REFRESH_INTERVAL: ${aDuration}`]));
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'INTEGRITY_KEY',
      'LOCK_TTL',
      'RATES_REFRESH_INTERVAL',
      'REDIS_ADDR',
      'TERMS_URL',
    ]);
    expect(faults.join()).not.toMatch(/hunter2|%zz/);
  });

  test('that is none, or has a value that is no text, is refused in the same words', () => {
    const read = readEnvironment as (environment: unknown) => unknown;
    expect(() => read(undefined)).toThrow(/RATES_URL: .*\n.*TERMS_URL: /);
    expect(() => read({ ...urls, HOSTNAME: 5 })).toThrow(/HOSTNAME: .*expected string/);
  });

  test('tells all its faults in one error', () => {
    const environment = {
      RATES_URL: 'x',
      RATES_REFRESH_INTERVAL: '5',
      LOCK_TTL: 'x',
      ENABLE_DISTRIBUTED_MANAGER: 'x',
      HTTP_PORT: 'x',
    };
    expect(faultsOf(environment).map((fault) => fault.split(':')[0])).toEqual([
      'RATES_URL',
      'TERMS_URL',
      'RATES_REFRESH_INTERVAL',
      'LOCK_TTL',
      'ENABLE_DISTRIBUTED_MANAGER',
      'HTTP_PORT',
    ]);
  });
});

describe('ENABLE_DISTRIBUTED_MANAGER', () => {
  const modeOf = (value: string | undefined, HOSTNAME?: string) =>
    readEnvironment({ ...urls, ENABLE_DISTRIBUTED_MANAGER: value, HOSTNAME }).hedging.mode;

  test.each([
    [undefined, 'distributed'],
    ['', 'distributed'],
    ['true', 'distributed'],
    [' TRUE ', 'distributed'],
    ['100%', 'distributed'],
    ['false', 'standalone'],
    ['False', 'standalone'],
    ['0%', 'standalone'],
  ])('%j makes every pod %s', (value, mode) => {
    for (let i = 0; i < 200; i++) expect(modeOf(value, `hedging-${i}`)).toBe(mode);
  });

  test("decides by the pod's name, HOSTNAME, and by the host's where there is none", () => {
    const name = Array.from({ length: 100 }, (_, i) => `pod-${i}`).find((pod) => isInRollout(pod, 10)) as string;
    expect([modeOf('10%', name), modeOf('10%', name)]).toEqual(['distributed', 'distributed']);
    const isHere = isInRollout(hostname(), 50);
    expect(modeOf('50%')).toBe(isHere ? 'distributed' : 'standalone');
  });
});

describe('a gradual rollout', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `hedging-6d5f7c9b8-${i.toString(36).padStart(5, '0')}`);

  test.each([1, 10, 50, 90, 99])('at %d %% takes in that share of 10,000 pods', (percent) => {
    const share = (100 * names.filter((name) => isInRollout(name, percent)).length) / names.length;
    expect(Math.abs(share - percent)).toBeLessThan(1);
  });

  test('keeps every pod that is in when the share grows, and leaves none out at 100 %', () => {
    let before: string[] = [];
    for (const percent of [0, 1, 10, 50, 100]) {
      const now = new Set(names.filter((name) => isInRollout(name, percent)));
      expect(before.filter((name) => !now.has(name))).toEqual([]);
      before = [...now];
    }
    expect(before).toHaveLength(names.length);
  });

  test('is the same on every pod and in every version: the decisions of some names are fixed', () => {
    const inAt10 = Array.from({ length: 30 }, (_, i) => `hedging-${i}`).filter((name) => isInRollout(name, 10));
    expect(inAt10).toMatchInlineSnapshot(`
      [
        "hedging-14",
        "hedging-18",
        "hedging-25",
      ]
    `);
  });
});

describe('who the service is to Redis, and with what it signs', () => {
  const key = 'k'.repeat(32);
  const settingsOf = (environment: Record<string, string>) => readEnvironment({ ...urls, ...environment }).hedging;

  test('may stand beside the address, in variables that a secret fills', () => {
    const { redis } = settingsOf({ REDIS_ADDR: 'redis:6379', REDIS_USERNAME: 'hedging', REDIS_PASSWORD: 'hunter2' });
    expect(redis).toEqual({ address: 'redis:6379', username: 'hedging', password: 'hunter2' });
  });

  test('may be certificates, given as files', () => {
    const folder = temporaryFolder();
    const [ca, cert, own] = ['ca', 'cert', 'key'].map((name) => join(folder, name)) as [string, string, string];
    for (const file of [ca, cert, own]) writeFileSync(file, `PEM of ${file}`);
    const { redis } = settingsOf({ REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: own });
    const pem = (file: string) => Buffer.from(`PEM of ${file}`);
    expect(redis).toMatchObject({ tls: { ca: pem(ca), cert: pem(cert), key: pem(own) } });
    expect(faultsOf({ ...urls, REDIS_TLS_CERT: cert })).toEqual([
      'REDIS_TLS_KEY: expected the key that belongs to REDIS_TLS_CERT',
    ]);
    expect(faultsOf({ ...urls, REDIS_TLS_KEY: own })).toEqual([
      'REDIS_TLS_CERT: expected the certificate that belongs to REDIS_TLS_KEY',
    ]);
    expect(faultsOf({ ...urls, REDIS_TLS_CERT: join(folder, 'none'), REDIS_TLS_KEY: own })).toEqual([
      'REDIS_TLS_CERT: expected the path of a file that this process may read (ENOENT)',
    ]);
    writeFileSync(join(folder, 'large'), Buffer.alloc(1_048_577));
    for (const path of ['/dev/zero', folder, join(folder, 'large')])
      expect(faultsOf({ ...urls, REDIS_TLS_CA: path })).toEqual([
        'REDIS_TLS_CA: expected the path of a file of at most 1048576 bytes',
      ]);
    expect(faultsOf({ ...urls, REDIS_TLS_CA: join(folder, 'none') })).toEqual([
      'REDIS_TLS_CA: expected the path of a file that this process may read (ENOENT)',
    ]);
  });

  test('are keys, the one that signs first, in a variable or a file', () => {
    const file = join(temporaryFolder(), 'keys');
    writeFileSync(file, `${key}\n${'o'.repeat(32)}\n`);
    const keys = [key, 'o'.repeat(32)];
    expect(settingsOf({ INTEGRITY_KEY_FILE: file }).integrity).toEqual({ keys, required: true });
    expect(settingsOf({ INTEGRITY_KEY: keys.join(','), INTEGRITY_REQUIRED: 'false' }).integrity).toEqual({
      keys,
      required: false,
    });
  });

  test('are refused when they are short, two or unclear, and no fault repeats a secret', () => {
    const short = 'hunter2';
    const expected = 'expected keys of at least 32 bytes, such as `openssl rand -base64 32` prints';
    expect(faultsOf({ ...urls, INTEGRITY_KEY: short })).toEqual([`INTEGRITY_KEY: ${expected}`]);
    expect(faultsOf({ ...urls, INTEGRITY_KEY: ' , ' })).toEqual([`INTEGRITY_KEY: ${expected}`]);
    const file = join(temporaryFolder(), 'keys');
    writeFileSync(file, short);
    expect(faultsOf({ ...urls, INTEGRITY_KEY_FILE: file })).toEqual([`INTEGRITY_KEY_FILE: ${expected}`]);
    expect(faultsOf({ ...urls, INTEGRITY_KEY: key, INTEGRITY_KEY_FILE: file })).toContain(
      'INTEGRITY_KEY_FILE: expected either this or INTEGRITY_KEY, not both',
    );
    const nine = Array.from({ length: 9 }, (_, index) => String(index).repeat(32)).join('\n');
    writeFileSync(file, nine);
    expect(faultsOf({ ...urls, INTEGRITY_KEY: nine })).toEqual(['INTEGRITY_KEY: expected at most 8 keys']);
    expect(faultsOf({ ...urls, INTEGRITY_KEY_FILE: file })).toEqual(['INTEGRITY_KEY_FILE: expected at most 8 keys']);
    expect(faultsOf({ ...urls, INTEGRITY_REQUIRED: 'maybe' })).toEqual([
      "INTEGRITY_REQUIRED: expected 'true' or 'false'",
    ]);
  });
});
