/**
 * Promises 7 and 9: after the last fault one pod leads, every pod is on the newest version, and Redis holds it.
 */
import { compareVersions, type Timing, type Version } from '../../machines/index.ts';
import { loadDataVersion } from '../memory/data-version.ts';
import { commandLimits } from '../redis/commands.ts';
import { silenceLimitMs } from '../redis/options.ts';
import type { SimulatedPod } from './simulated-pod.ts';
import type { SimulatedRedis } from './simulated-redis.ts';

const connectLimitMs = 2_000;
const slowestCommandMs = 10_000;

/**
 * How long that may take, in ms, counted from the moment when the last fault is over: the formula of docs/failover.md
 * with all that can come together, a holder included whose machine is gone and a connection that died silently.
 */
export function convergenceBoundMs(timing: Timing, pods: number): number {
  const poll = 1.2 * timing.pollIntervalMs;
  const connect = 1.2 * timing.misconfiguredRetryMs + connectLimitMs + poll + silenceLimitMs;
  const ranks = pods * timing.rankStepMs + timing.leaseCommandLimitMs + timing.retryCapMs;
  const lease = timing.graceMs + timing.uncertainLimitMs + timing.leaseTtlMs + ranks;
  const sync = commandLimits(timing.leaseCommandLimitMs).small + slowestCommandMs + timing.retryCapMs + poll;
  return connect + lease + sync;
}

type World = Readonly<{
  pods: readonly SimulatedPod[];
  redis: SimulatedRedis;
  source: Readonly<{ isFailing: boolean }>;
}>;

const show = ({ revision, epoch, podId }: Version) =>
  revision === 0 ? 'nothing' : `revision ${revision} (epoch ${epoch}, ${podId})`;

/** What is still missing, one sentence each; none: converged. */
export function missingOf({ pods, redis, source }: World, datasets: readonly string[]): string[] {
  const live = pods.filter(({ isAwake }) => isAwake);
  const leaders = live.filter((pod) => pod.isLeader());
  const missing: string[] = [];
  if (live.length === 0) return ['no pod is running'];
  if (leaders.length !== 1)
    missing.push(leaders.length === 0 ? 'no pod leads' : `${leaders.map(({ id }) => id).join(' and ')} lead`);
  for (const pod of live) {
    const role = pod.role();
    if (role !== 'leader' && role !== 'follower') missing.push(`${pod.id} is ${role}`);
  }
  for (const dataset of datasets) {
    // Where nothing is, only a source can bring it.
    if (!source.isFailing || !isNowhere(dataset, pods, redis)) missing.push(...missingIn(dataset, live, redis));
  }
  return missing;
}

/** Nobody holds the newest revision whole: Redis lost it or its payload, and no pod that runs has it. */
export function isNowhere(dataset: string, pods: World['pods'], redis: SimulatedRedis): boolean {
  const stored = storedIn(redis, dataset);
  if (stored && !stored.isSuspect && redis.space.keys.payloads.has(dataset)) return false;
  const live = pods.filter(({ isAwake }) => isAwake);
  return live.every((pod) => {
    const version = pod.version(dataset);
    return stored ? compareVersions(version, stored) < 0 : version.revision === 0;
  });
}

function storedIn({ space }: SimulatedRedis, dataset: string) {
  return loadDataVersion(space)?.datasets[dataset];
}

function missingIn(dataset: string, live: readonly SimulatedPod[], redis: SimulatedRedis): string[] {
  const { space } = redis;
  const missing: string[] = [];
  const stored = storedIn(redis, dataset);
  const held = live.map((pod) => ({ pod, version: pod.version(dataset) }));
  const newest = held.map(({ version }) => version).reduce((a, b) => (compareVersions(a, b) >= 0 ? a : b));
  const top: Version = stored && compareVersions(stored, newest) >= 0 ? stored : newest;
  if (!stored || compareVersions(stored, top) !== 0)
    missing.push(`Redis holds ${stored ? show(stored) : 'nothing'} of ${dataset}, the newest is ${show(top)}`);
  // Damage shows only to a pod that needs the payload: it marks it, and others restore it.
  if (stored?.isSuspect) missing.push(`the payload of ${dataset} in Redis is damaged`);
  if (stored && !space.keys.payloads.has(dataset)) missing.push(`the payload of ${dataset} in Redis is gone`);
  for (const { pod, version } of held) {
    if (compareVersions(version, top) !== 0)
      missing.push(`${pod.id} holds ${show(version)} of ${dataset}, the newest is ${show(top)}`);
  }
  return missing;
}
