/** Time without leader, for the library and two rivals under the same faults. */
import { formatTable, median, type Result, type Row, spread } from '../report.ts';
import { type BatchResult, disturbingMs, faultSlotMs, runBatch } from './batch.ts';
import { type Contestant, tsSafeWaitMs } from './contestants.ts';
import { type Fault, patienceMs, type Sample } from './election.ts';
import { followersPerElection, Stage } from './stage.ts';

export type FailoverOptions = Readonly<{
  contestants: readonly Contestant[];
  faults: readonly Fault[];
  ttlsMs: readonly number[];
  samples: number;
  /** How long the elections are left alone before the first fault. */
  restMs: number;
}>;

/** Faults of one batch happen in the same minutes: those that end at once, those that wait, those that are stopped. */
const batches: readonly (readonly Fault[])[] = [['SIGTERM', 'reset'], ['SIGKILL', 'cut off'], ['expiry']];

type Limits = Readonly<{ median: number; worst: number }>;
const aims: Partial<Record<Fault, Limits>> = {
  SIGKILL: { median: 1_700, worst: 3_000 },
  SIGTERM: { median: 10, worst: 50 },
  expiry: { median: 10, worst: 50 },
};

type Measured = Readonly<{ ttlMs: number; batch: readonly Fault[]; result: BatchResult }>;

export async function benchFailover(options: FailoverOptions): Promise<Result> {
  const { contestants, ttlsMs, samples, restMs } = options;
  const stages = await Promise.all(contestants.map((contestant) => Stage.set(contestant)));
  const measured: Measured[] = [];
  for (const ttlMs of ttlsMs) {
    for (const batch of batches) {
      const faults = batch.filter((fault) => options.faults.includes(fault));
      if (faults.length === 0) continue;
      const result = await runBatch(stages, { faults, ttlMs, samples, restMs });
      measured.push({ ttlMs, batch: faults, result });
      // Minutes of measuring: printed at once, in case a later batch fails.
      console.log(`${faults.join(', ')} under a TTL of ${ttlMs / 1_000} s, ${Math.round(result.tookSeconds)} s`);
      console.log(`${formatTable(cellsOf(measured, ttlMs, { ...options, faults }).map(rowOf))}\n`);
    }
  }
  await Promise.all(stages.map((stage) => stage.strike()));
  return report(measured, options);
}

type Cell = Readonly<{ ttlMs: number; fault: Fault; contestant: Contestant; tookMs: readonly number[] }>;

function cellsOf(measured: readonly Measured[], ttlMs: number, { faults, contestants }: FailoverOptions): Cell[] {
  return faults.flatMap((fault) =>
    contestants.map((contestant) => ({ ttlMs, fault, contestant, tookMs: pick(measured, ttlMs, fault, contestant) })),
  );
}

const rowOf = ({ fault, contestant, tookMs }: Cell): Row => ({
  ...{ fault, contestant, samples: tookMs.length },
  ...spread(tookMs, 1),
});

function report(measured: readonly Measured[], options: FailoverOptions): Result {
  const { ttlsMs } = options;
  const cells = ttlsMs.flatMap((ttlMs) => cellsOf(measured, ttlMs, options));
  return {
    benchmark: 'failover',
    method: method(options),
    tables: [
      ...ttlsMs.map((ttlMs) => ({
        title: `ms without leader under a TTL of ${ttlMs / 1_000} s`,
        rows: cells.filter((cell) => cell.ttlMs === ttlMs).map(rowOf),
      })),
      { title: 'the machine meanwhile', rows: measured.map(conditions) },
    ],
    aims: cells.filter(({ contestant }) => contestant === 'bellwether').flatMap(aimsOf),
    raw: Object.fromEntries(
      cells.map(({ ttlMs, fault, contestant, tookMs }) => [`${ttlMs / 1_000} s ${fault} ${contestant} ms`, tookMs]),
    ),
  };
}

function pick(measured: readonly Measured[], ttlMs: number, fault: Fault, contestant: Contestant): number[] {
  const isOf = (sample: Sample) => sample.fault === fault && sample.contestant === contestant;
  return measured
    .filter((each) => each.ttlMs === ttlMs)
    .flatMap(({ result }) => result.samples.filter(isOf).map(({ tookMs }) => tookMs));
}

function aimsOf({ fault, ttlMs, tookMs }: Cell): Result['aims'] {
  const limits = aims[fault];
  if (!limits) return [];
  const what = `${fault} under a TTL of ${ttlMs / 1_000} s`;
  return [
    { what: `${what}, median ms`, value: median(tookMs), atMost: limits.median },
    { what: `${what}, worst ms`, value: Math.max(...tookMs), atMost: limits.worst },
  ];
}

function conditions({ ttlMs, batch, result }: Measured): Row {
  return {
    'TTL s': ttlMs / 1_000,
    faults: batch.join(', '),
    elections: result.elections,
    'busy at rest %': Number(result.busyPercent.toFixed(1)),
    [`takeovers within ${disturbingMs} ms of another`]: result.disturbed,
    seconds: Math.round(result.tookSeconds),
  };
}

function method({ samples, restMs }: FailoverOptions): string {
  return `${samples} elections a row, each with a leader and ${followersPerElection} followers in processes of their own (followers and leaders
that only lose their connection share theirs with other elections), one Redis a contestant. All elections of a batch
rest for ${restMs / 1_000} s, then get their faults ${faultSlotMs} ms apart, contestants in turn.
All times are on the machine's monotonic clock. The clock starts
  SIGKILL, SIGTERM  before the signal is sent to the leader's process (at SIGTERM each gives its lease back, then exits);
  cut off           before a TCP proxy resets the leader's connection and from then on every new one: the leader lives on;
  reset             before the proxy resets it once: the leader may connect again, followers are connected all the time;
  expiry            when the lock's key expires (PEXPIRETIME, brought onto the monotonic clock right after the takeover by
                    TIME): the leader was stopped (SIGSTOP), so it is alive and connected, and only the TTL ends its lease.
It ends when a member believes that it leads and Redis has confirmed that since: bellwether when \`isLeader()\` is true in
any pod, the cut one included; ts-safe-redis-leader at \`elected\` or \`renew\`; redlock when \`acquire\` or \`extend\` resolves.
After a reset neither rival notices anything: its leader counts as back when its connection is ready again.
Infinity: nobody led within two TTLs and ${patienceMs / 1_000} s.
bellwether: all timings at their defaults but the TTL. ts-safe-redis-leader 0.0.5: waiters ask every ${tsSafeWaitMs} ms, it renews every
half TTL. redlock 5.0.0-beta.2: its defaults (waiters ask every 100 to 300 ms), extended every half TTL. Both on ioredis 6.`;
}
