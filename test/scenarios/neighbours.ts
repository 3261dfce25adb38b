/** A second fleet in the same Redis, whose namespace begins with the name of the first one. */
import { z } from 'zod';
import { createDataManager, type DistributedDataManager } from '../../src/manager.ts';
import { memoryConnect } from '../../src/memory/connection.ts';
import { PodClock } from '../../src/testing/pod-clock.ts';
import { pickerOf } from '../../src/testing/random.ts';
import type { SimulatedFleet } from '../../src/testing/simulated-fleet.ts';

type Neighbour = DistributedDataManager<{ rates: z.ZodString }>;

const neighbours = new WeakMap<SimulatedFleet, readonly Neighbour[]>();

/** Two pods, on the same virtual time; what they tell is none of the fleet's trace. */
export function startNeighbours(fleet: SimulatedFleet): void {
  const names = ['neighbour-1', 'neighbour-2'];
  neighbours.set(
    fleet,
    names.map((name) => startNeighbour(fleet, name)),
  );
}

function startNeighbour(fleet: SimulatedFleet, podId: string): Neighbour {
  let ids = 0;
  const namespace = `${fleet.redis.space.name}2`;
  const manager = createDataManager({
    namespace,
    podId,
    datasets: { rates: { schema: z.string(), source: async () => 'of the neighbours', refreshInterval: '5m' } },
    clock: new PodClock(fleet.network.timeline),
    random: pickerOf(fleet.seed, podId).next,
    newId: () => `${podId}:${++ids}`,
    logger: false,
    connect: memoryConnect(fleet.redis.hub, namespace),
  });
  // That it comes up is seen by what is expected of it.
  manager.start().catch(() => undefined);
  return manager;
}

/**
 * One of them leads, as in the beginning, and both have data of their own.
 *
 * @throws Error that says what is otherwise
 */
export function expectUndisturbed(fleet: SimulatedFleet): void {
  const managers = neighbours.get(fleet) ?? [];
  const leaders = managers.filter((manager) => manager.isLeader());
  if (leaders.length !== 1) throw new Error(`${leaders.length} of ${managers.length} neighbours lead.`);
  for (const manager of managers) {
    const { epoch, isValid } = manager.version('rates');
    if (epoch !== 1 || !isValid || manager.get('rates') !== 'of the neighbours')
      throw new Error(`${manager.podId} has ${manager.get('rates')}, under epoch ${epoch}.`);
  }
}
