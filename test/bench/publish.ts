/** From publishing to the last of 70 pods holding it, verified, validated and frozen: the library against bare ioredis. */
import { startRedisServer } from '../harness/redis-server.ts';
import type { Arrived } from './arrivals.ts';
import { makePayload, type Size } from './payloads.ts';
import { barePublisher, libraryPublisher, type Publisher } from './publisher.ts';
import { median, quantile, type Result, type Row, spread } from './report.ts';
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

const variants = ['library', 'bare'] as const;
type Variant = (typeof variants)[number];

type Sample = Readonly<{
  /** From sending until each pod held it, in the order of arrival. */
  heldMs: number[];
  /** Processor time of the pods' processes: what a publication costs a pod, however busy the machine is otherwise. */
  cpuMsPerPod: number;
}>;
type Samples = Record<Variant, Sample[]>;

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

  async measure(size: Size): Promise<Sample> {
    const published = makePayload(size);
    await Promise.all(this.#workers.map((worker) => worker.call('arm')));
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const collected = this.#workers.map((worker) => worker.call<Arrived>('collect', { serial: published.serial }));
    const sentAt = await this.#publisher.publish(published);
    const arrived = await Promise.all(collected);
    const heldAt = arrived.flatMap(({ heldAtNs }) => heldAtNs);
    return {
      heldMs: heldAt.map((at) => Number(BigInt(at) - sentAt) / 1e6).sort((a, b) => a - b),
      cpuMsPerPod: arrived.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / heldAt.length,
    };
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
  const measured = new Map<Size, Samples>();
  for (const size of options.sizes) measured.set(size, await measureSize(fleets, size, options));
  await Promise.all([fleets.library.end(), fleets.bare.end()]);
  await server.stop();
  return report(measured, options);
}

/** The two take turns in going first. */
async function measureSize(fleets: Record<Variant, Fleet>, size: Size, options: PublishOptions): Promise<Samples> {
  const samples: Samples = { library: [], bare: [] };
  for (let round = -options.warmUps; round < options.rounds; round += 1) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const sample = await fleets[variant].measure(size);
      if (round >= 0) samples[variant].push(sample);
    }
  }
  return samples;
}

const lastOf = ({ heldMs }: Sample) => heldMs.at(-1) ?? Number.NaN;
const cpuOf = ({ cpuMsPerPod }: Sample) => cpuMsPerPod;
const rounded = (value: number) => Number(value.toFixed(2));

function report(measured: ReadonlyMap<Size, Samples>, options: PublishOptions): Result {
  const raw: Record<string, number[]> = {};
  for (const [size, samples] of measured) {
    for (const variant of variants) {
      raw[`${size} ${variant} ms`] = samples[variant].map(lastOf);
      raw[`${size} ${variant} CPU ms a pod`] = samples[variant].map(cpuOf);
    }
  }
  return {
    benchmark: 'publish-to-last-pod',
    method: method(options),
    tables: [
      { title: 'ms from publishing until the last pod holds it', rows: [...measured].flatMap(arrivalRows) },
      { title: 'processor time of a pod for one publication, ms', rows: [...measured].flatMap(cpuRows) },
    ],
    aims: [...measured].map(([size, { library, bare }]) => ({
      what: `library / bare at ${size}`,
      value: median(library.map(lastOf)) / median(bare.map(lastOf)),
      atMost: 1.3,
    })),
    raw,
  };
}

function arrivalRows([size, samples]: [Size, Samples]): Row[] {
  return variants.map((variant) => {
    const at = (q: number) => rounded(median(samples[variant].map(({ heldMs }) => quantile(heldMs, q))));
    return {
      ...{ payload: size, variant, ...spread(samples[variant].map(lastOf)), 'first pod': at(0), 'median pod': at(0.5) },
      ...ratios(variant, samples, lastOf),
    };
  });
}

function cpuRows([size, samples]: [Size, Samples]): Row[] {
  return variants.map((variant) => ({
    ...{ payload: size, variant, ...spread(samples[variant].map(cpuOf)), ...ratios(variant, samples, cpuOf) },
  }));
}

/** Of the medians, and the median of those of each round: they differ when the machine is busy in between. */
function ratios(variant: Variant, { library, bare }: Samples, measure: (sample: Sample) => number): Row {
  if (variant === 'bare') return { 'ratio of medians': '', 'median of ratios': '' };
  const [own, other] = [library.map(measure), bare.map(measure)];
  return {
    'ratio of medians': rounded(median(own) / median(other)),
    'median of ratios': rounded(median(own.map((value, i) => value / (other[i] ?? Number.NaN)))),
  };
}

function method({ pods, processes, rounds, warmUps }: PublishOptions): string {
  return [
    `${pods} pods in ${processes} processes of their own for each variant, one Redis, one connection a pod; ${rounds} publications`,
    `a size and variant, interleaved, after ${warmUps} that don't count. One process a core rather than one a pod: with more`,
    "processes than cores the scheduler's turns are measured. Both do: one script that stores payload and data version and",
    'publishes; header by its zod schema, payload inline up to 32 KB, else GET; sha256, JSON.parse, the same zod schema for',
    'the data, deep freeze, swap.',
  ].join('\n');
}
