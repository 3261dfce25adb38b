/** The words of a scenario, one order a line, and what each does to the simulated fleet. */
import { calm } from '../../src/testing/network.ts';
import { converged, leaderElected } from '../../src/testing/predicates.ts';
import { type Refusal, refusals } from '../../src/testing/refusals.ts';
import type { SimulatedFleet } from '../../src/testing/simulated-fleet.ts';
import type { SimulatedPod } from '../../src/testing/simulated-pod.ts';
import { afterTheNext, answerLate, arrivalOf, callOf, known } from './midway.ts';
import { expectUndisturbed, startNeighbours } from './neighbours.ts';

/** Words of one line, after the first. */
type Words = readonly string[];
type Orders<Of> = Readonly<Record<string, (of: Of, words: Words) => void>>;

const ms = (text: string | undefined) => {
  const match = /^(-?)(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '');
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[3] ?? ''];
  if (!match || unit === undefined) throw new Error(`expected a duration such as 2s, got "${text ?? ''}"`);
  return Number(`${match[1]}${match[2]}`) * unit;
};

const podOrders: Orders<SimulatedPod> = {
  crashes: (pod) => pod.crash(),
  vanishes: (pod) => pod.crash({ isSilent: true }),
  pauses: (pod) => pod.pause(),
  resumes: (pod) => pod.resume(),
  stops: (pod) => pod.stop(),
  starts: (pod) => pod.start(),
  restarts: (pod) => pod.restart(),
  'is-cut-off': (pod) => pod.cut(),
  'cannot-hear': (pod) => pod.cut('fromRedis'),
  'cannot-speak': (pod) => pod.cut('toRedis'),
  'is-connected': (pod) => pod.heal(),
  'runs-at': (pod, [rate]) => pod.skewClock(Number(rate)),
  'steps-clock': (pod, [by]) => pod.stepClock(ms(by)),
  // What comes of it is in the trace.
  'asks-for': (pod, [dataset = '']) => void pod.refresh(dataset),
  'asks-for-a-step-down': (pod) => void pod.stepDown(),
};

const redisOrders: Orders<SimulatedFleet> = {
  stops: ({ redis }) => redis.stop(),
  starts: ({ redis }) => redis.start(),
  'is-wiped': ({ redis }) => redis.wipe(),
  'loses-key': ({ redis }, [key = '']) => redis.evict(key),
  'damages-key': ({ redis }, [key = '']) => redis.damage(key, '{"broken":'),
  'loses-last': ({ redis }, [duration]) => redis.loseLast(ms(duration)),
  'fails-over': ({ redis }, [loses, down]) => redis.failover({ loses: ms(loses), down: ms(down) }),
  'moves-the-slot': ({ redis }) => redis.moveSlot(),
  'drops-connection-of': (fleet, [name]) => fleet.redis.disconnect(podOf(fleet, name).id),
  refuses: ({ redis }, [kind]) => {
    if (!refusals.includes(kind as Refusal))
      throw new Error(`Redis refuses with ${refusals.join(', ')}, not "${kind}"`);
    redis.refuse(kind as Refusal);
  },
  serves: ({ redis }) => redis.serve(),
  'steps-clock': ({ redis }, [by]) => redis.stepClock(ms(by)),
  'runs-its-clock-at': ({ redis }, [rate]) => redis.skewClock(Number(rate)),
  'hides-presence': ({ redis }) => redis.hidePresence(),
  'shows-presence': ({ redis }) => redis.showPresence(),
};

const networkOrders: Orders<SimulatedFleet> = {
  'takes-up-to': (fleet, [duration]) => fleet.makeNoise({ ...calm, spike: 1, spikeMs: ms(duration) }),
  'is-calm': (fleet) => fleet.makeNoise(calm),
  // `holds-up publish of pod-1 by 2m`: the next one.
  'holds-up': (fleet, [command, , pod, , by]) =>
    fleet.network.holdUp(podOf(fleet, pod).name, 'redis', known(command), ms(by)),
  // `answers pod-1 late-by 1s for 2m`: every time.
  answers: (fleet, [pod, , by, , duration]) => answerLate(fleet, podOf(fleet, pod), ms(by), ms(duration)),
};

