/** Within a fresh process: when it was loaded, when it was ready, and what memory it holds at rest. */

export type Footprint = Readonly<{
  /** Moments on the machine's monotonic clock, ns, as text. */
  beganAt: string;
  loadedAt: string;
  readyAt: string;
  rssMb: number;
  heapUsedMb: number;
  externalMb: number;
}>;

type Subject = (url: string, namespace: string) => Promise<{ start(): Promise<void> }>;

const now = () => process.hrtime.bigint().toString();
const mb = (bytes: number) => bytes / 2 ** 20;

/** Sends one `Footprint` to the parent. Needs --expose-gc. */
export async function measureFootprint(subject: Subject): Promise<void> {
  const beganAt = now();
  const { start } = await subject(process.env.BENCH_URL ?? '', process.env.BENCH_NAMESPACE ?? '');
  const loadedAt = now();
  await start();
  const readyAt = now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  // Twice: what the first one finalises, the second one frees.
  for (let i = 0; i < 2; i += 1) (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({
    ...{ beganAt, loadedAt, readyAt, rssMb: mb(rss), heapUsedMb: mb(heapUsed), externalMb: mb(external) },
  } satisfies Footprint);
}
