/** Memory and start-up time that the library adds to a bare process with ioredis. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../harness/leftovers.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import type { Footprint } from './footprint-probe.ts';
import { makePayload } from './payloads.ts';
import { libraryPublisher } from './publisher.ts';
import { median, type Result, type Row, spread } from './report.ts';

export type FootprintOptions = Readonly<{ samples: number }>;

const variants = ['bare', 'packages', 'library'] as const;
type Variant = (typeof variants)[number];
const namespace = 'footprint';

type Sample = Readonly<{
  startMs: number;
  loadMs: number;
  readyMs: number;
  rssMb: number;
  heapUsedMb: number;
  externalMb: number;
}>;
const measures: Record<keyof Sample, string> = {
  startMs: 'start-up, ms: from starting the process until it is ready',
  loadMs: 'loading modules, ms (part of start-up)',
  readyMs: 'connecting until ready, ms (part of start-up)',
  rssMb: 'resident memory, MB',
  heapUsedMb: 'heap used after collection, MB',
  externalMb: 'external memory, MB',
};

async function startOnce(variant: Variant, url: string): Promise<Sample> {
  const path = fileURLToPath(new URL(`./footprint-${variant}.worker.js`, import.meta.url));
  const forkedAt = process.hrtime.bigint();
  const child = fork(path, [], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, BENCH_URL: url, BENCH_NAMESPACE: namespace },
  });
  endWithUs(child);
  const [footprint] = (await once(child, 'message')) as [Footprint];
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const ms = (from: bigint | string, to: string) => Number(BigInt(to) - BigInt(from)) / 1e6;
  const { beganAt, loadedAt, readyAt, rssMb, heapUsedMb, externalMb } = footprint;
  return {
    startMs: ms(forkedAt, readyAt),
    loadMs: ms(beganAt, loadedAt),
    readyMs: ms(loadedAt, readyAt),
    ...{ rssMb, heapUsedMb, externalMb },
  };
}

export async function benchFootprint({ samples }: FootprintOptions): Promise<Result> {
  const server = await startRedisServer();
  const publisher = await libraryPublisher(server.url, namespace);
  await publisher.publish(makePayload('6 KB'));
  const taken: Record<Variant, Sample[]> = { bare: [], packages: [], library: [] };
  // The first of each fills the caches of the file system.
  for (const variant of variants) await startOnce(variant, server.url);
  for (let i = 0; i < samples; i += 1) {
    for (const variant of i % 2 === 0 ? variants : variants.toReversed()) {
      taken[variant].push(await startOnce(variant, server.url));
    }
  }
  await publisher.close();
  await server.stop();
  return report(taken, samples);
}

function report(taken: Readonly<Record<Variant, readonly Sample[]>>, samples: number): Result {
  const raw: Record<string, number[]> = {};
  const tables = Object.entries(measures).map(([name, title]) => {
    const values = (variant: Variant) => taken[variant].map((sample) => sample[name as keyof Sample]);
    const bare = median(values('bare'));
    const rows = variants.map((variant): Row => {
      raw[`${variant} ${name}`] = values(variant);
      const own = median(values(variant));
      return {
        ...{ variant, ...spread(values(variant), 1) },
        ...{ 'added to bare': Number((own - bare).toFixed(1)), ratio: Number((own / bare).toFixed(2)) },
      };
    });
    return { title, rows };
  });
  return { benchmark: 'footprint', method: method(samples), tables, aims: [], raw };
}

function method(samples: number): string {
  return [
    `${samples} fresh processes of each kind, interleaved. bare: ioredis, connected and subscribed. packages: the same, with`,
    "the library's other packages (xstate, zod, pino, nanoid) loaded beside it. library: a pod that has connected, polled,",
    'downloaded, verified and serves 6 KB of rates. Memory is taken at rest, after a garbage collection.',
  ].join('\n');
}
