/** The lease machine by itself: belief, its end, and what the pod is told. Promises 1 and 6. */
import { describe, expect, test } from 'vitest';
import { leaseMachine } from '../../machines/lease.machine.ts';
import { coverage } from '../harness/coverage.ts';
import { failure, timing } from '../harness/samples.ts';
import { scriptLease } from '../harness/scripted-actors.ts';

const windowMs = timing.beliefWindowMs;
const renewed = { outcome: 'renewed', beliefLeftMs: windowMs } as const;
const lost = { outcome: 'lost' } as const;

/** Uncertain since now: the first renewal was never answered. */
async function uncertainLease() {
  const lease = scriptLease();
  await lease.clock.advance(windowMs);
  expect(lease.state).toBe('uncertain.renewing');
  return lease;
}

describe('a lease that is believed in', () => {
  test('is renewed every renewal interval, under its own epoch and TTL', async () => {
    const lease = scriptLease();
    await lease.always('renewLease', renewed);
    await lease.clock.advance(10 * timing.renewIntervalMs - 1);
    expect(lease.asked('renewLease')).toHaveLength(9);
    await lease.clock.advance(1);
    expect(lease.asked('renewLease')).toHaveLength(10);
    expect(lease.asked('renewLease')[0]).toEqual({ podId: 'pod-a', epoch: 7, ttlMs: timing.leaseTtlMs });
    expect([lease.state, lease.told]).toEqual(['believed.held', []]);
  });

  test.each([0, 1, 250, 799, 849])(
    'ends one belief window after the sending of the last renewal, whose reply took %d ms (promise 6)',
    async (delayMs) => {
      const lease = scriptLease();
      await lease.clock.advance(timing.renewIntervalMs);
      const sentAtMs = lease.clock.monotonic();
      await lease.clock.advance(delayMs);
      await lease.answer('renewLease', { outcome: 'renewed', beliefLeftMs: windowMs - delayMs });
      await lease.clock.advance(sentAtMs + windowMs - 1 - lease.clock.monotonic());
      expect(lease.hasTag('believed')).toBe(true);
      await lease.clock.advance(1);
      expect(lease.hasTag('believed')).toBe(false);
      expect(lease.told).toEqual([{ type: 'lease.uncertain' }]);
    },
  );

  test.each([1_250, 600, 1, 0])(
    'begins with the %d ms that were left when the grant arrived (promise 6)',
    async (beliefLeftMs) => {
      const lease = scriptLease({ beliefLeftMs });
      await lease.clock.advance(beliefLeftMs);
      expect(lease.hasTag('believed')).toBe(false);
    },
  );

  test('is not renewed by a confirmation whose window is over on arrival (promise 6)', async () => {
    const lease = scriptLease();
    await lease.clock.advance(timing.renewIntervalMs);
    await lease.answer('renewLease', { outcome: 'renewed', beliefLeftMs: 0 });
    expect(lease.state).toBe('uncertain.renewing');
  });

  test('outlives a renewal that fails, which is tried again after a moment', async () => {
    const lease = scriptLease();
    await lease.clock.advance(timing.renewIntervalMs);
    await lease.fail('renewLease', failure('timeout', 'no answer within 800 ms'));
    expect(lease.state).toBe('believed.retrying');
    expect(lease.told).toEqual([{ type: 'redis.failed', failure: failure('timeout', 'no answer within 800 ms') }]);
    await lease.clock.advance(timing.retryBaseMs);
    await lease.answer('renewLease', renewed);
    expect(lease.state).toBe('believed.held');
  });

  test('ends on time although renewals go on failing (promise 6)', async () => {
    const lease = scriptLease();
    await lease.always('renewLease', Object.assign(new Error('reset'), { kind: 'timeout' }));
    await lease.clock.advance(windowMs - 1);
    expect(lease.hasTag('believed')).toBe(true);
    await lease.clock.advance(1);
    expect(lease.hasTag('uncertain')).toBe(true);
  });

  test('is over at once when Redis says that it is lost (promise 1)', async () => {
    const lease = scriptLease();
    await lease.clock.advance(timing.renewIntervalMs);
    await lease.answer('renewLease', lost);
    expect(lease.child.getSnapshot()).toMatchObject({ value: 'lost', status: 'done', output: { end: 'lost' } });
  });

  test('is unconfirmed at once when a clock has jumped, and renewed at once (promise 6)', async () => {
    const lease = scriptLease();
    await lease.send({ type: 'time.jumped' });
    expect([lease.state, lease.open('renewLease')]).toEqual(['uncertain.renewing', 1]);
    expect(lease.told).toEqual([{ type: 'lease.uncertain' }]);
  });
});

