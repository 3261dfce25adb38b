/**
 * What no fault of the swarm leads to, and what generated paths cover: the shipped model's paths against the simulated
 * fleet, a pod that is configured to stand alone, one that is stopped before it is connected, and one whose schema
 * refuses what another publishes; one whose client can't connect, a leader that loses its lease while it offers it, or is
 * stopped while it steps down, and a follower that waits until the lock of a dead leader is old enough when that is lost; a
 * leader whose second source fails while it offers the lease, and a pod that hears of lost calls while it restores.
 */
import { z } from 'zod';
import type { Announcement } from '../../machines/index.ts';
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
  await loseLeaseWhileOffering(inspect);
  await stopWhileSteppingDown(inspect);
  await loseLeaseWhileSteppingDown(inspect);
  await loseLockWhileRipening(inspect);
  await failAgainWhileOffering(inspect);
  await hearOfLostCallsWhileRestoring(inspect);
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

/**
 * A leader offers its lease a second time within an interval, so it is to stay; before it hears so, the lock is gone and
 * another pod has the lease.
 */
async function loseLeaseWhileOffering(inspect: Inspect): Promise<void> {
  const every = { refreshInterval: '1m' } as const;
  const fleet = await simulateFleet({ pods: 3, datasets: { rates: every, terms: every }, inspect });
  await fleet.until(converged);
  const first = fleet.leader;
  fleet.source.fail({ dataset: 'rates' });
  await fleet.until(({ leaders: [leader] }) => leader !== undefined && leader !== first);
  const { leader } = fleet;
  const other = fleet.followers.find((pod) => pod !== first);
  fleet.source.heal();
  fleet.source.fail({ dataset: 'terms' });
  fleet.redis.onNext('yield', () => {
    fleet.network.holdUp('redis', leader.name, 'the answer to yield', 500);
    fleet.network.holdUp('redis', leader.name, 'the answer to renew', 600);
    const loseLock = () => {
      fleet.redis.evict('leader_lock');
      other?.restart();
    };
    fleet.network.timeline.after(0, loseLock, 'the lock is lost');
  });
  void leader.refresh('terms');
  await fleet.advance('1m');
  fleet.expect.promises();
}

async function stopWhileSteppingDown(inspect: Inspect): Promise<void> {
  const fleet = await simulateFleet({ pods: 2, datasets, inspect });
  await fleet.until(converged);
  const { leader } = fleet;
  fleet.source.slow(5_000);
  fleet.source.onNextCall(() => {
    void leader.stepDown();
    fleet.network.timeline.after(1_000, () => leader.stop(), 'the leader is stopped');
  });
  await fleet.advance('6m');
  fleet.expect.promises();
}

/** Nobody else is listed, so the leader is to stay; before it hears so, it is asked again, and another has the lease. */
async function loseLeaseWhileSteppingDown(inspect: Inspect): Promise<void> {
  const fleet = await simulateFleet({ pods: 3, datasets, inspect });
  await fleet.until(converged);
  const { leader } = fleet;
  const [asker, other] = fleet.followers;
  fleet.redis.onNext('yield', () => {
    fleet.redis.evict('pods');
    fleet.network.holdUp('redis', leader.name, 'the answer to yield', 500);
    fleet.network.holdUp('redis', leader.name, 'the answer to renew', 600);
    const loseLock = () => {
      void asker?.stepDown();
      fleet.redis.evict('leader_lock');
      other?.restart();
    };
    fleet.network.timeline.after(0, loseLock, 'the lock is lost');
  });
  void leader.stepDown();
  await fleet.advance('1m');
  fleet.expect.promises();
}

/** The lock of a dead leader is too young to be taken over; before it is old enough it is gone, and a poll shows it. */
async function loseLockWhileRipening(inspect: Inspect): Promise<void> {
  const fleet = await simulateFleet({ pods: 2, datasets, timing: { pollInterval: '200ms' }, inspect });
  await fleet.until(converged);
  fleet.leader.crash();
  fleet.redis.onNext('takeOver', () => {
    fleet.network.timeline.after(600, () => fleet.redis.evict('leader_lock'), 'the lock is lost');
  });
  await fleet.advance('10s');
  fleet.expect.promises();
}

/** The sources fail at about the same time, and the answer to the offer is slow: how near, the seeds decide. */
async function failAgainWhileOffering(inspect: Inspect): Promise<void> {
  const every = { refreshInterval: '1m' } as const;
  for (let seed = 1; seed <= 20; seed += 1) {
    const fleet = await simulateFleet({ pods: 3, seed, datasets: { rates: every, terms: every }, inspect });
    await fleet.until(converged);
    await fleet.advance('2m');
    const { leader } = fleet;
    fleet.source.fail();
    fleet.redis.onNext('yield', () => fleet.network.holdUp('redis', leader.name, 'the answer to yield', 900));
    await fleet.advance('3m');
    fleet.expect.promises();
  }
}

/** Redis lost its data, and while the first that notices restores it, another calls: Redis knows of that call alone. */
async function hearOfLostCallsWhileRestoring(inspect: Inspect): Promise<void> {
  const fleet = await simulateFleet({ pods: 3, datasets, inspect });
  await fleet.until(converged);
  await fleet.advance('9m');
  fleet.source.fail({ times: 1 });
  await fleet.advance('2m');
  fleet.redis.onNext('restore', (restoring) => {
    const [other] = fleet.pods.filter(({ id }) => id !== restoring);
    const when = { at: fleet.redis.space.now(), agesMs: [0], perMs: 300_000 };
    const claim: Announcement = { kind: 'claimed', dataset: 'rates', podId: other?.id ?? '', epoch: 1, ...when };
    const { name } = fleet.pods.find(({ id }) => id === restoring) ?? fleet.leader;
    fleet.network.holdUp('redis', name, 'the answer to restore', 500);
    fleet.network.timeline.after(100, () => fleet.redis.space.announce(claim), 'a call is announced');
  });
  fleet.redis.wipe();
  await fleet.advance('2m');
  fleet.expect.promises();
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
