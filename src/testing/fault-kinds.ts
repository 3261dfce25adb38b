/**
 * The faults that a swarm can draw, by name. Each is begun at some moment and, most of them, ended at another.
 *
 * A fault that can't be (a pause of a pod that is gone) doesn't happen. A pod is drawn when the fault begins; half of
 * the time it is the leader, because that is where it hurts.
 */
import type { Begin, FaultKind } from './fault-kind.ts';
import { midwayFaults } from './midway-faults.ts';
import { calm } from './network.ts';
import type { Picker } from './random.ts';
import { refusals } from './refusals.ts';
import type { SimulatedFleet } from './simulated-fleet.ts';
import type { SimulatedPod } from './simulated-pod.ts';

const keys = ['leader_lock', 'lease', 'data_version', 'schedule', 'pods', 'pods:order', 'pods:reports'] as const;
const directions = ['both', 'toRedis', 'fromRedis'] as const;

function target(fleet: SimulatedFleet, picker: Picker): SimulatedPod {
  const isLeader = picker.chance(0.5);
  const [leader] = fleet.leaders;
  const any = fleet.pods[picker.int(fleet.pods.length)] as SimulatedPod;
  return isLeader && leader ? leader : any;
}

const isUp = (pod: SimulatedPod) => pod.state === 'running';

/** On a pod that runs; ended by starting it anew, if it is still down. */
function downing(begin: (pod: SimulatedPod) => void): Begin {
  return (fleet, picker) => {
    const pod = target(fleet, picker);
    if (!isUp(pod)) return undefined;
    begin(pod);
    return () => {
      if (pod.state === 'crashed' || pod.state === 'stopped') pod.start();
    };
  };
}

function onSource(
  begin: (fleet: SimulatedFleet, scope: { pod?: string; times?: number }, picker: Picker) => void,
): Begin {
  return (fleet, picker) => {
    const pod = target(fleet, picker).name;
    const times = 1 + picker.int(8);
    begin(fleet, picker.one([{}, { pod }, { times }, { pod, times }] as const), picker);
    return () => fleet.source.heal();
  };
}

