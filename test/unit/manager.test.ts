/** The binding on the memory store: what a subscriber hears, and what its faults do. */
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { checkOptions, createDataManager, type PodOptions } from '../../src/index.ts';
import { memoryConnect } from '../../src/memory/connection.ts';
import { MemoryRedis } from '../../src/memory/memory-redis.ts';
import type { Connect } from '../../src/ports.ts';

const lines: string[] = [];
let isSourceSilent = false;
const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });

function createManager(options: Partial<PodOptions> = {}) {
  let usd = 0;
  return createDataManager({
    ...options,
    namespace: 'test',
    redis: 'memory:',
    timing: { finishLimit: '200ms' },
    logger,
    datasets: {
      rates: {
        schema: z.object({ usd: z.number() }),
        source: async ({ signal }) => {
          if (isSourceSilent) await new Promise((_, reject) => signal.addEventListener('abort', reject));
          return { usd: ++usd };
        },
        refreshInterval: '1m',
      },
    },
  });
}

test('a start can be aborted, before and while it waits', async () => {
  isSourceSilent = true;
  onTestFinished(() => {
    isSourceSilent = false;
  });
  const abortedBefore = createManager().start({ signal: AbortSignal.abort() });
  await expect(abortedBefore).rejects.toMatchObject({ code: 'startAborted' });
  const abort = new AbortController();
  const manager = createManager();
  const waiting = manager.start({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toMatchObject({ code: 'startAborted', cause: abort.signal.reason });
  expect(manager.role()).toBe('stopped');
});

test('a subscriber hears of every revision when get() returns it, until it has heard enough', async () => {
  const manager = createManager();
  const heard: unknown[] = [];
  const end = manager.subscribe('rates', (data, { revision }) =>
    heard.push([data, revision, manager.get('rates') === data]),
  );
  await manager.start();
  await manager.refresh('rates');
  end();
  await manager.refresh('rates');
  await manager.stop();
  expect(heard).toEqual([
    [{ usd: 1 }, 1, true],
    [{ usd: 2 }, 2, true],
  ]);
});

test('a subscriber that throws is told about and harms nobody', async () => {
  const manager = createManager();
  manager.subscribe('rates', () => {
    throw new Error('a bad guest');
  });
  const others: number[] = [];
  manager.subscribe('rates', (_data, { revision }) => others.push(revision));
  await manager.start();
  await manager.stop();
  expect(others).toEqual([1]);
  expect(lines.join()).toContain('A listener of dataset \\"rates\\" threw');
});

test('asynchronous guests that fail are told about and harm nobody, a listener of warnings too (promise 8)', async () => {
  lines.length = 0;
  const loose: unknown[] = [];
  const note = (error: unknown) => loose.push(error);
  process.on('unhandledRejection', note);
  const connect: Connect = (podId, clock) => {
    const connection = memoryConnect(new MemoryRedis({ clock }), 'test')(podId, clock);
    const open = connection.open.bind(connection);
    connection.open = (events) => {
      open(events);
      events.onWarning('the milk is sour');
    };
    return connection;
  };
  const fail = (() => Promise.reject(new Error('a late bad guest'))) as () => void;
  const onWarning = () => {
    throw new Error('a bad guest');
  };
  const manager = createManager({ connect, onWarning });
  manager.subscribe('rates', fail);
  manager.on('revision.applied', fail);
  await manager.start();
  await manager.stop();
  process.off('unhandledRejection', note);
  expect(loose).toEqual([]);
  for (const what of ['of dataset \\"rates\\"', 'of \\"revision.applied\\"', 'of warnings'])
    expect(lines.join()).toContain(`A listener ${what} threw`);
});

test('a time limit that is none is refused like any other option', async () => {
  const manager = createManager();
  await expect(manager.refresh('rates', { timeout: '300' })).rejects.toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('timeout: expected a duration'),
  });
  await manager.stop();
});