describe('a lease that is unconfirmed', () => {
  test('is not restored by the late answer to a renewal that was given up (promise 6)', async () => {
    const lease = await uncertainLease();
    await lease.answerLate('renewLease', renewed);
    expect([lease.state, lease.toldOf('lease.confirmed')]).toEqual(['uncertain.renewing', []]);
  });

  test('is believed in again for what a renewal in time has left', async () => {
    const lease = await uncertainLease();
    await lease.answer('renewLease', { outcome: 'renewed', beliefLeftMs: 700 });
    expect([lease.state, lease.toldOf('lease.confirmed')]).toEqual(['believed.held', [{ type: 'lease.confirmed' }]]);
    await lease.clock.advance(699);
    expect(lease.hasTag('believed')).toBe(true);
    await lease.clock.advance(1);
    expect(lease.hasTag('believed')).toBe(false);
  });

  test('stays so after a confirmation that came too late, and asks again', async () => {
    const lease = await uncertainLease();
    await lease.answer('renewLease', { outcome: 'renewed', beliefLeftMs: 0 });
    expect(lease.state).toBe('uncertain.retrying');
    await lease.clock.advance(timing.retryBaseMs);
    expect([lease.state, lease.open('renewLease')]).toEqual(['uncertain.renewing', 1]);
  });

  test('is over at once when Redis says that it is lost (promise 1)', async () => {
    const lease = await uncertainLease();
    await lease.answer('renewLease', lost);
    expect(lease.child.getSnapshot()).toMatchObject({ value: 'lost', output: { end: 'lost' } });
  });

  test.each(['never answers', 'fails'] as const)('steps down after the limit when Redis %s', async (how) => {
    const lease = await uncertainLease();
    if (how === 'fails') await lease.always('renewLease', Object.assign(new Error('no'), { kind: 'timeout' }));
    await lease.clock.advance(timing.uncertainLimitMs - 1);
    expect(lease.hasTag('uncertain')).toBe(true);
    await lease.clock.advance(1);
    expect(lease.child.getSnapshot()).toMatchObject({ value: 'lost', status: 'done', output: { end: 'unheard' } });
    expect(lease.clock.timers()).toBe(0);
  });

  test('steps down after the limit however often the process is paused meanwhile', async () => {
    const lease = await uncertainLease();
    for (let pause = 0; pause < 9; pause++) {
      await lease.clock.advance(timing.uncertainLimitMs / 10);
      await lease.send({ type: 'time.jumped' });
    }
    await lease.clock.advance(timing.uncertainLimitMs / 10);
    expect(lease.child.getSnapshot()).toMatchObject({ value: 'lost', output: { end: 'unheard' } });
  });

  test('does not wait for what was under way when the process was paused again', async () => {
    const lease = await uncertainLease();
    await lease.send({ type: 'time.jumped' });
    await lease.answerLate('renewLease', renewed);
    expect([lease.state, lease.open('renewLease')]).toEqual(['uncertain.renewing', 1]);
  });

  test('tells every failure, so that the pod can tell a refusal from a silence', async () => {
    const lease = await uncertainLease();
    await lease.fail('renewLease', failure('refused', 'READONLY'));
    expect(lease.state).toBe('uncertain.retrying');
    expect(lease.toldOf('redis.failed')).toEqual([{ type: 'redis.failed', failure: failure('refused', 'READONLY') }]);
  });
});

test('every transition of the lease machine was taken', () => {
  expect(coverage.transitionsNeverTaken(leaseMachine)).toEqual([]);
});

test('every state of the lease machine was entered', () => {
  expect(coverage.statesNeverEntered(leaseMachine)).toEqual([]);
});
