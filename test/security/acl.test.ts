/** The ACL file in `deploy/`: the whole fleet lives under it, and nothing in it is there for nothing. */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { is, isGranted, isPublished, startFleet } from '../failover/fleet.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { plainClient } from '../redis/link.ts';
import { aclLines, password, rights, rulesWithout } from './acl.ts';
import { exercise } from './exercise.ts';

async function startGuarded() {
  const server = await startRedisServer({ acl: aclLines() });
  const at = (user: string) => server.url.replace('redis://', `redis://${user}@`);
  const operator = plainClient(at('operator:x'));
  const denials = async (): Promise<string[]> => {
    const log = (await operator.call('ACL', 'LOG')) as string[][];
    return log.map((entry) => entry.join(' '));
  };
  const podAddress = at(`hedging:${encodeURIComponent(password)}`);
  return { server, operator, denials, podAddress };
}

test('elections, publications, syncing, takeover, restoring, requests and farewells: nothing is denied', async () => {
  const { server, operator, denials, podAddress } = await startGuarded();
  const fleet = await startFleet({
    server,
    address: podAddress,
    pods: { namespace: 'hedging', timing: { pollInterval: '500ms' } },
  });
  const troubles: string[] = [];
  for (const pod of fleet.pods) {
    for (const type of ['redis.down', 'redis.failed', 'takeover.blind'] as const) {
      void pod.next(is(type)).then((entry) => troubles.push(JSON.stringify(entry)));
    }
  }
  await fleet.converge();
  const leader = fleet.leader();
  const [follower] = fleet.except(leader);
  expect(await follower?.refresh()).toMatchObject({ outcome: expect.stringMatching(/published|overBudget/) });
  const takeover = fleet.next(isGranted, fleet.except(leader));
  await leader.kill();
  expect(await takeover).toMatchObject({ cause: 'tookOver' });
  await fleet.converge();
  fleet.source.behave('unchanged');
  await fleet.next(isPublished);
  const restored = fleet.next(is('revision.restored'));
  await operator.del('hedging:rates_backup');
  await restored;
  await fleet.grow(1);
  const last = fleet.leader();
  const handedOver = fleet.next(isGranted, fleet.except(last));
  await last.stop();
  await handedOver;
  expect([troubles, await denials()]).toEqual([[], []]);
});

test('everything that pods can ask for is permitted, and each right is needed for some of it', async () => {
  const { operator, denials, podAddress } = await startGuarded();
  await exercise(operator, podAddress);
  expect(await denials()).toEqual([]);
  const idle: string[] = [];
  for (const right of rights) {
    await operator.call('ACL', 'LOG', 'RESET');
    await operator.call('ACL', 'SETUSER', 'hedging', ...rulesWithout(right));
    // What fails for want of a right is what this asks for.
    await exercise(operator, podAddress).catch(() => undefined);
    if ((await denials()).length === 0) idle.push(right);
  }
  expect(idle).toEqual([]);
}, 120_000);

test('nobody else gets in: the default user is off, and the user of the probes can do nothing but PING', async () => {
  const { server } = await startGuarded();
  const stranger = plainClient(server.url);
  await expect(stranger.ping()).rejects.toThrow(/NOAUTH/);
  const probe = new Redis(server.url.replace('redis://', 'redis://probe:x@'), { enableReadyCheck: false });
  onTestFinished(() => probe.disconnect());
  expect(await probe.ping()).toBe('PONG');
  await expect(probe.get('hedging:leader_lock')).rejects.toThrow(/NOPERM/);
});
