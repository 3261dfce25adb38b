/** Real processes on a real Redis, with the faults that matter most. Judged by machines/invariants.ts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge, type TraceEntry } from '../../machines/index.ts';
import { type CountingSource, startCountingSource } from '../harness/counting-source.ts';
import { fleetTrace, PodProcess, type PodSettings } from '../harness/pod-process.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';

const intervalMs = 1_000;
const budgets = { rates: { calls: 4, perMs: intervalMs } };

let redis: RedisServer;
let source: CountingSource;
let pods: PodProcess[];

beforeEach(async () => {
  [redis, source] = await Promise.all([startRedisServer(), startCountingSource()]);
  pods = [];
});

afterEach(async () => {
  await Promise.all(pods.map((pod) => pod.kill()));
  await Promise.all([redis.kill(), source.close()]);
});

function startPod(settings: Partial<PodSettings> = {}): PodProcess {
  const pod = new PodProcess({ redis: redis.url, url: source.url, podId: `pod-${pods.length + 1}`, ...settings });
  pods.push(pod);
  return pod;
}

const isApplied = (entry: TraceEntry) => entry.type === 'revision.applied';
const isGranted = (entry: TraceEntry) => entry.type === 'lease.granted';

async function startFleet(size: number): Promise<PodProcess> {
  const fleet = Array.from({ length: size }, () => startPod());
  await Promise.all(fleet.map((pod) => pod.until(isApplied)));
  return leader();
}

async function leader(): Promise<PodProcess> {
  const living = pods.filter(({ crashedAt }) => crashedAt === undefined);
  const states = await Promise.all(living.map((pod) => pod.state()));
  const leaders = living.filter((_, i) => states[i]?.isLeader);
  expect(leaders).toHaveLength(1);
  return leaders[0] as PodProcess;
}

function expectPromises({ lostData = false } = {}): void {
  expect(judge(fleetTrace(pods), { budgets, lostData, toleranceMs: 20 })).toEqual([]);
}

test('SIGKILL of the leader: another takes over long before the lock expires, and no call is lost or doubled', async () => {
  const first = await startFleet(4);
  const others = pods.filter((pod) => pod !== first);
  const elected = Promise.race(others.map((pod) => pod.next(isGranted)));
  const killedAt = Date.now();
  await first.kill();
  const grant = await elected;
  expect(grant).toMatchObject({ type: 'lease.granted', cause: 'tookOver', epoch: 2 });
  await Promise.all(
    others.map((pod) => pod.next((entry) => isApplied(entry) && 'record' in entry && entry.record.epoch === 2)),
  );
  expect(source.calls.filter(({ at }) => at > killedAt).every(({ podId }) => podId !== first.podId)).toBe(true);
  expectPromises();
});

test('SIGSTOP of the leader: when it wakes it neither believes nor publishes (promises 1 and 6)', async () => {
  const first = await startFleet(3);
  const others = pods.filter((pod) => pod !== first);
  // It is alive and connected, so only the expiry of its lock ends the lease: a short one here.
  const sleeper = startPod({ leaseTtl: '4s', podId: 'sleeper' });
  await sleeper.until(isApplied);
  await Promise.all(others.map((pod) => pod.stop()));
  const isElected = sleeper.next(isGranted);
  await first.stop();
  await isElected;
  const rival = startPod({ podId: 'rival' });
  await rival.until(isApplied);
  const rivalLeads = rival.next(isGranted);
  sleeper.pause();
  const grant = await rivalLeads;
  await rival.next((entry) => entry.type === 'revision.published');
  const wokeAt = Date.now();
  const isLeaderNow = sleeper.state();
  sleeper.resume();
  expect((await isLeaderNow).isLeader).toBe(false);
  await sleeper.next(
    (entry) => isApplied(entry) && 'record' in entry && entry.record.epoch === (grant as { epoch: number }).epoch,
  );
  expect(sleeper.trace.filter((entry) => entry.type === 'revision.published' && entry.at >= wokeAt)).toEqual([]);
});

test('Redis is killed and comes back empty: everyone serves on, the data is restored, no extra call (promises 5, 8, 9)', async () => {
  await startFleet(4);
  await redis.kill();
  await Promise.all(pods.map((pod) => pod.until((entry) => entry.type === 'role.changed' && entry.to === 'degraded')));
  const states = await Promise.all(pods.map((pod) => pod.state()));
  expect(states.map(({ role }) => role)).toEqual(pods.map(() => 'degraded'));
  expect(states.every(({ day }) => day !== null)).toBe(true);
  const restored = Promise.race(pods.map((pod) => pod.next((entry) => entry.type === 'revision.restored')));
  const goesOn = Promise.all(pods.map((pod) => pod.next(isApplied)));
  await redis.start();
  await restored;
  await goesOn;
  await leader();
  expectPromises();
});

test('a graceful stop hands the lease over and exits with 0; the rhythm of calls is unbroken', async () => {
  const first = await startFleet(3);
  const others = pods.filter((pod) => pod !== first);
  const elected = Promise.race(others.map((pod) => pod.next(isGranted)));
  expect(await first.stop()).toBe(0);
  expect(await elected).toMatchObject({ cause: 'acquired', epoch: 2 });
  await Promise.all(
    others.map((pod) => pod.next((entry) => isApplied(entry) && 'record' in entry && entry.record.epoch === 2)),
  );
  const elapsedMs = (source.calls.at(-1)?.at ?? 0) - (source.calls[0]?.at ?? 0);
  // Calls may bunch by one belief window, so one more can have come already.
  expect(source.calls.length).toBeLessThanOrEqual(Math.floor(elapsedMs / intervalMs) + 2);
  expectPromises();
});

test('the source is down for the leader alone: it yields and rests, and another pod refreshes', async () => {
  const first = await startFleet(3);
  const others = pods.filter((pod) => pod !== first);
  const elected = Promise.race(others.map((pod) => pod.next(isGranted)));
  source.brokenFor.add(first.podId);
  await first.next((entry) => entry.type === 'lease.ended' && entry.cause === 'yielded');
  await elected;
  await first.next(isApplied);
  expectPromises();
});

test('any pod can ask for a refresh: the leader makes it, within the budget', async () => {
  const first = await startFleet(3);
  const follower = pods.find((pod) => pod !== first) as PodProcess;
  const results: unknown[] = [];
  for (let i = 0; i < 6; i++) results.push(await follower.refresh());
  expect(results).toContainEqual({ outcome: 'published' });
  expect(results).toContainEqual(expect.objectContaining({ outcome: 'overBudget' }));
  expect(new Set(source.calls.map(({ podId }) => podId))).toEqual(new Set([first.podId]));
  expectPromises();
});

test('pods whose schema refuses a revision keep their last good one and say which and why', async () => {
  await startFleet(2);
  const strict = startPod({ requiredKey: 'extra', podId: 'strict' });
  const rejection = await strict.until((entry) => entry.type === 'revision.rejected');
  expect(rejection).toMatchObject({ dataset: 'rates', reason: expect.stringContaining('needs the key extra') });
  expect(await strict.state()).toMatchObject({ revision: 0, day: null });
});
