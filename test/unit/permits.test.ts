/** Claiming permits in a process that lags: what was never called for is not taken for a call. Promises 5 and 7. */
import { expect, test } from 'vitest';
import { createActor, toPromise } from 'xstate';
import type { PodParts } from '../../src/actors/parts.ts';
import { callSource, claimPermit } from '../../src/actors/refresh.ts';
import { momentOf } from '../../src/belief.ts';
import { PodMemory } from '../../src/pod-memory.ts';
import type { ClaimRequest, PermitStore, PollReply } from '../../src/ports.ts';
import { standaloneStores } from '../../src/standalone.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { openMemoryWorld } from '../contract/memory-world.ts';
import { lead, ttlMs } from '../contract/requests.ts';
import { plan, timing } from '../harness/samples.ts';

const emptyPoll: PollReply = {
  ...{ now: 0, generation: 'generation-1', generatedAt: 0, epoch: 0, records: {}, wanted: [], callAgesMs: {} },
  ...{ size: 1, rank: 0, turn: 0, turns: 1 },
};

test('a permit whose reply and announcement came too late to use it is granted again, not held against the pod', async () => {
  const world = await openMemoryWorld();
  const member = await world.connect('pod-a');
  const holder = await lead(world, member, { ttlMs: 1_000 * ttlMs });
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  memory.belief.confirm(momentOf(clock), Number.POSITIVE_INFINITY);
  let ids = 0;
  const parts = { memory, clock, newId: () => `permit-${++ids}` } as unknown as PodParts;
  const pause = (ms: number) => {
    world.advance(ms);
    clock.sleep(ms);
  };
  /** The answer is there at once, and the process takes it up so much later. */
  const claimWithLag = (lagMs: number) => {
    const claim = async (request: ClaimRequest) => {
      const reply = await member.permits.claim(request);
      pause(lagMs);
      for (const announcement of await member.heard()) memory.hear({ announcement, receivedAtMs: clock.monotonic() });
      return reply;
    };
    const stores = { permits: { claim } as PermitStore, publications: member.publications };
    const input = { ...holder, plan: plan('rates'), isRequested: false };
    return toPromise(createActor(claimPermit(parts, stores), { input }).start());
  };
  expect(await claimWithLag(2_000)).toEqual({ outcome: 'granted', permitId: 'permit-1' });
  expect(await claimWithLag(0)).toEqual({ outcome: 'granted', permitId: 'permit-1' });
  await world.close();
});

test('a standalone pod that lagged between permit and call asks again and gets it, not an interval later', async () => {
  const clock = new VirtualClock();
  const { permits } = standaloneStores(new PodMemory(clock, 'pod-a'), clock);
  const claim = (permitId: string) =>
    permits.claim({
      ...{ podId: 'pod-a', epoch: 0, dataset: 'rates', permitId, intervalMs: 60_000, isRequested: false },
      ...{ budget: { calls: 4, perMs: 60_000 }, callAgesMs: [] },
    });
  expect(await claim('permit-1')).toMatchObject({ outcome: 'granted' });
  clock.sleep(2_000);
  expect(await claim('permit-1')).toMatchObject({ outcome: 'granted' });
  expect(await claim('permit-2')).toEqual({ outcome: 'notDue', waitMs: 60_000 });
});

test('a permit that was asked for one belief window ago is not used: nothing is called (promise 5)', async () => {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  memory.belief.confirm(momentOf(clock), Number.POSITIVE_INFINITY);
  memory.permits.set('rates', { permitId: 'permit-1', sentAt: momentOf(clock) });
  clock.sleep(timing.beliefWindowMs);
  const parts = { memory, clock, timing } as unknown as PodParts;
  const input = { podId: 'pod-a', epoch: 1, plan: plan('rates') };
  expect(await toPromise(createActor(callSource(parts), { input }).start())).toEqual({ outcome: 'uncertain' });
  expect(memory.spentPermits.size).toBe(0);
});

test('a pod that lags remembers another pod’s call as of when it was made, not as of when it heard', async () => {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-b');
  const redisStart = 1_790_000_000_000;
  memory.notePoll({ ...emptyPoll, now: redisStart }, clock.monotonic());
  const hear = (at: number) =>
    memory.hear({
      announcement: { kind: 'claimed', dataset: 'rates', podId: 'pod-a', epoch: 1, at, agesMs: [0, 300_000] },
      receivedAtMs: clock.monotonic(),
    });
  clock.sleep(20_000);
  hear(redisStart + 5_000);
  expect(memory.calls.agesMs('rates')).toEqual([15_000, 315_000]);
});

test('a step of Redis’ clock is no lag of an hour: calls are never taken for much older than they are', () => {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-b');
  memory.notePoll({ ...emptyPoll, now: 1_790_000_000_000 }, clock.monotonic());
  const at = 1_790_000_000_000 - 3_600_000;
  const announcement = { kind: 'claimed' as const, dataset: 'rates', podId: 'pod-a', epoch: 1, at, agesMs: [0] };
  memory.hear({ announcement, receivedAtMs: 0 });
  expect(memory.calls.agesMs('rates')).toEqual([60_000]);
});
