/** Whether this process may believe in its lease: promise 6, on both clocks, before any event is handled. */
import { describe, expect, test } from 'vitest';
import { createActor } from 'xstate';
import { renewLease, yieldLease } from '../../src/actors/lease.ts';
import type { PodParts } from '../../src/actors/parts.ts';
import { Belief, momentOf } from '../../src/belief.ts';
import { PodMemory } from '../../src/pod-memory.ts';
import type { LeaseStore } from '../../src/ports.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { timing } from '../harness/samples.ts';

const windowMs = timing.beliefWindowMs;

function confirmedBelief() {
  const clock = new VirtualClock();
  const belief = new Belief(clock);
  belief.confirm(momentOf(clock), windowMs);
  return { clock, belief };
}

describe('a belief', () => {
  test('is not held before anything was confirmed', () => {
    const belief = new Belief(new VirtualClock());
    expect([belief.isHeld(), belief.leftMs()]).toEqual([false, 0]);
  });

  test('is held for exactly one window', () => {
    const { clock, belief } = confirmedBelief();
    clock.sleep(windowMs - 1);
    expect([belief.isHeld(), belief.leftMs()]).toEqual([true, 1]);
    clock.sleep(1);
    expect([belief.isHeld(), belief.leftMs()]).toEqual([false, 0]);
  });

  test.each([0, 300, 1_249, 1_250, 9_000])(
    'counts from the sending: %d ms of the window are gone on arrival',
    (delayMs) => {
      const clock = new VirtualClock();
      const belief = new Belief(clock);
      const sentAt = momentOf(clock);
      clock.sleep(delayMs);
      expect(belief.confirm(sentAt, windowMs)).toBe(Math.max(0, windowMs - delayMs));
      expect(belief.isHeld()).toBe(delayMs < windowMs);
    },
  );

  test('ends when the wall clock alone says that the time is over: the machine slept', () => {
    const { clock, belief } = confirmedBelief();
    clock.stepWall(windowMs);
    expect(belief.isHeld()).toBe(false);
  });

  test('ends when the monotonic clock alone says so: somebody set the wall clock back', () => {
    const { clock, belief } = confirmedBelief();
    clock.stepWall(-3_600_000);
    clock.sleep(windowMs - 1);
    expect(belief.isHeld()).toBe(true);
    clock.sleep(1);
    expect(belief.isHeld()).toBe(false);
  });

  test('ends at once when it is ended, and begins anew with the next confirmation', () => {
    const { clock, belief } = confirmedBelief();
    belief.end();
    expect(belief.isHeld()).toBe(false);
    belief.confirm(momentOf(clock), windowMs);
    expect(belief.isHeld()).toBe(true);
  });

  test('is not held while it is suspended, and goes on afterwards as if it had not been', () => {
    const { clock, belief } = confirmedBelief();
    belief.suspend();
    clock.sleep(250);
    expect([belief.isHeld(), belief.leftMs()]).toEqual([false, 0]);
    belief.resume();
    expect(belief.leftMs()).toBe(windowMs - 250);
  });

  test('that is suspended is not restored by a confirmation of what was sent before', () => {
    const { clock, belief } = confirmedBelief();
    const sentAt = momentOf(clock);
    clock.sleep(10);
    belief.suspend();
    clock.sleep(10);
    expect(belief.confirm(sentAt, windowMs)).toBe(windowMs - 20);
    expect(belief.isHeld()).toBe(false);
  });

  test('that is suspended is not restored by a confirmation of what was sent since: commands overtake each other', () => {
    const { clock, belief } = confirmedBelief();
    belief.suspend();
    clock.sleep(10);
    belief.confirm(momentOf(clock), windowMs);
    expect(belief.isHeld()).toBe(false);
  });

  test('whose offer got no answer is restored by a confirmation of what was sent later than that', () => {
    const { clock, belief } = confirmedBelief();
    belief.suspend();
    clock.sleep(10);
    const sentBefore = momentOf(clock);
    clock.sleep(10);
    belief.resumeWhenConfirmed();
    belief.confirm(sentBefore, windowMs);
    belief.confirm(momentOf(clock), windowMs);
    expect(belief.isHeld()).toBe(false);
    clock.sleep(1);
    belief.confirm(momentOf(clock), windowMs);
    expect(belief.isHeld()).toBe(true);
  });

  test('of a new lease knows nothing of an offer of the old one that got no answer', () => {
    const { clock, belief } = confirmedBelief();
    belief.suspend();
    belief.end();
    belief.confirm(momentOf(clock), windowMs);
    belief.resumeWhenConfirmed();
    expect(belief.isHeld()).toBe(true);
  });

  test('of a new lease is not suspended by what became of the old one', () => {
    const { clock, belief } = confirmedBelief();
    belief.suspend();
    belief.end();
    belief.confirm(momentOf(clock), windowMs);
    expect(belief.isHeld()).toBe(true);
  });
});

