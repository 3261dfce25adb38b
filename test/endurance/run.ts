/**
 * Three pods of the service as deploy/kubernetes runs them, read all the time, while everything around them fails.
 *
 * The environment is the manifests', with other addresses and ports. The folder is one that the manifests' user may not
 * write; only a root can become that user, anybody else runs the pods as himself in a folder without the right to write.
 * Not the manifests': the limit of the processor, and the network.
 */
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type FxApi, startFxApi } from '../../src/cli/demo/fx-api.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder } from '../harness/leftovers.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { aclLines, password } from '../security/acl.ts';
import { faults, type World } from './faults.ts';
import { manifest, redisArguments } from './manifest.ts';
import { EndurancePod } from './pod.ts';
import { type EnduranceReport, reportOfPod } from './report.ts';

export type EnduranceOptions = Readonly<{ minutes: number; tell(line: string): void }>;

/** Between the end of a fault and the next one. */
const calmMs = 5_000;
const sampleEveryMs = 5_000;

async function makePod(name: string, redis: RedisServer, api: FxApi): Promise<EndurancePod> {
  const [folder, port] = [temporaryFolder(), await freePort()];
  const backup = join(folder, 'backup');
  mkdirSync(backup);
  if (process.getuid?.() === 0) chownSync(backup, manifest.user.uid, manifest.user.gid);
  chmodSync(folder, 0o555);
  const environment = {
    ...manifest.environment,
    REDIS_ADDR: redis.url,
    REDIS_PASSWORD: password,
    RATES_URL: `${api.url}/rates`,
    TERMS_URL: `${api.url}/terms`,
    BACKUP_FOLDER: backup,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(port),
    HOSTNAME: name,
  };
  return new EndurancePod({ name, port, folder, environment });
}

export async function runEndurance({ minutes, tell }: EnduranceOptions): Promise<EnduranceReport> {
  const [redis, api] = await Promise.all([startRedisServer({ acl: aclLines(), args: redisArguments() }), startFxApi()]);
  const operator = new Redis(redis.url.replace('redis://', 'redis://operator:x@'), {
    maxRetriesPerRequest: null,
    retryStrategy: () => 100,
  });
  // It reconnects; its commands wait for that.
  operator.on('error', () => undefined);
  const pods = await Promise.all(['pod-a', 'pod-b', 'pod-c'].map((name) => makePod(name, redis, api)));
  await Promise.all(pods.map((pod) => pod.start()));
  tell('every pod is ready and read');

  const beganAt = performance.now();
  const over = new AbortController();
  const sampling = setInterval(() => {
    for (const pod of pods) pod.sample(performance.now() - beganAt);
  }, sampleEveryMs);
  const probing = pods.flatMap((pod) => [pod.probeLife(over.signal), pod.probeReadiness(over.signal)]);
  const world = { redis, operator, api, replaced: pods[2] as EndurancePod };
  const counts = await faultsUntil(beganAt + minutes * 60_000, world, tell);
  clearInterval(sampling);
  over.abort();
  await Promise.all(probing);
  await Promise.all(pods.map((pod) => pod.stop()));
  const report = {
    minutes,
    pods: pods.map(reportOfPod),
    faults: counts,
    sourceCalls: { rates: api.calls('rates').log.length, terms: api.calls('terms').log.length },
  };
  operator.disconnect();
  await Promise.all([redis.stop(), api.close()]);
  return report;
}

async function faultsUntil(endsAt: number, world: World, tell: (line: string) => void) {
  const counts: Record<string, number> = {};
  const kinds = Object.entries(faults);
  for (let turn = 0; performance.now() < endsAt; turn += 1) {
    const [kind, inject] = kinds[turn % kinds.length] as (typeof kinds)[number];
    tell(kind);
    await inject(world);
    counts[kind] = (counts[kind] ?? 0) + 1;
    await sleep(calmMs);
  }
  return counts;
}
