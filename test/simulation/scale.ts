/**
 * `npm run simulate:scale -- 70:60m 1000:60m`: fleets of these sizes for so long, each in a process of its own; what
 * Redis has to do for them, how fast they are simulated and what they cost in memory. Without faults but for one: in
 * the middle the leader is killed. Progress goes to stderr, the table to stdout.
 */
import { spawn } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Duration } from '../../src/duration.ts';
import { converged, leaderElected } from '../../src/testing/predicates.ts';
import { type SimulatedFleet, simulateFleet } from '../../src/testing/simulated-fleet.ts';
import { endWithUs } from '../harness/leftovers.ts';

const columns = [
  'pods',
  'simulated',
  'took',
  'virtual s/s',
  'memory, at most',
  'a pod',
  'commands/s',
  'of these',
  'takeover',
  'announcements/s',
  'converged',
];

const datasets = { rates: { refreshInterval: '5m' }, terms: { refreshInterval: '5m' } } as const;
const minuteMs = 60_000;
const megabyte = 2 ** 20;

type Size = Readonly<{ pods: number; lastsMs: number }>;

function fleetOf(pods: number) {
  // Pods of a deployment start one after the other.
  return simulateFleet({ pods, seed: 1, datasets, startApart: Math.max(1, Math.round(20_000 / pods)), history: 0 });
}

/** What lives after full collections of garbage, in bytes: each in a turn of its own, so that no frame holds what has ended. */
async function liveBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let turn = 0; turn < 5; turn++) {
    await setImmediate();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** Lets time pass, and says on stderr how far it is. */
async function advance(fleet: SimulatedFleet, durationMs: number): Promise<void> {
  const endMs = fleet.elapsedMs + durationMs;
  while (fleet.elapsedMs < endMs) {
    const [fromMs, startedAt] = [fleet.elapsedMs, performance.now()];
    await fleet.advanceTo(Math.min(endMs, fromMs + minuteMs));
    const speed = (fleet.elapsedMs - fromMs) / (performance.now() - startedAt);
    const told = [`${(fleet.elapsedMs / minuteMs).toFixed(1)} min`, `${speed.toFixed(1)} virtual s/s`];
    console.error(
      `${fleet.pods.length} pods: ${told.join(', ')}, ${Math.round(process.memoryUsage().rss / megabyte)} MB`,
    );
  }
}

async function row({ pods, lastsMs }: Size): Promise<(string | number)[]> {
  const emptyBytes = await liveBytes();
  const startedAt = performance.now();
  const fleet = (await fleetOf(pods)) as unknown as SimulatedFleet;
  await advance(fleet, minuteMs);
  await fleet.until(converged);
  const podBytes = ((await liveBytes()) - emptyBytes) / pods;
  const from = { atMs: fleet.elapsedMs, realMs: performance.now() };
  const before = new Map(fleet.redis.commands);
  const sentBefore = fleet.redis.announcementsSent;
  await advance(fleet, lastsMs / 2);
  fleet.leader.crash();
  const crashedAtMs = fleet.elapsedMs;
  await fleet.until(leaderElected);
  const takeoverMs = fleet.elapsedMs - crashedAtMs;
  await advance(fleet, lastsMs / 2);
  const seconds = (fleet.elapsedMs - from.atMs) / 1_000;
  const speed = seconds / ((performance.now() - from.realMs) / 1_000);
  const counts = [...fleet.redis.commands].map(
    ([name, count]) => [name, (count - (before.get(name) ?? 0)) / seconds] as const,
  );
  fleet.expect.promises();
  return [
    pods,
    `${(fleet.elapsedMs / minuteMs).toFixed(1)} min`,
    `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
    speed.toFixed(1),
    `${Math.round(process.resourceUsage().maxRSS / 1_024)} MB`,
    `${Math.round(podBytes / 1_024)} KB`,
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

/** A small fleet first, so that no row pays for a cold start. */
async function warmUp(): Promise<void> {
  const fleet = await fleetOf(70);
  await fleet.advance('10m');
  fleet.expect.promises();
}

function parseSize(argument: string): Size {
  const [pods, duration] = argument.split(':');
  const lasts = Duration.safeParse(duration);
  if (/^[1-9]\d*$/.test(pods ?? '') && lasts.success) return { pods: Number(pods), lastsMs: lasts.data };
  console.error(`"${argument}": expected pods:duration, such as 70:60m`);
  process.exit(2);
}

function runRow(argument: string): Promise<number | null> {
  const file = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, file, '--row', argument], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  endWithUs(child);
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--row') {
  const size = parseSize(rest.join());
  await warmUp();
  console.log(`| ${(await row(size)).join(' | ')} |`);
} else {
  const sizes = first === undefined ? [] : [first, ...rest];
  sizes.map(parseSize);
  console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => ' --- |').join('')}`);
  for (const size of sizes) if ((await runRow(size)) !== 0) process.exitCode = 1;
}
