/**
 * What no fault of the swarm leads to, and what generated paths cover: the shipped model's paths against the simulated
 * fleet, a pod that is configured to stand alone, one that is stopped before it is connected, and one whose schema
 * refuses what another publishes.
 */
import { z } from 'zod';
import { createDataManager } from '../../src/index.ts';
import { memoryConnect } from '../../src/memory/connection.ts';
import { createMemoryRedis } from '../../src/memory/memory-redis.ts';
import {
  converged,
  failoverModel,
  failoverPaths,
  simulatedDriver,
  simulateFleet,
  type TransitionCoverage,
} from '../../src/testing/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const datasets = { rates: { refreshInterval: '5m' } } as const;

export async function coverOtherwise(coverage: TransitionCoverage): Promise<void> {
  const inspect = coverage.note;
  for (const { run } of failoverPaths({ model: failoverModel, pods: 3 })) {
    await run(simulatedDriver({ datasets, coverage }));
  }
  await standAlone(inspect);
  const unconnected = await simulateFleet({ pods: 1, datasets, inspect });
  unconnected.pod('pod-1').stop();
  await unconnected.advance('1s');
  await refuseBySchema(inspect);
  await failToConnect(inspect);
}

type Inspect = TransitionCoverage['note'];

async function standAlone(inspect: Inspect): Promise<void> {
  const clock = new VirtualClock();
  let day = 0;
  const manager = createDataManager({
    namespace: 'alone',
    mode: 'standalone',
    datasets: { rates: { schema: z.number(), source: async () => ++day, refreshInterval: '5m' } },
    clock,
    logger: false,
    inspect,
  });
  await Promise.all([manager.start(), clock.advance(1_000)]);
  await Promise.all([manager.refresh('rates'), clock.advance(1_000)]);
  await Promise.all([manager.stop(), clock.advance(60_000)]);
}

/** A client that refuses what it is asked to connect to, as one of another version of ioredis might. */
async function failToConnect(inspect: Inspect): Promise<void> {
  const clock = new VirtualClock();
  const toMemory = memoryConnect(createMemoryRedis({ clock }), 'unconnected');
  const open = () => {
    throw new Error('This client takes no such options.');
  };
  const manager = createDataManager({
    namespace: 'unconnected',
    datasets: { rates: { schema: z.number(), source: async () => 1, refreshInterval: '5m' } },
    clock,
    logger: false,
    inspect,
    connect: (...parts) => Object.assign(toMemory(...parts), { open }),
  });
  manager.start().catch(() => undefined);
  await clock.advance(1_000);
  await Promise.all([manager.stop(), clock.advance(60_000)]);
}

/** What the second answer is taken for differs from pod to pod, as when old and new pods run side by side. */
async function refuseBySchema(inspect: Inspect): Promise<void> {
  let day = 0;
  let isRefused = false;
  const schema = z.number().refine((answer) => {
    const isTaken = answer !== 2 || !isRefused;
    if (answer === 2) isRefused = true;
    return isTaken;
  });
  const rates = { schema, source: async () => ++day, refreshInterval: '1m' } as const;
  const fleet = await simulateFleet({ pods: 3, datasets: { rates }, inspect });
  await fleet.until(converged);
  await fleet.advance('5m');
}