test('whoever waits for a refresh of a leader that stops is told so at once', async () => {
  const manager = createManager();
  await manager.start();
  await manager.refresh('rates');
  isSourceSilent = true;
  const waiting = manager.refresh('rates', { timeout: '1h' });
  await manager.stop();
  expect(await waiting).toMatchObject({ outcome: 'noLeader' });
});

test('a pod whose machine a bug has ended lets its lease go: another leads, and it answers with what it had', async () => {
  isSourceSilent = false;
  const redis = new MemoryRedis({ clock: { now: Date.now } });
  const connect: Connect = (podId, clock) => memoryConnect(redis, 'test')(podId, clock);
  const timing = {
    renewInterval: '50ms',
    beliefWindow: '200ms',
    leaseCommandLimit: '100ms',
    grace: '300ms',
    checkSlot: '50ms',
  };
  const [first, second] = [createManager({ connect, timing }), createManager({ connect, timing })];
  await first.start();
  await second.start();
  expect(first.isLeader()).toBe(true);
  lines.length = 0;
  // One of its actions throws at this.
  first.actor.send({ type: 'sync.applied', records: null as never });
  expect([first.isLeader(), first.role(), first.get('rates').usd]).toEqual([false, 'stopped', 1]);
  expect(lines.join('')).toContain('The pod machine failed');
  await expect.poll(() => second.isLeader(), { timeout: 10_000 }).toBe(true);
  await first.stop();
  await second.stop();
});

test('a refresh of a dataset that the leader does not have is declined at once', async () => {
  const leader = createManager();
  await leader.start();
  const moons = { schema: z.number(), source: async () => 1, refreshInterval: '1m', required: false } as const;
  const newer = createDataManager({ namespace: 'test', logger, datasets: { moons } });
  await newer.start();
  await expect.poll(() => newer.role()).toBe('follower');
  expect(await newer.refresh('moons', { timeout: '1h' })).toEqual({
    outcome: 'noLeader',
    reason: `the leader ${leader.podId} has no dataset "moons"`,
  });
  await newer.stop();
  await leader.stop();
});

test.each<[unknown, string]>([
  [undefined, '(options): Invalid input: expected object, received undefined'],
  [null, '(options): Invalid input: expected object, received null'],
  [{ logger: 5 }, 'logger: expected a pino logger or false'],
  [{ logger: { info: () => undefined } }, 'logger: expected a pino logger or false'],
  [{ inspect: 'yes' }, 'inspect: expected a function or an observer'],
  [{ backup: { folder: '' } }, 'backup.folder: expected the path of a folder'],
])('options of a manager that are wrong: %j', (options, fault) => {
  const create = createDataManager as (options: unknown) => unknown;
  expect(() => create(options)).toThrow(expect.objectContaining({ code: 'configuration' }));
  expect(() => create(options)).toThrow(`The options of Bellwether are wrong:\n  ${fault}`);
});

test('options of a manager and of its pod that are wrong are told in one error', () => {
  const create = createDataManager as (options: unknown) => unknown;
  const bad = { namespace: 'a b', datasets: {}, leaseTtl: 'soon', logger: 5, backup: {}, redsi: 'memory:' };
  expect(() => create(bad)).toThrow(expect.objectContaining({ code: 'configuration' }));
  for (const name of ['namespace', 'datasets', 'leaseTtl', 'logger', 'backup.folder', 'redsi'])
    expect(() => create(bad)).toThrow(`\n  ${name}: `);
});

test('options of a manager can be checked without making one', () => {
  const schema = z.object({ usd: z.number() });
  const datasets = { rates: { schema, source: async () => ({ usd: 1 }), refreshInterval: '5m' } } as const;
  expect(checkOptions({ namespace: 'test', datasets })).toBeUndefined();
  const check = () => checkOptions({ namespace: 'a b', redis: 'nonsense', datasets });
  expect(check).toThrow(expect.objectContaining({ code: 'configuration' }));
  for (const name of ['namespace', 'redis']) expect(check).toThrow(`\n  ${name}: `);
});
