/** The source fails: its pauses outlive the leader that was told of them. */
import { expect, test } from 'vitest';
import { is, isGranted, startFleet } from './fleet.ts';

test('rate-limited with Retry-After, then the leader dies: the next leader keeps the pause (promise 5)', async () => {
  const fleet = await startFleet();
  const operator = fleet.operator();
  const leader = fleet.leader();
  fleet.source.askForPause(4);
  fleet.source.behave('rateLimited');
  const { at: refusedAt, failure } = await fleet.next(is('source.failed'));
  expect(failure).toMatchObject({ kind: 'sourceFailed', retryAfterMs: 4_000 });
  // Written into the schedule a moment later.
  await expect.poll(() => operator.hget('test:schedule', 'rates:next')).not.toBeNull();
  const elected = fleet.next(isGranted, fleet.except(leader));
  const called = fleet.next(is('source.called'), fleet.except(leader));
  await leader.kill();
  fleet.source.behave('fine');
  await elected;
  // It was told before it was written: a call is never earlier than the source asked for.
  expect((await called).at - refusedAt).toBeGreaterThanOrEqual(4_000 - 5);
  await fleet.converge();
  await fleet.expectPromises();
});
