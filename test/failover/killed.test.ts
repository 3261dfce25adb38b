/** The leader's process is killed, at the worst of moments. */
import { expect, test } from 'vitest';
import type { TraceEntry } from '../../machines/index.ts';
import { isApplied, isAppliedFrom, isGranted, isPublished, onTheWire, startFleet } from './fleet.ts';

test('SIGKILL of the leader while its publish is on the way: it arrives after another leads, and is fenced (promise 1)', async () => {
  // The dead leader's connection stays open with the command in it, so only the expiry of its lock ends its lease.
  const fleet = await startFleet({ isProxied: true, pods: { leaseTtl: '4s' } });
  const leader = fleet.leader();
  const proxy = fleet.proxyOf(leader);
  const others = fleet.except(leader);
  const letGo = await proxy.hold('toServer', onTheWire('publish'));
  const elected = fleet.next(isGranted, others);
  await leader.kill();
  expect(await elected).toMatchObject({ cause: 'acquired', epoch: 2 });
  await fleet.next(isPublished, others);
  const operator = fleet.operator();
  fleet.source.behave('unchanged');
  expect(await letGo()).toContain('notHolder');
  const stored = JSON.parse((await operator.get('test:data_version')) ?? '');
  expect(stored.datasets.rates).toMatchObject({ epoch: 2 });
  fleet.source.behave('fine');
  await fleet.converge();
  await fleet.expectPromises();
});

test('SIGKILL of the leader when its publish has landed and the reply has not: the revision counts, and the next one follows (promise 3)', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const letGo = await fleet.proxyOf(leader).hold('toClient', onTheWire('publish'));
  const known = Math.max(...leader.trace.filter(isPublished).map(({ record }) => record.revision));
  const elected = fleet.next(isGranted, others);
  await leader.kill();
  await letGo();
  expect(await elected).toMatchObject({ cause: 'tookOver', epoch: 2 });
  const isFromTheDead = (entry: TraceEntry) => isApplied(entry) && entry.record.revision > known;
  const landed = others.map((pod) => pod.trace.find(isFromTheDead));
  expect(landed.map((entry) => entry && isApplied(entry) && entry.record.podId)).toEqual(
    others.map(() => leader.podId),
  );
  await Promise.all(others.map((pod) => pod.until(isAppliedFrom(2))));
  await fleet.expectPromises();
});
