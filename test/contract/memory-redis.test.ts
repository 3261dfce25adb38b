/** What the memory store has beyond the ports: the operator's hands, and stores shared by name. */
import { beforeEach, describe, expect, test } from 'vitest';
import { memoryConnect } from '../../src/memory/connection.ts';
import { createMemoryRedis, type MemoryRedis } from '../../src/memory/memory-redis.ts';
import { sharedMemoryConnect, sharedMemoryRedis } from '../../src/memory/shared.ts';
import type { Clock, Connection, ConnectionEvents } from '../../src/ports.ts';
import { acquiring, graceMs, payloadOf, polling, publishing, recordOf, restoring, ttlMs } from './requests.ts';

const clock: Clock & { time: number } = {
  time: Date.UTC(2026, 0, 1),
  now: () => clock.time,
  monotonic: () => clock.time,
  setTimeout: () => expect.unreachable('the memory store sets no timer'),
  clearTimeout: () => undefined,
};
const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

let redis: MemoryRedis;
let news: string[];

beforeEach(() => {
  redis = createMemoryRedis({ clock });
  news = [];
});

function events(podId: string): ConnectionEvents {
  return {
    onUp: () => news.push(`${podId} up`),
    onDown: ({ kind }) => news.push(`${podId} down: ${kind}`),
    onMessage: ({ announcement }) => news.push(`${podId} hears ${announcement.kind}`),
    onWarning: (sentence) => news.push(`${podId} warns ${sentence}`),
  };
}

function open(podId: string, from = memoryConnect(redis, 'hedging')): Connection {
  const connection = from(podId, clock);
  connection.open(events(podId));
  return connection;
}

async function lead(podId: string): Promise<Connection> {
  const connection = open(podId);
  await soon();
  await connection.stores.data.poll(polling(podId));
  clock.time += graceMs;
  expect(await connection.stores.lease.acquire(acquiring(podId))).toMatchObject({ outcome: 'granted' });
  return connection;
}

describe('connections', () => {
  test('open comes before up, and nothing runs in between', async () => {
    const a = open('a');
    expect(news).toEqual([]);
    await expect(a.stores.data.download('rates')).rejects.toMatchObject({ kind: 'unreachable' });
    await soon();
    expect(news).toEqual(['a up']);
    expect(await a.stores.data.download('rates')).toBeUndefined();
  });

  test('a command runs at the moment it is called, the reply comes later', async () => {
    const a = await lead('a');
    const reply = a.stores.lease.release({ podId: 'a', epoch: 1 });
    expect(redis.peek()).not.toHaveProperty('hedging:leader_lock');
    expect(await reply).toEqual({ outcome: 'released' });
  });

  test('stop takes all down at once, start brings all up; the keys stay', async () => {
    const a = await lead('a');
    open('b');
    await soon();
    news = [];
    redis.stop();
    await expect(a.stores.lease.renew({ podId: 'a', epoch: 1, ttlMs })).rejects.toMatchObject({ kind: 'unreachable' });
    open('c');
    await soon();
    expect(news).toEqual(['a down: unreachable', 'b down: unreachable', 'c down: unreachable']);
    redis.start();
    await soon();
    expect(news.slice(3)).toEqual(['a up', 'b up', 'c up']);
    expect(await a.stores.lease.renew({ podId: 'a', epoch: 1, ttlMs })).toEqual({ outcome: 'renewed' });
  });

  test('stop and start in one breath: each pod sees down, then up; none misses either', async () => {
    open('a');
    await soon();
    redis.stop();
    redis.start();
    redis.stop();
    redis.start();
    await soon();
    expect(news).toEqual(['a up', 'a down: unreachable', 'a up']);
  });

  test('one pod can be disconnected: it is not present, hears nothing, and misses what was on its way', async () => {
    const a = await lead('a');
    const b = open('b');
    await soon();
    news = [];
    a.stores.lease.release({ podId: 'a', epoch: 1 }).catch(() => undefined);
    redis.disconnect('b');
    expect(await a.send('b', { kind: 'suspected', dataset: 'rates' })).toBe(false);
    await soon();
    expect(news).toEqual(['a hears released', 'b down: unreachable']);
    await expect(b.stores.data.leave('b')).rejects.toMatchObject({ kind: 'unreachable' });
    redis.reconnect('b');
    await soon();
    expect(await a.send('b', { kind: 'suspected', dataset: 'rates' })).toBe(true);
    await soon();
    expect(news.slice(2)).toEqual(['b up', 'b hears suspected']);
  });

  test('a pod that disconnects while the store is stopped comes back when both are over', async () => {
    open('a');
    redis.stop();
    redis.disconnect('a');
    redis.start();
    await soon();
    expect(news).not.toContain('a up');
    redis.reconnect('a');
    await soon();
    expect(news.at(-1)).toBe('a up');
  });

  test('after close nothing is told any more', async () => {
    const a = open('a');
    await a.close();
    redis.stop();
    redis.start();
    await soon();
    expect(news).toEqual([]);
  });

  test('a listener that throws takes no other pod along', async () => {
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error));
    const bad = memoryConnect(redis, 'hedging')('bad', clock);
    bad.open({
      ...events('bad'),
      onMessage: () => {
        throw new Error('on purpose');
      },
    });
    const b = open('b');
    await soon();
    await b.stores.data.restore(restoring(recordOf(payloadOf(1), {})));
    await soon();
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
    expect(news).toContain('b hears published');
    expect(thrown).toMatchObject([{ message: 'on purpose' }]);
  });
});

