/**
 * `npm run simulate:scale -- 70:60m 1000:60m`: fleets of these sizes for so long, one after the other; what Redis has
 * to do for them, and how fast they are simulated. Without faults but for one: in the middle the leader is killed.
 */
import { Duration } from '../../src/duration.ts';
import { converged, leaderElected } from '../../src/testing/predicates.ts';
import { simulateFleet } from '../../src/testing/simulated-fleet.ts';

const columns = [
  'pods',
  'simulated',
  'took',
  'virtual s/s',
  'memory',
  'commands/s',
  'of these',
  'takeover',
  'announcements/s',
  'converged',
];

async function row(pods: number, lastsMs: number): Promise<(string | number)[]> {
  const startedAt = performance.now();
  // Pods of a deployment start one after the other.
  const startApart = Math.max(1, Math.round(20_000 / pods));
  const datasets = { rates: { refreshInterval: '5m' }, terms: { refreshInterval: '5m' } } as const;
  const fleet = await simulateFleet({ pods, seed: 1, datasets, startApart, history: 0 });
  await fleet.advance('1m');
  await fleet.until(converged);
  const from = { atMs: fleet.elapsedMs, realMs: performance.now() };
  const before = new Map(fleet.redis.commands);
  const sentBefore = fleet.redis.announcementsSent;
  await fleet.advance(lastsMs / 2);
  fleet.leader.crash();
  const crashedAtMs = fleet.elapsedMs;
  await fleet.until(leaderElected);
  const takeoverMs = fleet.elapsedMs - crashedAtMs;
  await fleet.advance(lastsMs / 2);
  const seconds = (fleet.elapsedMs - from.atMs) / 1_000;
  const counts = [...fleet.redis.commands].map(
    ([name, count]) => [name, (count - (before.get(name) ?? 0)) / seconds] as const,
  );
  fleet.expect.promises();
  return [
    pods,
    `${(fleet.elapsedMs / 60_000).toFixed(1)} min`,
    `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
    (seconds / ((performance.now() - from.realMs) / 1_000)).toFixed(1),
    `${process.memoryUsage().rss >> 20} MB`,
    counts.reduce((sum, [, rate]) => sum + rate, 0).toFixed(1),
    counts
      .filter(([, rate]) => rate >= 0.05)
      .map(([name, rate]) => `${name} ${rate.toFixed(1)}`)
      .join(', '),
    `${(takeoverMs / 1_000).toFixed(2)} s`,
    ((fleet.redis.announcementsSent - sentBefore) / seconds).toFixed(1),
    fleet.expect.missing().length === 0 ? 'yes' : 'no',
  ];
}

console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => ' --- |').join('')}`);
for (const argument of process.argv.slice(2)) {
  const [pods, duration] = argument.split(':');
  const lasts = Duration.safeParse(duration);
  if (!/^[1-9]\d*$/.test(pods ?? '') || !lasts.success) {
    console.error(`"${argument}": expected pods:duration, such as 70:60m`);
    process.exit(2);
  }
  console.log(`| ${(await row(Number(pods), lasts.data)).join(' | ')} |`);
}