const neighbourOrders: Orders<SimulatedFleet> = { start: startNeighbours };

/** `for pod-1`, `3 times`. */
function scope(words: Words): { pod?: string; times?: number } {
  const text = words.join(' ');
  const [, pod] = /for (\S+)/.exec(text) ?? [];
  const [, times] = /(\d+) times/.exec(text) ?? [];
  return { ...(pod && { pod }), ...(times && { times: Number(times) }) };
}

const sourceOrders: Orders<SimulatedFleet> = {
  fails: ({ source }, words) => source.fail(scope(words)),
  hangs: ({ source }, words) => source.hang(scope(words)),
  'answers-garbage': ({ source }, words) => source.garbage(scope(words)),
  'limits-the-rate-for': ({ source }, [duration, ...words]) => source.rateLimit(ms(duration), scope(words)),
  'is-slow-by': ({ source }, [duration, ...words]) => source.slow(ms(duration), scope(words)),
  'has-nothing-new': ({ source }, words) => source.unchanged(scope(words)),
  heals: ({ source }) => source.heal(),
};

/** @throws Error that says which words there are */
export async function obey(fleet: SimulatedFleet, line: string): Promise<void> {
  const [first = '', ...words] = line.split(/\s+/);
  if (first === 'wait') return fleet.advance(ms(words[0]));
  if (first === 'until') return wait(fleet, words);
  if (first === 'expect') return expectation(fleet, words.join(' '));
  if (first === 'at-the-next') return afterTheNext(fleet, known(words[0]), () => carryOut(fleet, words.slice(1)));
  if (first === 'at-the-next-call') return void fleet.source.onNextCall(() => carryOut(fleet, words));
  return carryOut(fleet, [first, ...words]);
}

/** What takes no time. */
function carryOut(fleet: SimulatedFleet, [first = '', order = '', ...rest]: Words): void {
  if (first === 'redis') pick(redisOrders, order)(fleet, rest);
  else if (first === 'neighbours') pick(neighbourOrders, order)(fleet, rest);
  else if (first === 'network') pick(networkOrders, order)(fleet, rest);
  else if (first === 'source') pick(sourceOrders, order)(fleet, rest);
  else pick(podOrders, order)(podOf(fleet, first), rest);
}

/** `until pod-2 is follower within 5s`, `until elected`, `until converged`, `until called`, `until renew of pod-1 arrives`. */
async function wait(fleet: SimulatedFleet, words: Words): Promise<void> {
  const at = words.indexOf('within');
  const limit = at < 0 ? {} : { within: ms(words[at + 1]) };
  const what = words.slice(0, at < 0 ? undefined : at);
  const [name, , role] = what;
  if (what.at(-1) === 'arrives') return fleet.until(arrivalOf(fleet, known(name), podOf(fleet, role).id), limit);
  if (name === 'called') return fleet.until(callOf(fleet), limit);
  if (name === 'elected') return fleet.until(leaderElected, limit);
  if (name === 'converged') return fleet.until(converged, limit);
  if (what.length !== 3)
    throw new Error(
      `"until ${what.join(' ')}": wait for elected, converged, called, "<pod> is <role>" or "<command> of <pod> arrives"`,
    );
  const pod = podOf(fleet, name);
  return fleet.until(() => pod.state === role || (pod.isAwake && pod.role() === role), limit);
}

function expectation(fleet: SimulatedFleet, what: string): void {
  const expectations: Record<string, () => void> = {
    'one leader': () => fleet.expect.oneLeader(),
    convergence: () => fleet.expect.converged(),
    promises: () => fleet.expect.promises(),
    'undisturbed neighbours': () => expectUndisturbed(fleet),
  };
  const check = expectations[what];
  if (!check) throw new Error(`"expect ${what}": expect one of ${Object.keys(expectations).join(', ')}`);
  check();
}

function podOf(fleet: SimulatedFleet, name = ''): SimulatedPod {
  return name === 'leader' ? fleet.leader : fleet.pod(name);
}

function pick<Of>(orders: Orders<Of>, order: string): Orders<Of>[string] {
  const known = orders[order];
  if (known) return known;
  throw new Error(`"${order}" is no order: there are ${Object.keys(orders).join(', ')}`);
}
