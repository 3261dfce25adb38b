/** Redis loses what it held, and the pods give it back (promise 9). */
import { expect, test } from 'vitest';
import { becomes, is, isApplied, isGranted, isPublished, onTheWire, startFleet } from './fleet.ts';

test('several pods restore at once, one of them an older version: the newest is the one result', async () => {
  const fleet = await startFleet({ isProxied: true });
  const late = fleet.except(fleet.leader())[0] ?? fleet.leader();
  fleet.proxyOf(late).refuse();
  await fleet.converge(fleet.except(late));
  fleet.source.behave('broken');
  fleet.noteLoss();
  await fleet.redis.kill();
  await Promise.all(fleet.pods.map((pod) => pod.until(becomes('degraded'))));
  const newest = Math.max(...(await Promise.all(fleet.pods.map((pod) => pod.state()))).map(({ revision }) => revision));
  expect((await late.state()).revision).toBeLessThan(newest);
  const proxies = fleet.pods.map((pod) => fleet.proxyOf(pod));
  fleet.proxyOf(late).heal();
  const areHeld = Promise.all(proxies.map((proxy) => proxy.hold('toServer', onTheWire('restore'))));
  const areRestored = fleet.each(is('revision.restored'));
  const catchesUp = late.next(isApplied);
  await fleet.redis.start();
  await Promise.all((await areHeld).map((letGo) => letGo()));
  await areRestored;
  expect(await catchesUp).toMatchObject({ record: { revision: newest } });
  const stored = JSON.parse((await fleet.operator().get('test:data_version')) ?? '');
  expect(stored.datasets.rates.revision).toBe(newest);
  fleet.source.behave('fine');
  await fleet.converge();
  await fleet.expectPromises();
});

test('FLUSHALL: everything is back with the next leader, under a new generation and without an extra call', async () => {
  const fleet = await startFleet();
  const changes = fleet.next(is('generation.changed'));
  fleet.noteLoss();
  await fleet.operator().flushall();
  await changes;
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});

test('FLUSHALL, and nobody is left who knew of the calls: one call, and no other in the first window (promise 5)', async () => {
  const fleet = await startFleet({ size: 1, refreshIntervalMs: 600_000 });
  const [first] = fleet.pods as [(typeof fleet.pods)[number]];
  for (const wanted of ['published', 'published', 'published', 'overBudget'])
    expect(await first.refresh()).toMatchObject({ outcome: wanted });
  fleet.noteLoss();
  await first.kill();
  await fleet.operator().flushall();
  const [second] = (await fleet.grow(1)) as [(typeof fleet.pods)[number]];
  expect(await second.refresh()).toMatchObject({ outcome: 'overBudget' });
  expect(fleet.source.calls).toHaveLength(5);
  await fleet.expectPromises();
});

test('it falls back by seconds with every connection open, and a newcomer leads: who knows of the lost calls tells it (promise 5)', async () => {
  const fleet = await startFleet({ size: 2, refreshIntervalMs: 600_000, pods: { timing: { pollInterval: '5m' } } });
  const operator = fleet.operator();
  const older = await operator.hgetall('test:schedule');
  const first = fleet.leader();
  for (const wanted of ['published', 'published', 'published', 'overBudget'])
    expect(await first.refresh()).toMatchObject({ outcome: wanted });
  const [witness] = fleet.except(first) as [(typeof fleet.pods)[number]];
  witness.pause();
  await first.kill();
  fleet.noteLoss('schedule');
  await operator.multi().del('test:schedule').hset('test:schedule', older).exec();
  const [newcomer] = (await fleet.grow(1)) as [(typeof fleet.pods)[number]];
  await newcomer.until(isGranted);
  witness.resume();
  expect(await newcomer.refresh()).toMatchObject({ outcome: 'published' });
  const known = async () => (await operator.hget('test:schedule', 'rates:calls'))?.split(',').length;
  await expect.poll(known).toBe(5);
  expect(await newcomer.refresh()).toMatchObject({ outcome: 'overBudget' });
  expect(fleet.source.calls).toHaveLength(5);
  await fleet.expectPromises();
});

test('a result that could not be published for an outage is published after it, without another call', async () => {
  const fleet = await startFleet({ isProxied: true, refreshIntervalMs: 600_000 });
  const leader = fleet.leader();
  const proxy = fleet.proxyOf(leader);
  const isHeld = proxy.hold('toServer', onTheWire('publish'));
  fleet.askForCall(leader);
  await isHeld;
  const published = leader.next(isPublished);
  const areDegraded = fleet.each(becomes('degraded'));
  for (const pod of fleet.pods) fleet.proxyOf(pod).refuse();
  await areDegraded;
  fleet.proxyOf(leader).heal();
  // Whether number 2 ever arrived is unknown to it, and under a new epoch it never uses one twice.
  expect(await published).toMatchObject({ record: { revision: 3, epoch: 2 } });
  const areSynced = fleet.except(leader).map((pod) => pod.next(isApplied));
  for (const pod of fleet.except(leader)) fleet.proxyOf(pod).heal();
  await Promise.all(areSynced);
  expect(fleet.source.calls).toHaveLength(2);
  await fleet.expectPromises();
});
