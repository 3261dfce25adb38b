/** From publishing to the last of 70 pods holding it, verified, validated and frozen: the library against bare ioredis. */
import { startRedisServer } from '../harness/redis-server.ts';
import { makePayload, type Size, sizes } from './payloads.ts';
import { barePublisher, libraryPublisher, type Publisher } from './publisher.ts';
import { median, type Result, type Row, spread } from './report.ts';
import { split, Worker } from './workers.ts';

export type PublishOptions = Readonly<{
  pods: number;
  processes: number;
  rounds: number;
  warmUps: number;
  sizes: Size[];
  /** Folder for CPU profiles of both variants. */
  profileTo: string | undefined;
}>;

type Variant = 'library' | 'bare';
const namespace = 'bench';
/** Between two publications: replies, garbage collection and the reports of the workers come to an end. */
const restMs = 150;

class Fleet {
  readonly #publisher: Publisher;
  readonly #workers: readonly Worker[];

  private constructor(publisher: Publisher, workers: readonly Worker[]) {
    this.#publisher = publisher;
    this.#workers = workers;
  }

  static async start(variant: Variant, url: string, { pods, processes, profileTo }: PublishOptions): Promise<Fleet> {
    const publisher = await (variant === 'library' ? libraryPublisher(url, namespace) : barePublisher(url));
    // Pods of the library start when there is something to hold.
    await publisher.publish(makePayload('6 KB'));
    const execArgv = profileTo ? ['--cpu-prof', `--cpu-prof-dir=${profileTo}/${variant}`] : [];
    const workers = split(pods, processes).map((count) => ({
      count,
      worker: new Worker(`publish-${variant}.worker`, execArgv),
    }));
    await Promise.all(workers.map(({ count, worker }) => worker.call('start', { url, namespace, count })));
    return new Fleet(
      publisher,
      workers.map(({ worker }) => worker),
    );
  }

  /** Milliseconds from sending until each pod held it, in the order of arrival. */
  async measure(size: Size): Promise<number[]> {
    const published = makePayload(size);
    await Promise.all(this.#workers.map((worker) => worker.call('arm')));
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const collected = this.#workers.map((worker) => worker.call<string[]>('collect', { serial: published.serial }));
    const sentAt = await this.#publisher.publish(published);
    const heldAt = (await Promise.all(collected)).flat();
    return heldAt.map((at) => Number(BigInt(at) - sentAt) / 1e6).sort((a, b) => a - b);
  }

  async end(): Promise<void> {
    await Promise.all([this.#publisher.close(), ...this.#workers.map((worker) => worker.end())]);
  }
}

export async function benchPublish(options: PublishOptions): Promise<Result> {
  const server = await startRedisServer();
  const fleets = {
    library: await Fleet.start('library', server.url, options),
    bare: await Fleet.start('bare', server.url, options),
  };
  const measured = new Map<Size, Record<Variant, number[][]>>();
  for (const size of options.sizes) measured.set(size, await measureSize(fleets, size, options));
  await Promise.all([fleets.library.end(), fleets.bare.end()]);
  await server.stop();
  return report(measured, options);
}

/** The two take turns in going first. */
async function measureSize(fleets: Record<Variant, Fleet>, size: Size, options: PublishOptions) {
  const arrivals: Record<Variant, number[][]> = { library: [], bare: [] };
  for (let round = -options.warmUps; round < options.rounds; round += 1) {
    const order: readonly Variant[] = round % 2 === 0 ? ['library', 'bare'] : ['bare', 'library'];
    for (const variant of order) {
      const times = await fleets[variant].measure(size);
      if (round >= 0) arrivals[variant].push(times);
    }
  }
  return arrivals;
}

function report(measured: ReadonlyMap<Size, Record<Variant, number[][]>>, options: PublishOptions): Result {
  const rows: Row[] = [];
  const aims: Result['aims'][number][] = [];
  const raw: Record<string, number[]> = {};
  for (const [size, arrivals] of measured) {
    const last = { library: arrivals.library.map(lastOf), bare: arrivals.bare.map(lastOf) };
    const middle = { library: arrivals.library.map(median), bare: arrivals.bare.map(median) };
    const ratio = median(last.library) / median(last.bare);
    const perRound = median(last.library.map((ms, i) => ms / (last.bare[i] ?? Number.NaN)));
    for (const variant of ['library', 'bare'] as const) {
      const isLibrary = variant === 'library';
      rows.push({
        payload: `${size} (${sizes[size]} bytes)`,
        variant,
        ...spread(last[variant]),
        'median pod': Number(median(middle[variant]).toFixed(2)),
        'ratio of medians': isLibrary ? Number(ratio.toFixed(2)) : '',
        'median of ratios': isLibrary ? Number(perRound.toFixed(2)) : '',
      });
      raw[`${size} ${variant} ms`] = last[variant];
    }
    aims.push({ what: `library / bare at ${size}`, value: ratio, atMost: 1.3 });
  }
  return {
    benchmark: 'publish-to-last-pod',
    method: method(options),
    tables: [{ title: 'ms from publishing until the last pod holds it', rows }],
    aims,
    raw,
  };
}

const lastOf = (times: readonly number[]) => times.at(-1) ?? Number.NaN;

function method({ pods, processes, rounds, warmUps }: PublishOptions): string {
  return [
    `${pods} pods in ${processes} processes of their own for each variant, one Redis, one connection a pod; ${rounds} publications`,
    `a size and variant, interleaved, after ${warmUps} that don't count. One process a core rather than one a pod: with more`,
    "processes than cores the scheduler's turns are measured. Both do: one script that stores payload and data version and",
    'publishes; header, payload inline up to 32 KB, else GET; sha256, JSON.parse, the same zod schema, deep freeze, swap.',
  ].join('\n');
}
