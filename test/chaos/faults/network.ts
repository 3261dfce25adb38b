/** Faults between the pods and Redis: each pod has a proxy of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Picker } from '../../../src/testing/random.ts';
import type { Slot } from '../fleet.ts';
import { between, type Fault, followersOf, type World } from './fault.ts';

type Choose = (world: World) => readonly Slot[];

const leader: Choose = ({ fleet }) => {
  const slot = fleet.leader();
  return slot ? [slot] : [];
};
const followers: Choose = ({ fleet }) => followersOf(fleet);
const everyone: Choose = ({ fleet }) => fleet.slots;

const onLinks = (
  kind: string,
  choose: Choose,
  lastsMs: Fault['lastsMs'],
  spoil: (slot: Slot, picker: Picker) => void,
): Fault => ({
  kind,
  resource: 'network',
  lastsMs,
  inject: async (world, picker) => {
    const slots = choose(world);
    for (const slot of slots) spoil(slot, picker);
    const heal = () => {
      for (const { proxy } of slots) proxy.heal();
    };
    return slots.length === 0 ? undefined : heal;
  },
});

const flapping = (kind: string, choose: Choose): Fault => ({
  kind,
  resource: 'network',
  lastsMs: between(0, 0),
  inject: async (world, picker) => {
    const slots = choose(world);
    for (let left = 3 + picker.int(6); left > 0; left -= 1) {
      for (const { proxy } of slots) proxy.refuse();
      await sleep(50 + picker.int(500), undefined, { signal: world.signal });
      for (const { proxy } of slots) proxy.heal();
      await sleep(50 + picker.int(700), undefined, { signal: world.signal });
    }
    return slots.length === 0 ? undefined : () => undefined;
  },
});

const refuse = ({ proxy }: Slot) => proxy.refuse();
const silence =
  (direction?: 'toServer' | 'toClient') =>
  ({ proxy }: Slot) =>
    proxy.silence(direction);

/** Longer than a leader goes on that is heard but never hears. */
const silent: Fault['lastsMs'] = ({ timing }) => [500, timing.uncertainLimitMs + 2_000];

export const networkFaults: readonly Fault[] = [
  onLinks('the leader is cut off', leader, between(200, 8_000), refuse),
  onLinks('the followers are cut off', followers, between(200, 8_000), refuse),
  onLinks('everyone is cut off', everyone, between(200, 8_000), refuse),
  onLinks('all connections are reset once', everyone, between(0, 0), ({ proxy }) => proxy.cut()),
  flapping('the link of the leader flaps', leader),
  flapping('all links flap', everyone),
  onLinks('the leader is heard but does not hear', leader, silent, silence('toClient')),
  onLinks('the leader hears but is not heard', leader, silent, silence('toServer')),
  onLinks('the link of the leader is silent', leader, silent, silence()),
  onLinks('the links of the followers are silent', followers, silent, silence()),
  onLinks('the link of the leader is slow', leader, between(1_000, 6_000), ({ proxy }, picker) =>
    proxy.delay(20 + picker.int(700)),
  ),
  onLinks('all links are slow and narrow', everyone, between(1_000, 6_000), ({ proxy }, picker) => {
    proxy.delay(picker.int(200));
    proxy.slow(4_000 + picker.int(40_000));
  }),
];
