/** Redis answers, and refuses: what each pod makes of it, and that it heals by itself once a person has mended it. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { becomes, is, isGranted, isPublished, startFleet } from './fleet.ts';

/** Slow retries are for people; a test has less time. */
const hasty = { misconfiguredRetry: '500ms' };

test('its disk fails (MISCONF): no renewal is confirmed, nobody leads, all serve; it heals when it can save again', async () => {
  const fleet = await startFleet({ pods: { timing: { uncertainLimit: '2s' } } });
  const operator = fleet.operator();
  const leader = fleet.leader();
  const ended = leader.next(is('lease.ended'));
  const isUncertain = leader.next(is('lease.uncertain'));
  // A folder stands where the snapshot should.
  mkdirSync(join(fleet.redis.dir, 'dump.rdb'));
  await operator.config('SET', 'save', '3600 1000000');
  await operator.bgsave();
  await isUncertain;
  expect(await ended).toMatchObject({ cause: 'unheard' });
  const failures = leader.trace.filter(is('redis.failed'));
  expect(failures.map(({ failure }) => failure.kind)).toContain('diskFailing');
  expect((await Promise.all(fleet.pods.map((pod) => pod.state()))).filter(({ isLeader }) => isLeader)).toEqual([]);
  rmdirSync(join(fleet.redis.dir, 'dump.rdb'));
  const elected = fleet.next(isGranted);
  await operator.bgsave();
  await elected;
  await fleet.converge();
  await fleet.expectPromises();
});

test('the password is changed under them: all are degraded and serve, and go on when it is the old one again', async () => {
  const fleet = await startFleet({ redis: { password: 'right' }, pods: { timing: hasty } });
  const operator = fleet.operator();
  const areDegraded = fleet.each(becomes('degraded'));
  const areRefused = fleet.each(is('redis.down'));
  await operator.config('SET', 'requirepass', 'another');
  await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await Promise.all([areDegraded, areRefused]);
  for (const pod of fleet.pods) {
    const { failure } = (await pod.until(
      (entry) => is('redis.down')(entry) && entry.failure.kind === 'misconfigured',
    )) as { failure?: { message: string } } & object;
    expect(failure?.message).toMatch(/password/);
  }
  const states = await Promise.all(fleet.pods.map((pod) => pod.state()));
  expect(states.map(({ role, day }) => [role, day !== null])).toEqual(fleet.pods.map(() => ['degraded', true]));
  const elected = fleet.next(isGranted);
  await operator.config('SET', 'requirepass', 'right');
  await elected;
  await fleet.converge();
  await fleet.expectPromises();
});

test('the user’s rights are taken away: all are degraded and say what is missing, and go on when they have them again', async () => {
  const fleet = await startFleet({ pods: { timing: { ...hasty, pollInterval: '1s' } } });
  const operator = fleet.operator();
  await operator.acl('SETUSER', 'operator', 'on', '>secret', '~*', '&*', '+@all');
  await operator.auth('operator', 'secret');
  const areDegraded = fleet.each(becomes('degraded'));
  await operator.acl('SETUSER', 'default', '-eval', '-evalsha');
  await areDegraded;
  for (const pod of fleet.pods) {
    const { failure, day } = await pod.state();
    expect(failure).toMatchObject({ kind: 'misconfigured', message: expect.stringContaining('ACL SETUSER') });
    expect(day).not.toBeNull();
  }
  const elected = fleet.next(isGranted);
  await operator.acl('SETUSER', 'default', '+eval', '+evalsha');
  await elected;
  await fleet.converge();
  await fleet.expectPromises();
});

test('PUBSUB is forbidden: each pod says so once, and a dead leader is replaced when its lock expires', async () => {
  const fleet = await startFleet({
    redis: { acl: ['user default on nopass ~* &* +@all -pubsub'] },
    pods: { leaseTtl: '4s' },
  });
  const leader = fleet.leader();
  const others = fleet.except(leader);
  await Promise.all(others.map((pod) => pod.until(is('takeover.blind'))));
  const elected = fleet.next(isGranted, others);
  const gone = fleet.next(is('leader.gone'), others);
  const killedAt = Date.now();
  await leader.kill();
  expect(await gone).toMatchObject({ cause: 'expired' });
  const { at, cause } = await elected;
  expect(cause).toBe('acquired');
  // Renewed at least 400 ms before it was killed; not taken over, which takes 1.5 s.
  expect(at - killedAt).toBeGreaterThan(3_000);
  await fleet.converge();
  expect(others.map(({ trace }) => trace.filter(is('takeover.blind')).length)).toEqual(others.map(() => 1));
  await fleet.expectPromises();
});

test('it becomes a replica (READONLY): all are degraded at once, and go on when it is a master again', async () => {
  const fleet = await startFleet();
  const operator = fleet.operator();
  const refusal = fleet.next(is('redis.down'));
  const areDegraded = fleet.each(becomes('degraded'));
  await operator.replicaof('127.0.0.1', await freePort());
  expect(await refusal).toMatchObject({ failure: { kind: expect.stringMatching(/refused|unreachable/) } });
  // An idle pod would learn of it by its next poll.
  await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await areDegraded;
  const elected = fleet.next(isGranted);
  await operator.replicaof('NO', 'ONE');
  await elected;
  await fleet.converge();
  await fleet.expectPromises();
});

test('out of memory, and the lease is lost as well: the result outlives it, and is published without another call', async () => {
  const fleet = await startFleet({ refreshIntervalMs: 600_000 });
  const operator = fleet.operator();
  const leader = fleet.leader();
  fleet.source.behave('slow');
  const called = leader.next(is('source.called'));
  fleet.askForCall(leader);
  await called;
  await operator.config('SET', 'maxmemory', '1');
  const blocked = leader.next(is('publishing.blocked'));
  fleet.source.behave('fine');
  fleet.source.answer();
  await blocked;
  await operator.config('SET', 'maxmemory', '0');
  const published = leader.next(isPublished);
  await operator.del('test:leader_lock');
  await published;
  expect(fleet.source.calls).toHaveLength(2);
  await fleet.expectPromises();
});
