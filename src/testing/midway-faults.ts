/**
 * Faults that strike in the middle of something: while a command runs at Redis, or a source is called. By chance alone
 * nothing ever happens in the millisecond between a command and its answer, and that is where protocols break.
 *
 * Each waits, once begun, for the next command of one name, or the next source call, and strikes then.
 */
import type { FaultKind } from './fault-kind.ts';
import type { Picker } from './random.ts';
import { type Refusal, refusals } from './refusals.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';
import type { SimulatedPod } from './simulated-pod.ts';

const commands = [
  'acquire',
  'takeOver',
  'renew',
  'release',
  'claim',
  'defer',
  'publish',
  'confirm',
  'poll',
  'download',
  'restore',
] as const;

/** Strikes at the pod that sent the command (or called the source), or at Redis. Returns what ends it. */
type Strike = (
  fleet: SimulatedFleet,
  pod: SimulatedPod,
  picker: Picker,
  command: string | undefined,
) => (() => void) | undefined;

/** Before Redis runs the command; what is done to a pod is done in a step of its own, before the answer arrives. */
function midway(strike: Strike, { yields = 0.2 } = {}): FaultKind {
  return {
    lasts: [2_000, 300_000],
    begin: (fleet, picker) => {
      const isCommand = picker.chance(0.8);
      const name = picker.chance(yields) ? 'yield' : picker.one(commands);
      // Only a leader whose source fails yields.
      const [leader] = fleet.leaders;
      const isYieldWanted = isCommand && name === 'yield' && leader !== undefined;
      if (isYieldWanted) fleet.source.fail({ pod: leader.name });
      let end: (() => void) | undefined;
      const hit = (podId: string) => {
        const pod = fleet.pods.find(({ id, state }) => id === podId && state === 'running');
        if (pod) end = strike(fleet, pod, picker, isCommand ? name : undefined);
      };
      const forget = isCommand ? fleet.redis.onNext(name, hit) : fleet.source.onNextCall(hit);
      return () => {
        forget();
        if (isYieldWanted) fleet.source.heal();
        end?.();
      };
    },
  };
}

/** As a step of the pod, after the command has run. */
function after(fleet: SimulatedFleet, pod: SimulatedPod, run: () => void): void {
  const { id } = pod;
  const still = () => pod.id === id && pod.state === 'running' && run();
  fleet.network.timeline.after(0, still, 'a fault in the middle of a command', pod);
}

type Next = (fleet: SimulatedFleet, pod: SimulatedPod, refusal: Refusal) => void;

const whileFinishing: readonly [Next, ...Next[]] = [
  ({ redis }) => redis.evict('leader_lock'),
  ({ redis }) => redis.evict('lease'),
  ({ redis }, pod) => redis.disconnect(pod.id),
  ({ redis, network }, _, refusal) => {
    redis.refuse(refusal);
    network.timeline.after(500, () => redis.refusal && redis.serve(), 'a refusal ends');
  },
  // Longer than the belief window: the lease is uncertain, or lost to another pod.
  ({ network }, pod) => {
    if (!pod.isAwake) return;
    pod.pause();
    network.timeline.after(2_000, () => pod.state === 'paused' && pod.resume(), 'a pause ends', pod);
  },
  // An order that comes twice.
  (_, pod) => void (pod.state === 'stopping' && pod.manager.stop()),
];

export const midwayFaults = {
  /** More often than not something else comes while it finishes. */
  'midway.stop': midway((fleet, pod, picker) => {
    // A call that takes long leaves time for it.
    fleet.source.slow(Math.round(picker.between(500, 8_000)), { pod: pod.name, times: 1 });
    after(fleet, pod, () => pod.stop());
    const nextMs = picker.between(1, 1_000);
    const next = picker.one(whileFinishing);
    const refusal = picker.one(refusals);
    if (picker.chance(0.7))
      fleet.network.timeline.after(nextMs, () => next(fleet, pod, refusal), 'a fault while it stops');
    return () => {
      if (pod.state === 'stopped') pod.start();
    };
  }),
  'midway.crash': midway((fleet, pod) => {
    after(fleet, pod, () => pod.crash());
    return () => {
      if (pod.state === 'crashed') pod.start();
    };
  }),
  'midway.pause': midway((fleet, pod, picker) => {
    const lastsMs = Math.round(picker.between(100, 4_000));
    after(fleet, pod, () => {
      pod.pause();
      fleet.network.timeline.after(lastsMs, () => pod.state === 'paused' && pod.resume(), 'a pause ends', pod);
    });
    return undefined;
  }),
  /** The command runs, and its answer comes late or never. */
  'midway.cut': midway((fleet, pod, picker) => {
    pod.cut('fromRedis');
    fleet.network.timeline.after(Math.round(picker.between(100, 4_000)), () => pod.heal(), 'a cut ends');
    return undefined;
  }),
  'midway.reset': midway((fleet, pod) => {
    after(fleet, pod, () => fleet.redis.disconnect(pod.id));
    return undefined;
  }),
  'midway.refuse': midway(({ redis, network }, _pod, picker) => {
    redis.refuse(picker.one(refusals));
    const serve = () => void (redis.refusal && redis.serve());
    network.timeline.after(Math.round(picker.between(10, 5_000)), serve, 'a refusal ends');
    return serve;
  }),
  /** Before it runs: the lease is lost, or fenced, in the middle of the holder's work. */
  'midway.evict': midway(({ redis }, _pod, picker) => {
    redis.evict(picker.one(['leader_lock', 'leader_lock', 'lease', 'data_version', 'schedule'] as const));
    return undefined;
  }),
  /** Somebody sets the pod's wall clock: its belief may end by that alone. */
  'midway.stepClock': midway((_fleet, pod, picker) => {
    pod.stepClock(Math.round(picker.between(-5_000, 60_000)));
    return undefined;
  }),
  /** What happens meanwhile is heard before the answer; half of the time it is that another pod gets the lease. */
  'midway.overtaken': midway(
    ({ network, redis }, pod, picker, command) => {
      const lateMs = picker.between(100, 1_200);
      const isLockLost = picker.chance(0.5);
      if (command === undefined) return undefined;
      network.holdUp('redis', pod.name, `the answer to ${command}`, lateMs);
      if (isLockLost) network.timeline.after(0, () => redis.evict('leader_lock'), 'an eviction after a command');
      return undefined;
    },
    { yields: 0.6 },
  ),
} satisfies Record<string, FaultKind>;
