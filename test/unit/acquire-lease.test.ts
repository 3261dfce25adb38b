/** Acquiring by a pod that Redis hears and that hears nothing: each acquisition that arrives holds the lease for a TTL. */
import { expect, test } from 'vitest';
import { type AnyActorLogic, createActor, toPromise } from 'xstate';
import { Timing } from '../../machines/index.ts';
import { acquireLease, takeOverLease } from '../../src/actors/lease.ts';
import type { PodParts } from '../../src/actors/parts.ts';
import { systemClock } from '../../src/clock.ts';
import { PodMemory } from '../../src/pod-memory.ts';

const timing = Timing.parse({});

function startPod() {
  const asked: string[] = [];
  let isDeaf = false;
  const answer = async <Reply>(question: string, reply: Reply): Promise<Reply> => {
    asked.push(question);
    if (isDeaf) throw Object.assign(new Error('no answer in time'), { kind: 'timeout' });
    return reply;
  };
  const lease = {
    acquire: () => answer('acquire', { outcome: 'granted', epoch: 1 }),
    renew: ({ epoch }: { epoch: number }) => answer(`renew #${epoch}`, { outcome: 'lost' }),
  };
  const memory = new PodMemory(systemClock, 'pod-1');
  const parts = { memory, timing, clock: systemClock, newId: () => 'id', connection: { stores: { lease } } };
  const actor = acquireLease(parts as unknown as PodParts);
  return {
    asked,
    acquire: () => {
      const running = createActor(actor, { input: { podId: 'pod-1', timing } });
      running.subscribe({ error: () => undefined });
      return toPromise(running.start());
    },
    deafen: (is: boolean) => {
      isDeaf = is;
    },
  };
}

test('a pod that has been answered asks for the lease at once', async () => {
  const pod = startPod();
  await pod.acquire();
  await pod.acquire();
  expect(pod.asked).toEqual(['acquire', 'acquire']);
});

test('a pod that was not answered asks what changes nothing, and for the lease only after an answer', async () => {
  const pod = startPod();
  pod.deafen(true);
  for (let times = 1; times <= 3; times += 1) await expect(pod.acquire()).rejects.toThrow('no answer in time');
  expect(pod.asked).toEqual(['acquire', 'renew #0', 'renew #0']);
  pod.deafen(false);
  await pod.acquire();
  await pod.acquire();
  expect(pod.asked.slice(3)).toEqual(['renew #0', 'acquire', 'acquire']);
});

/** A pod that is answered so, when it asks by this actor. */
function asking(logicOf: (parts: PodParts) => AnyActorLogic, reply: object) {
  const memory = new PodMemory(systemClock, 'pod-1');
  const lease = { acquire: async () => reply, takeOver: async () => reply };
  const parts = { memory, timing, clock: systemClock, newId: () => 'id', connection: { stores: { lease } } };
  const input = { podId: 'pod-1', timing, observed: { podId: 'pod-2', epoch: 3 }, fleet: {} };
  return { memory, actor: createActor(logicOf(parts as unknown as PodParts), { input }) };
}

const lock = { podId: 'pod-2', epoch: 9, ttlLeftMs: 1 };

test.each([
  ['acquires', acquireLease, { outcome: 'held', lock }],
  ['takes over', takeOverLease, { outcome: 'changed', lock }],
] as const)('a pod that %s in vain remembers the epoch of the holder (promise 2)', async (_what, logic, reply) => {
  const { memory, actor } = asking(logic, reply);
  expect(await toPromise(actor.start())).toEqual(reply);
  expect(memory.seenEpoch).toBe(9);
});

test.each([
  ['acquire', acquireLease],
  ['take over', takeOverLease],
] as const)('a grant that comes when nobody waits for it any more begins no belief: %s', async (_what, logic) => {
  const { memory, actor } = asking(logic, { outcome: 'granted', epoch: 1 });
  actor.start();
  await Promise.resolve();
  actor.stop();
  await new Promise((resolve) => setImmediate(resolve));
  expect([memory.belief.isHeld(), memory.ownEpoch]).toEqual([false, 0]);
});
