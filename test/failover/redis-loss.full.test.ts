/** Redis is restarted, wiped or short of memory, with and without what it held. */
import { expect, test } from 'vitest';
import { becomes, is, isApplied, isGranted, isPublished, onTheWire, startFleet } from './fleet.ts';

test('Redis is killed and comes back with its data: nothing is restored, no version and no epoch is lost', async () => {
  const fleet = await startFleet({ redis: { appendOnly: true } });
  const areDegraded = fleet.each(becomes('degraded'));
  await fleet.redis.kill();
  await areDegraded;
  await fleet.redis.start();
  await fleet.converge();
  const facts = fleet.pods.flatMap(({ trace }) => trace.map(({ type }) => type));
  expect(facts).not.toContain('generation.changed');
  expect(facts).not.toContain('revision.restored');
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('every key is evicted in turn: each is back, and no extra call is made', { timeout: 90_000 }, async () => {
  const fleet = await startFleet({ pods: { timing: { pollInterval: '500ms' } } });
  const operator = fleet.operator();
  const guarded = ['leader_lock', 'lease', 'data_version', 'schedule'] as const;
  const evict = async (name: string) => {
    await operator.del(`test:${name}`);
    await expect.poll(() => operator.exists(`test:${name}`), { timeout: 10_000 }).toBe(1);
    await fleet.converge();
  };
  for (const name of guarded) {
    fleet.noteLoss(name);
    await evict(name);
  }
  for (const name of ['rates_backup', 'pods', 'pods:order', 'pods:reports']) await evict(name);
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('the payload alone is evicted: a pod that comes notices, another restores it, and no call is made', async () => {
  const fleet = await startFleet({ refreshIntervalMs: 600_000 });
  await fleet.operator().del('test:rates_backup');
  const isRestored = fleet.next(is('revision.restored'));
  const [newcomer] = await fleet.grow(1);
  await isRestored;
  expect(newcomer?.trace.map(({ type }) => type)).toContain('revision.damaged');
  expect(fleet.source.calls).toHaveLength(1);
  await fleet.expectPromises();
});

test('Redis evicts everything for want of memory (allkeys-lru): all serve, and all is back when there is room', async () => {
  const fleet = await startFleet();
  const operator = fleet.operator();
  await operator.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const ended = fleet.next(is('belief.ended'));
  // Less than it uses with no data at all.
  fleet.noteLoss();
  await operator.config('SET', 'maxmemory', '1kb');
  await ended;
  await expect.poll(() => operator.info('stats')).toMatch(/evicted_keys:[1-9]/);
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.filter(({ isLeader, day }) => isLeader || day === null)).toEqual([]);
  await operator.config('SET', 'maxmemory', '0');
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('a restore overrides a publication: it is published again as a higher revision, without a source call', async () => {
  const fleet = await startFleet({ size: 1, isProxied: true, refreshIntervalMs: 600_000 });
  const [first] = fleet.pods as [(typeof fleet.pods)[number]];
  await first.until(isPublished);
  for (const revision of [2, 3]) {
    const published = first.next(isPublished);
    fleet.askForCall(first);
    expect(await published).toMatchObject({ record: { revision } });
  }
  const isDegraded = first.next(becomes('degraded'));
  fleet.proxyOf(first).refuse();
  await isDegraded;
  fleet.noteLoss();
  await fleet.operator().flushall();
  // It holds nothing and hears of nothing: it leads, calls and begins with revision 1.
  const [second] = (await fleet.grow(1)) as [(typeof fleet.pods)[number]];
  await second.until(isPublished);
  const again = second.next(isPublished);
  const isRestored = first.next(is('revision.restored'));
  const isApplied4 = first.next((entry) => isApplied(entry) && entry.record.revision === 4);
  const calls = fleet.source.calls.length;
  fleet.proxyOf(first).heal();
  await isRestored;
  expect(await again).toMatchObject({ record: { revision: 4, podId: second.podId } });
  await isApplied4;
  expect((await first.state()).day).toBe(`day-${calls}`);
  expect(fleet.source.calls).toHaveLength(calls);
  await fleet.expectPromises();
});

test('Redis is killed while the leader renews and is back at once: one lease, no extra call', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const isDown = fleet.each(is('redis.down'));
  await fleet.proxyOf(leader).hold('toClient', onTheWire('renew'));
  fleet.noteLoss();
  await fleet.redis.kill();
  await isDown;
  const elected = fleet.next(isGranted);
  await fleet.redis.start();
  await elected;
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});
