/** Wall clocks that step or run too fast, on one pod and on Redis (Debian's faketime). */
import { describe, expect, test } from 'vitest';
import { hasFakeTime, settableTime } from '../harness/faketime.ts';
import { is, isApplied, isGranted, startFleet } from './fleet.ts';

describe.runIf(hasFakeTime)('of one pod', () => {
  test.each(['+1h', '-1h'])(
    'the leader’s clock steps by %s: its lease is unconfirmed until the next renewal, and no more',
    async (step) => {
      const fleet = await startFleet({ size: 0 });
      const time = settableTime('+0');
      const leader = await fleet.add({ fakeTime: { file: time.file } });
      await leader.until(isApplied);
      await fleet.grow(2);
      expect(fleet.leader()).toBe(leader);
      const isUncertain = leader.next(is('lease.uncertain'));
      const isConfirmed = leader.next(is('lease.confirmed'));
      time.set(step);
      await isUncertain;
      await isConfirmed;
      expect(await fleet.converge()).toBe(leader);
      expect(fleet.grants).toBe(1);
      const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
      expect(states.map(({ isValid }) => isValid)).toEqual(fleet.pods.map(() => true));
      fleet.expectNoExtraCall();
      await fleet.expectPromises();
    },
  );

  test('a clock that runs three times too fast: the pod believes for shorter, and the fleet goes on', async () => {
    const fleet = await startFleet({ size: 0 });
    const leader = await fleet.add({ fakeTime: { setting: '+0 x3' } });
    await leader.until(isApplied);
    await fleet.grow(2);
    for (let times = 1; times <= 3; times += 1) await fleet.converge();
    fleet.expectNoExtraCall();
    await fleet.expectPromises();
  });
});

describe.runIf(hasFakeTime)('of Redis', () => {
  const steps = (step: '+1h' | '-1h') => async () => {
    const time = settableTime('+0');
    const fleet = await startFleet({ redis: { fakeTime: { file: time.file } } });
    time.set(step);
    await fleet.converge();
    await fleet.converge();
    fleet.expectNoExtraCall();
    // A lock that expires at a step lets two believe for one belief window: only one can publish.
    await fleet.expectPromises({ isOneLeaderPromised: step === '-1h' });
  };
  test('its clock steps forward by an hour: a new lease, no version falls, no extra call', steps('+1h'));
  test('its clock steps back by an hour: the same lease, no version falls, no extra call', steps('-1h'));

  test('its clock runs three times too fast: leases pass on safely, and calls keep to the budget', async () => {
    const fleet = await startFleet({ redis: { fakeTime: { setting: '+0 x3' } }, refreshIntervalMs: 3_000 });
    const leader = fleet.leader();
    await fleet.converge();
    const elected = fleet.next(isGranted, fleet.except(leader));
    await leader.kill();
    await elected;
    await fleet.converge();
    // An interval on Redis' clock is a third of one here.
    await fleet.expectPromises({ budgetPerMs: fleet.refreshIntervalMs / 3 });
  });
});
