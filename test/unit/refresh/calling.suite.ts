/** Claiming a permit, calling the source, and what follows when that fails. Promises 4 and 5. */
import { describe, expect, test } from 'vitest';
import { failure, plan, record, timing, unchanged } from '../../harness/samples.ts';
import { scriptRefresh } from '../../harness/scripted-actors.ts';
import { begun, claiming, fetching, validating, waiting } from './journeys.ts';

describe('a permit', () => {
  test('is not claimed before the lease is confirmed and the pod has synced', async () => {
    const refresh = scriptRefresh();
    await refresh.clock.advance(3_600_000);
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    await refresh.send({ type: 'refresh.resumed' });
    expect([refresh.state, begun(refresh)]).toEqual(['claiming', ['claimPermit']]);
    expect(refresh.asked('claimPermit')).toEqual([{ podId: 'pod-a', epoch: 7, plan: plan(), isRequested: false }]);
  });

  test('comes before every source call, and the call is told (promise 5)', async () => {
    const refresh = await claiming();
    expect(refresh.asked('callSource')).toEqual([]);
    await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
    expect([refresh.state, refresh.hasTag('calling'), refresh.open('callSource')]).toEqual(['fetching', true, 1]);
    expect(refresh.told).toEqual([{ type: 'refresh.called', dataset: 'rates', permitId: 'permit-1' }]);
  });

  test('is claimed again when it is due, and not before', async () => {
    const refresh = await claiming();
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 60_000 });
    await refresh.clock.advance(59_999);
    expect([refresh.state, refresh.asked('claimPermit').length]).toEqual(['waiting', 1]);
    await refresh.clock.advance(1);
    expect(refresh.asked('claimPermit')).toHaveLength(2);
  });

  test('beyond the budget is told and waited for (promise 5)', async () => {
    const refresh = await claiming();
    await refresh.answer('claimPermit', { outcome: 'overBudget', waitMs: 90_000 });
    expect(refresh.told).toEqual([{ type: 'refresh.refused', dataset: 'rates', waitMs: 90_000 }]);
    await refresh.clock.advance(89_999);
    expect(begun(refresh)).toEqual([]);
    await refresh.clock.advance(1);
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('that another holder refuses ends all work under this lease (promise 1)', async () => {
    const refresh = await claiming();
    await refresh.answer('claimPermit', { outcome: 'notHolder' });
    expect([refresh.state, refresh.told]).toEqual(['fenced', [{ type: 'refresh.fenced', dataset: 'rates' }]]);
    await refresh.send({ type: 'refresh.resumed' });
    await refresh.clock.advance(3_600_000);
    expect([refresh.state, begun(refresh)]).toEqual(['fenced', []]);
  });

  test('is not asked for once the belief has ended and the pod has suspended refreshing, until it resumes', async () => {
    const refresh = await claiming();
    await refresh.answer('claimPermit', { outcome: 'uncertain' });
    await refresh.send({ type: 'refresh.suspended' });
    await refresh.clock.advance(3_600_000);
    expect([refresh.state, refresh.asked('claimPermit').length]).toEqual(['suspended', 1]);
    await refresh.send({ type: 'refresh.resumed' });
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('is asked for again in a moment when the belief had ended by its own look alone', async () => {
    const refresh = await claiming();
    await refresh.answer('claimPermit', { outcome: 'uncertain' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
    await refresh.clock.advance(timing.retryBaseMs);
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('whose fate is unknown is asked for again, with growing waits, until Redis answers', async () => {
    const refresh = await claiming();
    await refresh.always('claimPermit', Object.assign(new Error('no answer'), { kind: 'timeout' }));
    await refresh.clock.advance(600_000);
    const asked = refresh.asked('claimPermit').length;
    expect(asked).toBeGreaterThan(50);
    expect(asked).toBeLessThan(120);
    expect(refresh.toldOf('redis.failed')).toHaveLength(asked);
  });
});

describe('a source call', () => {
  test('that fails is reported, deferred for the whole fleet and backed off from (promise 4)', async () => {
    const refresh = await fetching();
    const reason = { kind: 'sourceFailed', message: 'status 429', retryAfterMs: 40_000 } as const;
    await refresh.fail('callSource', reason);
    expect(refresh.toldOf('refresh.failed')).toEqual([
      { type: 'refresh.failed', dataset: 'rates', failure: reason, attempt: 1 },
    ]);
    expect(refresh.asked('deferCall')[0]).toMatchObject({ attempt: 1, retryAfterMs: 40_000 });
    await refresh.answer('deferCall', { delayMs: 40_000 });
    expect([refresh.state, refresh.hasTag('backingOff')]).toEqual(['backingOff', true]);
    await refresh.clock.advance(39_999);
    expect(begun(refresh)).toEqual([]);
    await refresh.clock.advance(1);
    expect(begun(refresh)).toEqual(['claimPermit']);
  });

  test('whose answer the schema refuses is a failed call: nothing is published (promise 4)', async () => {
    const refresh = await validating();
    await refresh.fail('validateResult', failure('sourceFailed', 'rates.usd: expected number'));
    expect([refresh.state, refresh.asked('publishRevision')]).toEqual(['deferring', []]);
    expect(refresh.toldOf('refresh.failed')).toHaveLength(1);
  });

  test('that failed is waited for even when the schedule could not be written', async () => {
    const refresh = await fetching();
    await refresh.fail('callSource', failure('sourceFailed'));
    await refresh.fail('deferCall', failure('timeout'));
    expect([refresh.state, refresh.toldOf('redis.failed').length]).toEqual(['backingOff', 1]);
    await refresh.clock.advance(plan().backoff.capMs - 1);
    expect(begun(refresh)).toEqual([]);
  });

  test('is never begun when permit or belief ran out before it (promise 5)', async () => {
    const refresh = await fetching();
    await refresh.answer('callSource', { outcome: 'uncertain' });
    expect([refresh.state, begun(refresh)]).toEqual(['suspended', []]);
  });

  test('that fails for the third time in a row tells the pod that the fault may be its own', async () => {
    const refresh = await claiming();
    await refresh.always('claimPermit', { outcome: 'granted', permitId: 'permit' });
    await refresh.always('callSource', Object.assign(new Error('down'), { kind: 'sourceFailed' }));
    await refresh.always('deferCall', { delayMs: 1_000 });
    expect(refresh.toldOf('refresh.failing')).toEqual([]);
    await refresh.clock.advance(1_000);
    expect(refresh.toldOf('refresh.failing')).toEqual([]);
    await refresh.clock.advance(1_000);
    expect(refresh.toldOf('refresh.failing')).toEqual([
      { type: 'refresh.failing', dataset: 'rates', refreshIntervalMs: 300_000 },
    ]);
    expect(refresh.asked('deferCall').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('that succeeds makes the next failure the first one again', async () => {
    const refresh = await fetching();
    await refresh.fail('callSource', { ...failure('sourceFailed'), retryAfterMs: 5_000 });
    await refresh.answer('deferCall', { delayMs: 5_000 });
    await refresh.clock.advance(5_000);
    await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-2' });
    await refresh.answer('callSource', unchanged);
    await refresh.answer('confirmRevision', { outcome: 'confirmed', record: record(1) });
    await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-3' });
    await refresh.fail('callSource', failure('sourceFailed'));
    expect(refresh.asked('deferCall').at(-1)).toMatchObject({ attempt: 1, retryAfterMs: null });
  });
});

describe('a refresh that somebody asks for', () => {
  test.each([
    ['while nothing is due', waiting],
    ['while the source is backed off from', backingOff],
  ])('%s is claimed at once, as requested', async (_when, journey) => {
    const refresh = await journey();
    await refresh.send({ type: 'refresh.requested' });
    expect(refresh.asked('claimPermit').at(-1)).toMatchObject({ isRequested: true });
    await refresh.answer('claimPermit', { outcome: 'overBudget', waitMs: 7_000 });
    expect(refresh.toldOf('refresh.answered')).toEqual([
      { type: 'refresh.answered', dataset: 'rates', result: { outcome: 'overBudget', retryAfterMs: 7_000 } },
    ]);
  });

  test('while a claim is under way is asked for anew, not taken for over budget', async () => {
    const refresh = await claiming();
    await refresh.send({ type: 'refresh.requested' });
    expect(refresh.asked('claimPermit').map(({ isRequested }) => isRequested)).toEqual([false, true]);
    await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
    expect(refresh.state).toBe('fetching');
  });

  test('and that somebody else asks for, too, is claimed once', async () => {
    const refresh = await claiming();
    await refresh.send({ type: 'refresh.requested' });
    await refresh.send({ type: 'refresh.requested' });
    expect(refresh.asked('claimPermit').map(({ isRequested }) => isRequested)).toEqual([false, true]);
  });

  test.each(['suspended', 'fetching'] as const)('while %s is kept until it can be done', async (state) => {
    const refresh = state === 'suspended' ? scriptRefresh() : await fetching();
    await refresh.send({ type: 'refresh.requested' });
    expect(refresh.state).toBe(state);
    if (state === 'suspended') {
      await refresh.send({ type: 'refresh.resumed' });
      await refresh.answer('claimPermit', { outcome: 'granted', permitId: 'permit-1' });
    }
    await refresh.answer('callSource', unchanged);
    await refresh.answer('confirmRevision', { outcome: 'confirmed', record: record(3) });
    expect(refresh.toldOf('refresh.answered')).toEqual([
      { type: 'refresh.answered', dataset: 'rates', result: { outcome: 'unchanged' } },
    ]);
  });

  test('that is not due because the source failed says when to ask again', async () => {
    const refresh = await backingOff();
    await refresh.send({ type: 'refresh.requested' });
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 12_000 });
    expect(refresh.toldOf('refresh.answered')).toMatchObject([{ result: { retryAfterMs: 12_000 } }]);
  });

  test('is answered once, when the source fails, too', async () => {
    const refresh = await fetching();
    await refresh.send({ type: 'refresh.requested' });
    await refresh.fail('callSource', failure('sourceFailed'));
    await refresh.answer('deferCall', { delayMs: 9_000 });
    expect(refresh.toldOf('refresh.answered')).toMatchObject([{ result: { outcome: 'failed', retryAfterMs: 9_000 } }]);
    await refresh.clock.advance(9_000);
    await refresh.answer('claimPermit', { outcome: 'notDue', waitMs: 1_000 });
    expect(refresh.toldOf('refresh.answered')).toHaveLength(1);
  });
});

async function backingOff() {
  const refresh = await fetching();
  await refresh.fail('callSource', failure('sourceFailed'));
  await refresh.answer('deferCall', { delayMs: 30_000 });
  return refresh;
}
