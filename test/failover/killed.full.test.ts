/** The leader's process is killed at other moments than killed.test.ts has. */
import { expect, test } from 'vitest';
import { isGranted, onTheWire, startFleet } from './fleet.ts';

test('SIGKILL of the leader while it renews: its last renewal arrives after its death, and delays the takeover by one grace', async () => {
  const fleet = await startFleet({ isProxied: true });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  const letGo = await fleet.proxyOf(leader).hold('toServer', onTheWire('renew'));
  const elected = fleet.next(isGranted, others);
  await leader.kill();
  await letGo();
  expect(await elected).toMatchObject({ cause: 'tookOver', epoch: 2 });
  await fleet.converge();
  fleet.expectNoExtraCall();
  await fleet.expectPromises();
});