/** The actors on a lease store that answers when the test says so. */
function actorsOn(methods: { [Name in keyof LeaseStore]?: () => Promise<unknown> }) {
  const clock = new VirtualClock();
  const memory = new PodMemory(clock, 'pod-a');
  memory.belief.confirm(momentOf(clock), windowMs);
  const parts = { clock, memory, timing, connection: { stores: { lease: methods } } } as unknown as PodParts;
  return { clock, memory, parts };
}

const lease = { podId: 'pod-a', epoch: 7, ttlMs: timing.leaseTtlMs };
const later =
  <Reply>(clock: () => VirtualClock, delayMs: number, reply: Reply) =>
  () =>
    new Promise<Reply>((resolve) => {
      clock().setTimeout(() => resolve(reply), delayMs);
    });

describe('a renewal', () => {
  test.each([0, 400, 1_249])(
    'whose reply takes %d ms restores the belief for what is left of its window',
    async (delayMs) => {
      const { clock, memory, parts } = actorsOn({ renew: later(() => clock, delayMs, { outcome: 'renewed' }) });
      clock.sleep(1_000);
      const actor = createActor(renewLease(parts), { input: lease });
      actor.start();
      await clock.advance(delayMs);
      expect(actor.getSnapshot().output).toEqual({ outcome: 'renewed', beliefLeftMs: windowMs - delayMs });
      await clock.advance(windowMs - delayMs - 1);
      expect(memory.belief.isHeld()).toBe(true);
      await clock.advance(1);
      expect(memory.belief.isHeld()).toBe(false);
    },
  );

  test('that was given up restores nothing, however good its late reply is', async () => {
    const { clock, memory, parts } = actorsOn({ renew: later(() => clock, 100, { outcome: 'renewed' }) });
    memory.belief.end();
    const actor = createActor(renewLease(parts), { input: lease });
    actor.start();
    actor.stop();
    await clock.advance(100);
    expect(memory.belief.isHeld()).toBe(false);
  });

  test('of a lost lease ends the belief', async () => {
    const { clock, memory, parts } = actorsOn({ renew: async () => ({ outcome: 'lost' }) });
    createActor(renewLease(parts), { input: lease }).start();
    await clock.settle();
    expect(memory.belief.isHeld()).toBe(false);
  });
});

describe('an offer of the lease', () => {
  const offer = { podId: 'pod-a', epoch: 7, minIntervalMs: 300_000, timing };

  test.each([
    ['yielded', false],
    ['notHolder', false],
    ['alone', true],
    ['tooSoon', true],
  ] as const)('suspends the belief until its answer, here "%s"', async (outcome, isHeldAfterwards) => {
    const { clock, memory, parts } = actorsOn({ yield: later(() => clock, 50, { outcome }) });
    createActor(yieldLease(parts), { input: offer }).start();
    await clock.advance(49);
    expect(memory.belief.isHeld()).toBe(false);
    await clock.advance(1);
    expect(memory.belief.isHeld()).toBe(isHeldAfterwards);
  });

  test('stays suspended although a renewal that was sent before it is confirmed meanwhile', async () => {
    const { clock, memory, parts } = actorsOn({
      renew: later(() => clock, 60, { outcome: 'renewed' }),
      yield: later(() => clock, 60, { outcome: 'yielded' }),
    });
    createActor(renewLease(parts), { input: lease }).start();
    await clock.advance(5);
    createActor(yieldLease(parts), { input: offer }).start();
    await clock.advance(57);
    expect(memory.belief.isHeld()).toBe(false);
    await clock.advance(3);
    expect(memory.belief.isHeld()).toBe(false);
  });

  test('stays suspended although a renewal that was sent after it overtakes it', async () => {
    const { clock, memory, parts } = actorsOn({
      renew: async () => ({ outcome: 'renewed' }),
      yield: later(() => clock, 60, { outcome: 'yielded' }),
    });
    createActor(yieldLease(parts), { input: offer }).start();
    await clock.advance(5);
    createActor(renewLease(parts), { input: lease }).start();
    await clock.advance(5);
    expect(memory.belief.isHeld()).toBe(false);
  });

  test('without an answer is over with the next renewal that is sent and confirmed', async () => {
    const { clock, memory, parts } = actorsOn({
      renew: async () => ({ outcome: 'renewed' }),
      yield: async () => Promise.reject(new Error('no answer')),
    });
    createActor(yieldLease(parts), { input: offer })
      .start()
      .subscribe({ error: () => undefined });
    await clock.advance(5);
    expect(memory.belief.isHeld()).toBe(false);
    createActor(renewLease(parts), { input: lease }).start();
    await clock.advance(5);
    expect(memory.belief.isHeld()).toBe(true);
  });
});
