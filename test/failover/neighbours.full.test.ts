/** Fleets that share a Redis and nothing else. */
import { expect, test } from 'vitest';
import { is, isPublished, startFleet } from './fleet.ts';

test('two fleets in one Redis don’t see each other, not even when one name begins like the other', async () => {
  const one = await startFleet({ size: 2, pods: { namespace: 'fx' } });
  const two = await startFleet({ size: 2, server: one.redis, pods: { namespace: 'fx.eu' } });
  one.source.add({ of: 'one' });
  two.source.add({ of: 'two' });
  await Promise.all([one.converge(), two.converge()]);
  const keysOf = async (namespace: string) => (await one.operator().keys(`${namespace}:*`)).length;
  expect(await keysOf('fx')).toBe(await keysOf('fx.eu'));
  const leader = one.leader();
  const calls = two.source.calls.length;
  const grants = two.grants;
  const elected = one.next(is('lease.granted', { cause: 'tookOver' }), one.except(leader));
  await leader.kill();
  await elected;
  await Promise.all([one.converge(), two.converge()]);
  expect(two.grants).toBe(grants);
  expect(two.source.calls.length).toBeGreaterThan(calls);
  // The first documents were fetched before the sources differed.
  const isLate = ({ record }: { record: { revision: number } }) => record.revision > 2;
  const contents = (fleet: typeof one) =>
    new Set(
      fleet.pods.flatMap(({ trace }) =>
        trace
          .filter(isPublished)
          .filter(isLate)
          .map(({ record }) => record.sha256),
      ),
    );
  expect([...contents(one)].filter((sha256) => contents(two).has(sha256))).toEqual([]);
  await one.expectPromises();
  await two.expectPromises({ isFaulty: false });
});
