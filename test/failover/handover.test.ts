/** Many want the lease at once. */
import { expect, test } from 'vitest';
import { becomes, isGranted, onTheWire, startFleet } from './fleet.ts';

test('three candidates ask at the same instant: one of them is granted the lease (promises 2 and 6)', async () => {
  const fleet = await startFleet({ isProxied: true });
  const proxies = fleet.pods.map((pod) => fleet.proxyOf(pod));
  const areCut = fleet.each(becomes('degraded'));
  for (const proxy of proxies) proxy.refuse();
  await areCut;
  for (const proxy of proxies) proxy.heal();
  const held = await Promise.all(proxies.map((proxy) => proxy.hold('toServer', onTheWire('acquire'))));
  await fleet.operator().del('test:leader_lock');
  const before = fleet.grants;
  const granted = fleet.next(isGranted);
  await Promise.all(held.map((letGo) => letGo()));
  await granted;
  await fleet.converge();
  expect(fleet.grants - before).toBe(1);
  await fleet.expectPromises();
});
