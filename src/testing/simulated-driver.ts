/** Runs a model's path against a simulated fleet: virtual time, so minutes of failover take milliseconds. */
import type { Duration } from '../duration.ts';
import type { Schemas } from '../manager-options.ts';
import { parseOptions } from '../options.ts';
import { DriverOptions } from './driver-options.ts';
import type { FailoverDriver, FailoverEvent } from './failover-driver.ts';
import type { FleetOptions } from './fleet-options.ts';
import { heal } from './heal.ts';
import { converged, leaderElected } from './predicates.ts';
import { type SimulatedFleet, simulateFleet } from './simulated-fleet.ts';
import type { SimulatedPod } from './simulated-pod.ts';
import type { TransitionCoverage } from './transition-coverage.ts';

export type SimulatedDriverOptions<S extends Schemas> = Omit<FleetOptions<S>, 'pods' | 'inspect'> & {
  /** What events of your own model do, beside those of `failoverModel`. While one awaits, time passes: 10 minutes at most. */
  on?: Record<string, (fleet: SimulatedFleet<S>, event: never) => void | Promise<void>>;
  /** How long the fleet has after each event. Default 5 s of virtual time. */
  settle?: Duration;
  /** Notes the states and transitions of the pods' machines that the paths cover. */
  coverage?: TransitionCoverage;
};

/**
 * @returns a driver for one path
 * @throws BellwetherError `configuration` for options of its own; those of the fleet are checked at its start
 */
export function simulatedDriver<S extends Schemas>(options: SimulatedDriverOptions<S>): FailoverDriver {
  parseOptions('simulatedDriver()', DriverOptions.loose(), options);
  const { on = {}, settle: usualSettle = '5s', coverage, ...fleetOptions } = options;
  let started: SimulatedFleet<S> | undefined;
  let first: SimulatedPod<S> | undefined;
  const fleet = () => {
    if (!started) throw new Error('The driver was not started.');
    return started;
  };
  const leader = () => {
    first ??= fleet().leader;
    return first;
  };
  const orders: Record<string, (event: never) => void | Promise<void>> = {
    'leader.crash': () => leader().crash(),
    'leader.stop': () => leader().stop(),
    'leader.pause': () => leader().pause(),
    'leader.cut': () => leader().cut(),
    'redis.stop': () => fleet().redis.stop(),
    'redis.start': () => fleet().redis.start(),
    'redis.wipe': () => fleet().redis.wipe(),
    'source.fail': () => fleet().source.fail(),
    'source.heal': () => fleet().source.heal(),
    ...Object.fromEntries(Object.entries(on).map(([type, order]) => [type, (event: never) => order(fleet(), event)])),
  };
  return {
    events: Object.keys(orders),
    async start(pods) {
      const inspect = coverage && { inspect: coverage.note };
      started = await simulateFleet<S>({ ...fleetOptions, pods, ...inspect } as FleetOptions<S>);
      await started.until(converged);
      await started.until(leaderElected);
      first = started.leader;
    },
    async perform(event: FailoverEvent) {
      // An order may await what only time brings.
      await fleet().outcome(Promise.resolve(orders[event.type]?.(event as never)));
    },
    settle: (duration) => fleet().advance(duration ?? usualSettle),
    view: () => {
      const pods = fleet().pods.filter(({ isAwake }) => isAwake);
      const views = pods.map((pod) => ({
        podId: pod.id,
        role: () => pod.role(),
        isLeader: () => pod.isLeader(),
        get: (dataset: string) => pod.get(dataset),
        version: (dataset: string) => pod.version(dataset),
      }));
      return { pods: views, leaders: views.filter((pod) => pod.isLeader()) };
    },
    async recover() {
      heal(fleet());
      await fleet().until(converged, { within: Math.ceil(fleet().expect.convergenceBoundMs) });
    },
    judge: () => fleet().expect.promises(),
    stop: async () => {},
  };
}
