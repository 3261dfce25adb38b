/** Faults of processes: killed, paused, stopped in order. */
import type { Picker } from '../../../src/testing/random.ts';
import { timeLimit, untilEntry } from '../entries.ts';
import type { Slot } from '../fleet.ts';
import { anyOf, between, type Fault, followersOf, type Heal, type World } from './fault.ts';

type Choose = (world: World, picker: Picker) => readonly (Slot | undefined)[];

const leader: Choose = ({ fleet }) => [fleet.leader()];
const follower: Choose = ({ fleet }, picker) => [anyOf(followersOf(fleet), picker)];
const half: Choose = ({ fleet }, picker) => {
  const first = picker.int(fleet.slots.length);
  const turned = [...fleet.slots.slice(first), ...fleet.slots.slice(0, first)];
  return turned.slice(0, Math.ceil(turned.length / 2)).filter(({ state }) => state === 'awake');
};
const everyone: Choose = ({ fleet }) => fleet.awake;

const present = (slots: readonly (Slot | undefined)[]) => slots.filter((slot) => slot !== undefined);
/** Started as a deployment does it: what is gone comes back under another name. */
const startAgain =
  ({ fleet }: World, slots: readonly Slot[]): Heal =>
  () => {
    for (const slot of slots) fleet.start(slot);
  };

const kill = (kind: string, choose: Choose): Fault => ({
  kind,
  resource: 'pods',
  lastsMs: between(0, 5_000),
  inject: async (world, picker) => {
    const slots = present(choose(world, picker));
    await Promise.all(slots.map((slot) => world.fleet.kill(slot)));
    return slots.length === 0 ? undefined : startAgain(world, slots);
  },
});

const pause = (kind: string, choose: Choose, lastsMs: Fault['lastsMs']): Fault => ({
  kind,
  resource: 'pods',
  lastsMs,
  inject: async (world, picker) => {
    const slots = present(choose(world, picker));
    for (const slot of slots) world.fleet.pause(slot);
    const heal = () => {
      for (const slot of slots) world.fleet.resume(slot);
    };
    return slots.length === 0 ? undefined : heal;
  },
});

const stop = (kind: string, choose: Choose): Fault => ({
  kind,
  resource: 'pods',
  lastsMs: between(0, 2_000),
  inject: async (world, picker) => {
    // One without data is still in `start()`, which ends with an error when it is stopped, as it should.
    const slots = present(choose(world, picker)).filter(({ held }) => held !== undefined);
    await Promise.all(slots.map((slot) => world.fleet.stop(slot)));
    return slots.length === 0 ? undefined : startAgain(world, slots);
  },
});

/** A pod that can't get its data is not waited for longer. */
const readyLimitMs = 8_000;

async function restartInTurn(world: World): Promise<void> {
  for (const slot of world.fleet.slots) {
    world.signal.throwIfAborted();
    if (slot.state !== 'awake' || slot.held === undefined) continue;
    await world.fleet.stop(slot);
    world.fleet.start(slot);
    const limit = AbortSignal.any([timeLimit(readyLimitMs), world.signal]);
    await untilEntry(world.journal, limit, () => slot.held !== undefined);
  }
}

const rolling: Fault = {
  kind: 'rolling restart',
  resource: 'pods',
  lastsMs: between(0, 0),
  inject: async (world) => {
    await restartInTurn(world);
    return () => undefined;
  },
};

export const podFaults: readonly Fault[] = [
  kill('SIGKILL of the leader', leader),
  kill('SIGKILL of a follower', follower),
  kill('SIGKILL of half the fleet', half),
  kill('SIGKILL of all pods', everyone),
  pause('SIGSTOP of the leader, within its belief window', leader, ({ timing }) => [100, timing.beliefWindowMs - 200]),
  pause('SIGSTOP of the leader, within its TTL', leader, ({ timing }) => [
    timing.beliefWindowMs + 100,
    timing.leaseTtlMs - timing.renewIntervalMs - 200,
  ]),
  pause('SIGSTOP of the leader, beyond its TTL', leader, ({ timing }) => [
    timing.leaseTtlMs + 300,
    timing.leaseTtlMs + 3_000,
  ]),
  pause('SIGSTOP of a follower', follower, ({ timing }) => [200, timing.leaseTtlMs + 2_000]),
  pause('SIGSTOP of half the fleet', half, ({ timing }) => [200, timing.leaseTtlMs + 2_000]),
  stop('SIGTERM of the leader', leader),
  stop('SIGTERM of a follower', follower),
  rolling,
];
