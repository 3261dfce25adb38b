/** The command line: what it explains, and one sentence for every way to ask for it wrongly. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { run } from '../../src/cli/run.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { bellwether, start } from './bellwether.ts';

const names = commands.map(({ name }) => name).join(', ');

describe('bellwether', () => {
  test('--help names every command', async () => {
    const { code, stdout, stderr } = await bellwether(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.replace(/[.?]/g, '\\$&')}$`, 'm'));
  });

  test.each(commands.map(({ name }) => name))('%s --help tells its options', async (name) => {
    const { code, stdout } = await bellwether([name, '--help']);
    expect(code).toBe(0);
    for (const line of commands.find((command) => command.name === name)?.details ?? []) expect(stdout).toContain(line);
  });

  test.each(commands.map(({ name }) => name))('help %s says the same', async (name) => {
    expect(await bellwether(['help', name])).toEqual(await bellwether([name, '--help']));
  });

  test('--version tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await bellwether(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('without a command it explains itself and ends with 2', async () => {
    const { code, stdout } = await bellwether([]);
    expect(code).toBe(2);
    expect(stdout).toContain('Usage: bellwether <command>');
  });

  test.each([
    [['launch'], `Unknown command "launch": there are ${names}; try "bellwether --help".`],
    [['help', 'launch'], `Unknown command "launch": there are ${names}; try "bellwether --help".`],
    [['--launch'], 'Unknown option "--launch": try "bellwether --help".'],
    [['demo', '--pod', '7'], 'Unknown option "--pod": try "bellwether demo --help".'],
    [['demo', 'now'], 'Unexpected argument "now": try "bellwether demo --help".'],
    [['demo', '--pods'], '--pods needs a value: try "bellwether demo --help".'],
    [['demo', '--keep=yes'], '--keep takes no value: try "bellwether demo --help".'],
    [['demo', '--pods', '0'], '--pods: expected a whole number from 1 to 200, got "0".'],
    [['demo', '--pods', '7.5'], '--pods: expected a whole number from 1 to 200, got "7.5".'],
    [['demo', '--pods', '201'], '--pods: expected a whole number from 1 to 200, got "201".'],
    [['demo', '--interval', '10'], `--interval: expected a duration from 1s to 1h, such as '10s' or '2m', got "10".`],
    [['demo', '--interval', '2h'], `--interval: expected a duration from 1s to 1h, such as '10s' or '2m', got "2h".`],
    [['demo', '--for', 'ever'], `--for: expected a duration from 1ms to 7d, such as '10s' or '2m', got "ever".`],
    [['service', 'now'], 'Unexpected argument "now": try "bellwether service --help".'],
  ])('%j: one sentence and exit code 2', async (args, sentence) => {
    const written: string[] = [];
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const code = await run(args).finally(() => stderr.mockRestore());
    expect({ code, written }).toEqual({ code: 2, written: [`bellwether: ${sentence}\n`] });
  });

  test('says so on the standard error, with exit code 2', async () => {
    const sentence = `bellwether: Unknown command "launch": there are ${names}; try "bellwether --help".\n`;
    expect(await bellwether(['launch'])).toEqual({ code: 2, stdout: '', stderr: sentence });
  });
});

describe('bellwether demo with REDIS_ADDR', () => {
  test.each([
    ['nonsense', /^bellwether: REDIS_ADDR: expected one of redis:\/\/host:6379, .*\n$/],
    [
      'tcp://127.0.0.1:1',
      /^bellwether: REDIS_ADDR cannot be used: Nothing listens at redis:\/\/127\.0\.0\.1:1: start Redis there or .*\n$/,
    ],
  ])('%s: one sentence and exit code 2', async (address, sentence) => {
    const { code, stdout, stderr } = await bellwether(['demo'], { REDIS_ADDR: address });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });

  test('a wrong password, and a wrong type under the lock: the sentence that says what to do', async () => {
    const { url } = await startRedisServer({ password: 'right' });
    const told = async (address: string) => (await bellwether(['demo'], { REDIS_ADDR: address })).stderr;
    const refused = await told(url.replace('right', 'mistaken'));
    expect(refused).toMatch(/cannot be used: Redis at \S+ refused the user name or password: correct them\.\n$/);
    expect(refused).not.toContain('mistaken');
    const redis = new Redis(url);
    await redis.rpush('hedging:leader_lock', 'somebody');
    redis.disconnect();
    expect(await told(url)).toMatch(
      /cannot be used: Redis at \S+ holds a value of a wrong type under a key of hedging: .* choose another namespace\.\n$/,
    );
  }, 30_000);

  test('data that a newer version wrote: why no pod leads is told once', async () => {
    const { url } = await startRedisServer();
    const redis = new Redis(url);
    await redis.set('hedging:data_version', '{"format":2}');
    redis.disconnect();
    const running = start(['demo', '--pods', '2', '--interval', '1s', '--no-faults'], { REDIS_ADDR: url });
    await running.says(/no leader \| 2 degraded/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(130);
    expect(
      stdout.match(/pod \d cannot use Redis: .* has format 2, and this pod reads up to 1: update this pod;/g),
    ).toHaveLength(1);
  }, 60_000);
});

describe('bellwether service', () => {
  test('half an environment: exit code 2, and every faulty variable is named', async () => {
    const { code, stdout, stderr } = await bellwether(['service'], {
      RATES_URL: 'http://127.0.0.1:1/rates',
      TERMS_REFRESH_INTERVAL: '300',
      ENABLE_DISTRIBUTED_MANAGER: 'maybe',
      HTTP_PORT: '0',
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const named = stderr.split('\n').flatMap((line) => /^ {2}([A-Z_]+): expected /.exec(line)?.[1] ?? []);
    expect(named.toSorted()).toEqual(['ENABLE_DISTRIBUTED_MANAGER', 'TERMS_REFRESH_INTERVAL', 'TERMS_URL']);
    expect(stderr).not.toMatch(/ at .*\.ts/);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it with 0, also when nothing it needs is there',
    async (signal) => {
      const running = start(['service'], {
        REDIS_ADDR: 'tcp://127.0.0.1:1',
        RATES_URL: 'http://127.0.0.1:1/rates',
        TERMS_URL: 'http://127.0.0.1:1/terms',
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: '0',
      });
      await running.says(/degraded/);
      running.child.kill(signal);
      expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
    },
  );
});
