/** What the run does to the fleet: kills its leader, takes its Redis away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../duration.ts';
import { counted } from './display.ts';
import type { FleetPod } from './roster.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const outageMs = 6_000;
const electionLimitMs = 30_000;
const recoveryLimitMs = 30_000;

/** SIGKILL to the leader's process; somebody else leads soon. */
export async function killLeader(stage: Stage): Promise<void> {
  const { fleet, journal, display } = stage;
  const leader = await leaderOf(stage);
  if (!fleet.kill) {
    if (fleet.roster.running().length < 2) return;
    await handOver(stage, leader);
    await replace(stage);
    return;
  }
  display.phase('The leader is killed: another pod carries on');
  display.event(`SIGKILL to ${leader.label}, the leader (process ${leader.pid})`, 'fault');
  const killedAt = Date.now();
  journal.noteCrash(leader);
  await fleet.kill(leader);
  await Promise.all([nextLeader(stage, killedAt, 'the leader was killed'), replace(stage)]);
}

/** As Kubernetes would. */
async function replace({ fleet, display, signal }: Stage): Promise<void> {
  const pod = await fleet.start();
  display.event(`${pod.label} was started in its place`);
  const what = `${pod.label}, started in its place, serves data`;
  await until(() => hasData(pod), { what, limitMs: recoveryLimitMs, signal });
}

/** SIGTERM to the leader: it gives the lease away before it goes. */
export async function handOver(stage: Stage, leader: FleetPod): Promise<void> {
  const { fleet, display } = stage;
  display.phase('The leader is stopped in order: it hands the lease over');
  display.event(`${leader.label}, the leader, is asked to stop`);
  const askedAt = Date.now();
  const stopped = fleet.stop(leader);
  if (fleet.roster.running().length > 0) await nextLeader(stage, askedAt, 'it was asked to');
  await stopped;
}

/** Redis ends and comes back empty: the pods serve on, and give it back what it lost. */
export async function stopRedis(stage: Stage): Promise<void> {
  const { fleet, journal, display, redis, signal } = stage;
  if (!redis) return;
  const { roster } = fleet;
  display.phase('Redis is stopped: every pod serves on from its memory');
  display.event('Redis is stopped (SIGTERM); it keeps nothing on disk', 'fault');
  const stoppedAt = Date.now();
  await redis.stop();
  const isDegraded = ({ role }: FleetPod) => role === 'degraded';
  const all = roster.running();
  await until(() => all.every(isDegraded), { what: 'every pod knows that Redis is gone', limitMs: outageMs, signal });
  const tookMs = Date.now() - stoppedAt;
  display.event(
    `${all.length} of ${counted(all.length, 'pod')} are degraded after ${formatDuration(tookMs)}: none leads, none fetches`,
    'fault',
  );
  await sleep(Math.max(0, outageMs - tookMs - 200), undefined, { signal });
  const serving = all.filter((pod) => hasData(pod) && (pod.status?.at ?? 0) > stoppedAt + tookMs).length;
  display.event(`${serving} of ${counted(all.length, 'pod')} still serve rates and terms without Redis`, 'good');
  await sleep(Math.max(0, stoppedAt + outageMs - Date.now()), undefined, { signal });

  display.phase('Redis is back and empty: the pods give it its data back');
  const startedAt = Date.now();
  await redis.start();
  journal.wipes.push({ stoppedAt, startedAt });
  display.event(`Redis is started again on port ${redis.port}, empty`);
  await nextLeader(stage, startedAt, 'Redis was started');
  await until(() => roster.connected().length === roster.running().length, {
    what: 'every pod is in contact with Redis again',
    limitMs: recoveryLimitMs,
    signal,
  });
  display.event(
    `${roster.connected().length} of ${counted(roster.running().length, 'pod')} are back ${formatDuration(Date.now() - startedAt)} after Redis was started`,
    'good',
  );
}

export function hasData({ status }: FleetPod): boolean {
  return status?.held.rates !== undefined && status.held.terms !== undefined;
}

export async function leaderOf({ fleet: { roster }, signal }: Stage): Promise<FleetPod> {
  await until(() => roster.leader() !== undefined, { what: 'some pod leads', limitMs: electionLimitMs, signal });
  return roster.leader() as FleetPod;
}

/** Waits for a lease that was granted after that moment, and tells how long it took. */
async function nextLeader({ journal, display, signal }: Stage, since: number, sinceWhat: string): Promise<void> {
  const grant = () => journal.trace.findLast((entry) => entry.type === 'lease.granted' && entry.at >= since);
  await until(() => grant() !== undefined, { what: 'another pod leads', limitMs: electionLimitMs, signal });
  display.event(
    `the next leader was there ${formatDuration((grant()?.at ?? since) - since)} after ${sinceWhat}`,
    'good',
  );
}
