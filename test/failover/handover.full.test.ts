/** Leaders that end one after the other, and what the source notices of it: nothing. */
import { expect, test } from 'vitest';
import { is, isGranted, startFleet } from './fleet.ts';

test('rolling restart of the whole fleet: every lease is handed over, no call is missed or doubled', {
  timeout: 120_000,
}, async () => {
  const fleet = await startFleet({ size: 5, refreshIntervalMs: 2_000 });
  for (const old of fleet.living) {
    await fleet.grow(1);
    const others = fleet.except(old);
    const hasLed = old === fleet.leader();
    const elected = hasLed ? fleet.next(isGranted, others) : undefined;
    const gone = hasLed ? fleet.next(is('leader.gone'), others) : undefined;
    expect(await old.stop()).toBe(0);
    if (!hasLed) continue;
    expect(await elected).toMatchObject({ cause: 'acquired' });
    expect(await gone).toMatchObject({ cause: 'released' });
  }
  await fleet.converge();
  expect(fleet.grants).toBeGreaterThan(1);
  fleet.expectNoExtraCall();
  const { calls } = fleet.source;
  const gapsMs = calls.slice(1).map(({ at }, i) => at - (calls[i]?.at ?? 0));
  // A refresh that was missed would leave a gap of two intervals.
  expect(Math.max(...gapsMs)).toBeLessThan(2 * fleet.refreshIntervalMs);
  await fleet.expectPromises();
});

test('ten failovers within one interval make one source call (promise 5)', { timeout: 120_000 }, async () => {
  const fleet = await startFleet({ refreshIntervalMs: 600_000 });
  for (let failover = 1; failover <= 10; failover += 1) {
    const leader = fleet.leader();
    const elected = fleet.next(isGranted, fleet.except(leader));
    await (failover % 2 === 0 ? leader.kill() : leader.stop());
    expect(await elected).toMatchObject({ epoch: failover + 1 });
    await fleet.grow(1);
  }
  expect(fleet.source.calls).toHaveLength(1);
  await fleet.expectPromises();
});
