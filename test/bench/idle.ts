/** Commands a second that an idle fleet sends to Redis. */
import { startRedisServer } from '../harness/redis-server.ts';
import { type Counted, countCommands } from './command-counter.ts';
import type { Result, Row } from './report.ts';
import { split, Worker } from './workers.ts';

export type IdleOptions = Readonly<{ fleets: number[]; seconds: number }>;

/** Longer than the longest poll interval (36 s): by then every pod knows the size of the fleet and its place in it. */
const settleMs = 45_000;
const namespace = 'idle';
const aims: Readonly<Record<number, number>> = { 70: 7, 1000: 60 };

type Look = { leaders: number; followers: number; revisions: string[]; rss: number };

async function measureFleet(pods: number, seconds: number) {
  const server = await startRedisServer();
  const workers = split(pods, Math.ceil(pods / 250) + 1).map((count) => ({ count, worker: new Worker('idle.worker') }));
  const startedAt = performance.now();
  await Promise.all(workers.map(({ count, worker }) => worker.call('start', { url: server.url, namespace, count })));
  const startMs = performance.now() - startedAt;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const counted = await countCommands(server.url, seconds);
  const looks = await Promise.all(workers.map(({ worker }) => worker.call<Look>('look')));
  const leaders = looks.reduce((sum, look) => sum + look.leaders, 0);
  const followers = looks.reduce((sum, look) => sum + look.followers, 0);
  const revisions = [...new Set(looks.flatMap((look) => look.revisions))];
  await Promise.all(workers.map(({ worker }) => worker.end()));
  await server.stop();
  if (leaders !== 1 || followers !== pods - 1 || revisions.length !== 1) {
    throw new Error(
      `the fleet of ${pods} is not at rest: ${leaders} lead, ${followers} follow, revisions ${revisions}`,
    );
  }
  return { counted, startMs, processes: workers.length };
}

export async function benchIdle({ fleets, seconds }: IdleOptions): Promise<Result> {
  const rows: Row[] = [];
  const found: Result['aims'][number][] = [];
  const raw: Record<string, number[]> = {};
  for (const pods of fleets) {
    const { counted, startMs, processes } = await measureFleet(pods, seconds);
    const perSecond = total(counted) / counted.seconds;
    rows.push(...rowsOf(pods, counted));
    found.push({
      what: `commands a second of ${pods} pods`,
      value: perSecond,
      atMost: aims[pods] ?? Number.POSITIVE_INFINITY,
    });
    raw[`${pods} pods: commands by MONITOR, scripts by INFO commandstats`] = [total(counted), counted.scriptsByServer];
    raw[`${pods} pods: processes, seconds until all had started`] = [processes, startMs / 1_000];
  }
  return {
    benchmark: 'idle-commands',
    method: `Default timings, two datasets every 5 minutes; counted by MONITOR for ${seconds} s, from ${settleMs / 1_000} s after the last pod had started. What scripts call inside is left out.`,
    tables: [{ title: 'commands that clients send', rows }],
    aims: found,
    raw,
  };
}

function total({ commands }: Counted): number {
  return [...commands.values()].reduce((sum, count) => sum + count, 0);
}

function rowsOf(pods: number, counted: Counted): Row[] {
  const row = (command: string, count: number): Row => ({
    ...{ pods, command, count },
    'per second': Number((count / counted.seconds).toFixed(2)),
  });
  const commands = [...counted.commands].sort(([, a], [, b]) => b - a);
  return [...commands.map(([command, count]) => row(command, count)), row('all', total(counted))];
}
