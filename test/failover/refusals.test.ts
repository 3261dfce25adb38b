/** Redis answers, and refuses. */
import { expect, test } from 'vitest';
import { is, isPublished, startFleet } from './fleet.ts';

test('out of memory: publishing is blocked and the lease is kept; with room again the result is published, without another call', async () => {
  const fleet = await startFleet({ size: 2, refreshIntervalMs: 3_000 });
  const operator = fleet.operator();
  const leader = fleet.leader();
  fleet.source.behave('slow');
  await leader.next(is('source.called'));
  await operator.config('SET', 'maxmemory', '1');
  const isBlocked = leader.next(is('publishing.blocked'));
  fleet.source.behave('fine');
  fleet.source.answer();
  expect(await isBlocked).toMatchObject({ failure: { kind: 'full' } });
  const calls = fleet.source.calls.length;
  // Tried again with backoff: by the fourth time the belief window is over, unless the lease was renewed.
  for (let times = 1; times <= 4; times += 1) await leader.next(is('publishing.blocked'));
  expect(await leader.state()).toMatchObject({ role: 'leader', isLeader: true, epoch: 1 });
  const published = leader.next(isPublished);
  await operator.config('SET', 'maxmemory', '0');
  await published;
  expect(fleet.source.calls).toHaveLength(calls);
  expect(fleet.grants).toBe(1);
  await fleet.expectPromises();
});