describe('data', () => {
  test('what was published can be changed by nobody who holds it', async () => {
    const a = await lead('a');
    const request = publishing({ podId: 'a', epoch: 1 });
    const validators = { etag: 'x' };
    const reply = await a.stores.publications.publish({ ...request, record: { ...request.record, validators } });
    validators.etag = 'changed by the publisher';
    expect(reply).toMatchObject({ record: { validators: { etag: 'x' } } });
    const { records } = await a.stores.data.poll(polling('a'));
    expect(() => Object.assign(records, { rates: undefined })).toThrow(TypeError);
    expect(() => Object.assign(records.rates ?? {}, { revision: 7 })).toThrow(TypeError);
  });

  test('peek shows the keys as redis-cli would', async () => {
    const a = await lead('a');
    await a.stores.publications.publish(publishing({ podId: 'a', epoch: 1 }));
    expect(redis.peek()).toMatchObject({
      'hedging:leader_lock': 'a#1',
      'hedging:lease': { epoch: '1', holder: 'a', ttlMs: `${ttlMs}`, since: `${clock.time}` },
      'hedging:data_version': expect.stringContaining('"generation":"generation-of-a"'),
      'hedging:rates_backup': payloadOf(1).toString(),
      'hedging:pods': { a: clock.time - graceMs },
    });
  });

  test('evict deletes one key in every namespace, or in one, and says whether it was there', async () => {
    const a = await lead('a');
    const other = open('a', memoryConnect(redis, 'elsewhere'));
    await soon();
    await a.stores.publications.publish(publishing({ podId: 'a', epoch: 1 }));
    await other.stores.data.poll(polling('a'));
    expect(redis.evict('data_version', 'elsewhere')).toBe(true);
    expect(Object.keys(redis.peek())).toContain('hedging:data_version');
    const data = ['leader_lock', 'lease', 'data_version', 'rates_backup', 'schedule'];
    const keys = [...data, 'pods', 'pods:order', 'pods:reports'];
    for (const key of keys) expect([key, redis.evict(key)]).toEqual([key, true]);
    for (const key of keys) expect([key, redis.evict(key)]).toEqual([key, false]);
    expect(redis.peek()).toEqual({});
  });

  test('a key that does not exist here is a clear error', () => {
    expect(() => redis.evict('leader-lock', 'hedging')).toThrow(/no key "leader-lock": expected leader_lock, lease/);
    expect(() => redis.set('pods', 'x', 'hedging')).toThrow(/"pods" holds no string/);
  });

  test('a snapshot can be gone back to more than once, and what follows does not change it', async () => {
    const a = await lead('a');
    const snapshot = redis.snapshot();
    const before = redis.peek();
    for (let i = 0; i < 2; i += 1) {
      await a.stores.publications.publish(publishing({ podId: 'a', epoch: 1 }));
      await a.stores.data.poll(polling('b', { callAgesMs: { rates: [5] }, seenEpoch: 4 }));
      await open('late', memoryConnect(redis, 'later')).close();
      redis.restoreSnapshot(snapshot);
      expect(redis.peek()).toEqual(before);
    }
  });
});

describe('shared by name', () => {
  test('connections to one name and namespace form one fleet, other names another', async () => {
    const a = open('a', sharedMemoryConnect('one', 'hedging'));
    const b = open('b', sharedMemoryConnect('one', 'hedging'));
    const c = open('c', sharedMemoryConnect('two', 'hedging'));
    await soon();
    await a.stores.data.restore(restoring(recordOf(payloadOf(1), {})));
    expect(await b.stores.data.download('rates')).toEqual(payloadOf(1));
    expect(await c.stores.data.download('rates')).toBeUndefined();
    expect([a.address, c.address]).toEqual(['memory:one', 'memory:two']);
    await Promise.all([a, b, c].map((connection) => connection.close()));
  });

  test('a store is forgotten with its data when the last connection closes, and not before', async () => {
    const connect = sharedMemoryConnect('kept', 'hedging');
    const a = open('a', connect);
    const waiting = connect('b', clock);
    await soon();
    await a.stores.data.restore(restoring(recordOf(payloadOf(1), {})));
    await a.close();
    waiting.open(events('b'));
    await soon();
    expect(await waiting.stores.data.download('rates')).toEqual(payloadOf(1));
    await waiting.close();
    const again = open('a', connect);
    await soon();
    expect(await again.stores.data.download('rates')).toBeUndefined();
    await again.close();
  });

  test('a forgotten store that somebody kept does not end its successor', async () => {
    const old = sharedMemoryRedis('name', clock);
    await open('a', memoryConnect(old, 'hedging')).close();
    const successor = sharedMemoryRedis('name', clock);
    expect(successor).not.toBe(old);
    await open('a', memoryConnect(old, 'hedging')).close();
    expect(sharedMemoryRedis('name', clock)).toBe(successor);
    await open('a', memoryConnect(successor, 'hedging')).close();
  });
});