export const faultKinds = {
  'pod.crash': { lasts: [0, 60_000], begin: downing((pod) => pod.crash()) },
  'pod.vanish': { lasts: [1_000, 180_000], begin: downing((pod) => pod.crash({ isSilent: true })) },
  'pod.stop': { lasts: [500, 60_000], begin: downing((pod) => pod.stop()) },
  'pod.pause': {
    lasts: [50, 150_000],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      if (!isUp(pod)) return undefined;
      pod.pause();
      return () => pod.state === 'paused' && pod.resume();
    },
  },
  'pod.skewClock': {
    lasts: [5_000, 300_000],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      pod.skewClock(Math.round(picker.between(0.9, 1.1) * 1_000) / 1_000);
      return () => pod.skewClock(1);
    },
  },
  'pod.stepClock': {
    lasts: [0, 0],
    begin: (fleet, picker) => {
      target(fleet, picker).stepClock(Math.round(picker.between(-3_600_000, 3_600_000)));
      return undefined;
    },
  },
  'network.cut': {
    lasts: [200, 90_000],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      pod.cut(picker.one(directions));
      return () => pod.heal();
    },
  },
  'network.reset': {
    lasts: [0, 0],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      fleet.redis.disconnect(pod.id);
      return undefined;
    },
  },
  /** Redis has closed the connection, and the pod doesn't hear of it: it isn't present and may believe that it leads. */
  'network.halfOpen': {
    lasts: [200, 10_000],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      pod.cut(picker.one(['both', 'fromRedis'] as const));
      fleet.redis.disconnect(pod.id);
      return () => pod.heal();
    },
  },
  'network.noise': {
    lasts: [5_000, 120_000],
    begin: (fleet, picker) => {
      const rate = () => (picker.chance(0.6) ? picker.next() ** 3 * 0.3 : 0);
      const spikeMs = Math.round(picker.one([20, 300, 1_500, 4_000]) * picker.next());
      fleet.makeNoise({ drop: rate(), duplicate: rate(), reorder: rate(), spike: rate(), spikeMs });
      return () => fleet.makeNoise(calm);
    },
  },
  'redis.stop': {
    lasts: [50, 60_000],
    begin: ({ redis }) => {
      if (!redis.isRunning) return undefined;
      redis.stop();
      return () => redis.isRunning || redis.start();
    },
  },
  'redis.wipe': { lasts: [0, 0], begin: ({ redis }) => instantly(() => redis.wipe()) },
  'redis.evict': {
    lasts: [0, 0],
    begin: ({ redis, datasets }, picker) => instantly(() => redis.evict(picker.one([...keys, ...backups(datasets)]))),
  },
  'redis.damage': {
    lasts: [0, 0],
    begin: ({ redis, datasets }, picker) =>
      instantly(() => redis.damage(picker.one(['data_version', ...backups(datasets)]), '{"broken":')),
  },
  'redis.loseLast': {
    lasts: [0, 0],
    begin: ({ redis }, picker) => instantly(() => redis.loseLast(Math.round(picker.between(300, 15_000)))),
  },
  'redis.failover': {
    lasts: [0, 0],
    begin: ({ redis }, picker) => {
      if (!redis.isRunning) return undefined;
      const [loses, down] = [Math.round(picker.between(1, 3_000)), Math.round(picker.between(100, 8_000))];
      return instantly(() => redis.failover({ loses, down }));
    },
  },
  'redis.refuse': {
    lasts: [200, 60_000],
    begin: ({ redis }, picker) => {
      redis.refuse(picker.one(refusals));
      return () => redis.serve();
    },
  },
  'redis.hidePresence': {
    lasts: [1_000, 120_000],
    begin: ({ redis }) => {
      redis.hidePresence();
      return () => redis.showPresence();
    },
  },
  /** Memory runs out while a source is called: what it answers can't be published. */
  'redis.fillUp': {
    lasts: [2_000, 60_000],
    begin: ({ redis, source }) => {
      const forget = source.onNextCall(() => redis.refuse('OOM'));
      return () => {
        forget();
        if (redis.refusal === 'OOM') redis.serve();
      };
    },
  },
  'source.fail': { lasts: [5_000, 400_000], begin: onSource(({ source }, scope) => source.fail(scope)) },
  'source.hang': { lasts: [5_000, 100_000], begin: onSource(({ source }, scope) => source.hang(scope)) },
  'source.garbage': { lasts: [5_000, 300_000], begin: onSource(({ source }, scope) => source.garbage(scope)) },
  'source.slow': {
    lasts: [5_000, 300_000],
    begin: onSource(({ source }, scope, picker) => source.slow(Math.round(picker.between(100, 40_000)), scope)),
  },
  'source.rateLimit': {
    lasts: [5_000, 300_000],
    begin: onSource(({ source }, scope, picker) => source.rateLimit(Math.round(picker.between(1_000, 90_000)), scope)),
  },
  'source.unchanged': { lasts: [5_000, 600_000], begin: onSource(({ source }, scope) => source.unchanged(scope)) },
  'source.repeat': { lasts: [5_000, 600_000], begin: onSource(({ source }, scope) => source.repeat(scope)) },
  /** No fault: load at the wrong moment. */
  'refresh.request': {
    lasts: [0, 0],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      if (!isUp(pod)) return undefined;
      const dataset = fleet.datasets[picker.int(fleet.datasets.length)] as string;
      pod
        .refresh(dataset)
        .catch((error: Error) => fleet.watch.report('serving', `refresh('${dataset}') threw: ${error.message}`));
      return undefined;
    },
  },
  /** No fault either: somebody asks the leader to give its lease to another. */
  'leader.stepDown': {
    lasts: [0, 0],
    begin: (fleet, picker) => {
      const pod = target(fleet, picker);
      if (!isUp(pod)) return undefined;
      pod.stepDown().catch((error: Error) => fleet.watch.report('serving', `stepDown() threw: ${error.message}`));
      return undefined;
    },
  },
  ...midwayFaults,
} satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faultKinds;
export const faultNames = Object.keys(faultKinds) as [FaultName, ...FaultName[]];

function instantly(run: () => void): undefined {
  run();
}

function backups(datasets: readonly string[]): string[] {
  return datasets.map((dataset) => `${dataset}_backup`);
}
