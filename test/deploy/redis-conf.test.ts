/** The Redis that is deployed: its configuration, read by a real one, and the pods under its users. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startRedisServer } from '../harness/redis-server.ts';
import { openLeader, plainClient, recordOf } from '../redis/link.ts';
import { aclLines, password } from '../security/acl.ts';

/** Where the container has them: here the folder of the test takes their place. */
const ofContainer = ['aclfile', 'dir'];

function settings(): string[] {
  const lines = readFileSync('deploy/kubernetes/base/redis/redis.conf', 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .filter(([name]) => !ofContainer.includes(name ?? ''))
    .flatMap(([name, ...values]) => [`--${name}`, ...values.map((value) => (value === '""' ? '' : value))]);
}

test('keeps what is published over a restart, evicts nothing, and warns a pod of nothing (promise 9)', async () => {
  const server = await startRedisServer({ acl: aclLines(), args: settings() });
  const at = (user: string) => server.url.replace('redis://', `redis://${user}@`);
  const operator = plainClient(at('operator:x'));
  expect(await operator.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  const address = at(`hedging:${encodeURIComponent(password)}`);
  const leader = await openLeader({ address });
  const payload = Buffer.from('{"EUR":1}');
  expect(await leader.publish(payload)).toMatchObject({
    outcome: 'published',
    record: { sha256: recordOf(payload).sha256 },
  });
  await server.restart();
  // Redis 7.0 replays its file as the default user: rights that this one lacks are data that is lost, with no other sign.
  expect(server.log()).not.toContain('CRITICAL');
  await leader.next('down');
  await leader.next('up');
  expect((await leader.poll()).records.rates?.sha256).toBe(recordOf(payload).sha256);
  expect(await leader.stores.data.download('rates')).toEqual(payload);
  expect(leader.told.warning).toEqual([]);
});
