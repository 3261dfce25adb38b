/**
 * Random histories as data. A step is a name and a seed, and finds its details in what the fleet knows when it comes
 * about, so any step can be left out and the rest still makes sense: that is what shrinking needs.
 */

import { type Picker, pickerOf } from '../../../src/testing/random.ts';
import type { World } from '../world.ts';
import { builders, type Command, type CommandName } from './commands.ts';
import type { Fleet } from './fleet.ts';

type Deed = 'advance' | 'wipe' | 'evict' | 'set' | 'connect' | 'disconnect' | 'again' | 'comeBack';
export type StepName = Deed | CommandName;
export type Step = Readonly<{ name: StepName; seed: number }>;

/** How often, in relation to each other. */
const weights: Readonly<Record<StepName, number>> = {
  ...{ advance: 40, again: 6, comeBack: 8, connect: 4, disconnect: 5, evict: 3, set: 1.2, wipe: 0.5 },
  ...{ acquire: 18, takeOver: 12, renew: 12, release: 1.5, yield: 4 },
  ...{ poll: 16, leave: 1, download: 3, restore: 4, suspect: 3 },
  ...{ publish: 12, confirm: 5, claim: 14, defer: 5, send: 2 },
};
const names = Object.keys(weights) as StepName[];
const total = names.reduce((sum, name) => sum + weights[name], 0);

export function stepsOf(seed: number, count: number): Step[] {
  const pick = pickerOf(seed);
  return Array.from({ length: count }, () => ({ name: pickName(pick), seed: pick.int(2 ** 31) }));
}

function pickName(pick: Picker): StepName {
  let left = pick.next() * total;
  for (const name of names) {
    left -= weights[name];
    if (left < 0) return name;
  }
  return 'advance';
}

/** What a step comes down to: a command of one pod, a move of the clock, or something done to the store. */
export type Action =
  | (Command & { kind: 'command'; afterMs: number })
  | { kind: 'connect' | 'disconnect'; podId: string }
  | { kind: 'world'; change(world: World): unknown };

export type Resolved = Readonly<{ action: Action; says: string }>;

const evictable = ['leader_lock', 'lease', 'data_version', 'rates_backup', 'terms_backup', 'schedule', 'pods'] as const;
const writable = [
  ['leader_lock', 'somebody'],
  ['leader_lock', 'pod-1#1'],
  ['leader_lock', 'pod-2#3'],
  ['data_version', 'garbage'],
  ['data_version', '{"format":1,"generation":"g","generatedAt":5,"datasets":{"rates":{"revision":3}}}'],
  ['data_version', '{"format":2}'],
  ['rates_backup', 'garbage'],
] as const;

/** The last command, and the last that was told to come back, with the moment it was told. */
export type Sent = { last?: Command; waiting?: Command & { at: number } };

/** Undefined when there is nothing to do. */
export function resolve({ name, seed }: Step, fleet: Fleet, now: number, sent: Sent): Resolved | undefined {
  const { last, waiting } = sent;
  const pick = pickerOf(seed);
  switch (name) {
    case 'advance': {
      const ms = advanceBy(fleet, now, pick);
      if (ms < 0) return done(`set back by ${-ms} ms`, (world) => world.setBack(-ms));
      return done(`advance ${ms} ms`, (world) => world.advance(ms));
    }
    case 'wipe':
      return done('wipe', (world) => world.wipe());
    case 'evict': {
      const key = pick.one([...evictable, 'pods:order', 'pods:reports']);
      return done(`evict ${key}`, (world) => world.evict(key));
    }
    case 'set': {
      const [key, text] = pick.one(writable);
      return done(`set ${key} ${text}`, (world) => world.set(key, text));
    }
    case 'connect':
    case 'disconnect':
      return reconnection(name, fleet, pick);
    case 'again':
      return last && fleet.connected.has(last.podId) ? commanded('again ', last, 0) : undefined;
    case 'comeBack': {
      if (!waiting || waiting.at < now || !fleet.connected.has(waiting.podId)) return undefined;
      return commanded('comes back ', waiting, Math.max(0, waiting.at - now + pick.one([-1, 0, 0, 0, 1])));
    }
    default: {
      const podId = pickPod(fleet, pick);
      return podId === undefined ? undefined : commanded('', { name, podId, ...builders[name](fleet, podId, pick) }, 0);
    }
  }
}

function done(says: string, change: (world: World) => unknown): Resolved {
  return { says, action: { kind: 'world', change } };
}

function commanded(how: string, { name, podId, request, send }: Command, afterMs: number): Resolved {
  const delay = afterMs > 0 ? `after ${afterMs} ms ` : '';
  const action: Action = { kind: 'command', name, podId, request, send, afterMs };
  return { says: `${podId} ${how}${delay}${name} ${textOf(request)}`, action };
}

function reconnection(kind: 'connect' | 'disconnect', fleet: Fleet, pick: Picker): Resolved | undefined {
  const podId = pick.chance(kind === 'connect' ? 0.1 : 0.7) ? (fleet.lock?.podId ?? '') : pick.one(fleet.podIds);
  if (!fleet.podIds.includes(podId) || fleet.connected.has(podId) === (kind === 'connect')) return undefined;
  return { says: `${podId} ${kind}s`, action: { kind, podId } };
}

function pickPod(fleet: Fleet, pick: Picker): string | undefined {
  const [first, ...others] = fleet.podIds.filter((podId) => fleet.connected.has(podId));
  return first && pick.one([first, ...others]);
}

/** Often right to, just before or just after a moment that an answer named; sometimes the clock is set back. */
function advanceBy(fleet: Fleet, now: number, pick: Picker): number {
  const [boundary] = fleet.boundaries.filter((at) => at >= now).sort((left, right) => left - right);
  if (boundary !== undefined && pick.chance(0.2)) return Math.max(0, boundary - now + pick.one([-1, 0, 0, 1]));
  if (pick.chance(0.02)) return pick.one([-1, -700, -20_000, -3_600_000]);
  return pick.one([0, 1, 10, 50, 100, 100, 100, 400, 400, 400, 1_000, 1_250, 1_500, 5_000]);
}

export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part?.type === 'Buffer' ? Buffer.from(part.data).toString() : part));
}
