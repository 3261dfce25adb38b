/** Pods of one fleet with different schemas. */
import { expect, test } from 'vitest';
import { is, isApplied, startFleet } from './fleet.ts';

test('a pod with an older schema keeps its last good revision, reports what it refuses and why, and stays ready (promise 4)', async () => {
  const fleet = await startFleet({ size: 2, pods: { timing: { pollInterval: '500ms' } } });
  fleet.source.add({ extra: 1 });
  await fleet.converge();
  const [old] = await fleet.grow(1, { requiredKey: 'extra' });
  const { revision } = (await fleet.pods[2]?.state()) ?? {};
  const refused = old?.next(is('revision.rejected'));
  fleet.source.add({});
  await refused;
  fleet.source.behave('unchanged');
  const operator = fleet.operator();
  const report = async () => JSON.parse((await operator.hget('test:pods:reports', 'pod-3')) ?? '{}').rejected ?? {};
  await expect.poll(report).toMatchObject({
    rates: { version: { revision: expect.any(Number) }, reason: expect.stringContaining('needs the key extra') },
  });
  const state = await old?.state();
  expect(state).toMatchObject({ role: 'follower', isValid: true });
  expect(state?.revision).toBeGreaterThanOrEqual(revision ?? 0);
  expect(state?.revision).toBeLessThan((await report()).rates.version.revision);
  const caughtUp = old?.next(isApplied);
  fleet.source.add({ extra: 2 });
  fleet.source.behave('fine');
  await caughtUp;
  await fleet.expectPromises();
});
