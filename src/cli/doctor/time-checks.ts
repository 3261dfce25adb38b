/** How far away Redis is, and how far its clock is from that of this machine. */
import { formatDuration } from '../../duration.ts';
import type { PlainRedis } from '../fleet/plain-redis.ts';
import { type Finding, found, good, isForbidden, unknown } from './finding.ts';

const tries = 20;
/** A lease command has 800 ms by default; beyond this a busy moment ends a lease. */
const slowMs = 100;
const farApartMs = 2_000;

type Sample = Readonly<{ tookMs: number; aheadMs: number }>;

export async function checkTime({ redis }: PlainRedis): Promise<Finding[]> {
  const samples: Sample[] = [];
  try {
    for (let i = 0; i < tries; i++) samples.push(await sample(() => redis.time()));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [unknown('latency', 'This user may not run TIME: latency and clocks cannot be compared.')];
  }
  samples.sort((a, b) => a.tookMs - b.tookMs);
  // The quickest answer tells the clock best.
  const [quickest] = samples as [Sample, ...Sample[]];
  const median = (samples[tries / 2] as Sample).tookMs;
  return [latencyOf(median, (samples.at(-1) as Sample).tookMs), clockOf(quickest.aheadMs)];
}

async function sample(ask: () => Promise<readonly (string | number)[]>): Promise<Sample> {
  const startedAt = Date.now();
  const from = performance.now();
  const [seconds, microseconds] = await ask();
  const tookMs = performance.now() - from;
  return { tookMs, aheadMs: Number(seconds) * 1_000 + Number(microseconds) / 1_000 - (startedAt + tookMs / 2) };
}

function latencyOf(medianMs: number, worstMs: number): Finding {
  const sentence = `Redis answers in ${medianMs.toFixed(1)} ms (median of ${tries}; worst ${worstMs.toFixed(1)} ms)`;
  if (medianMs <= slowMs) return good('latency', `${sentence}.`);
  return found(
    'latency',
    `${sentence}: slow for a lease, which is renewed every 400 ms.`,
    'Run the pods near Redis, or raise leaseCommandLimit, beliefWindow and grace.',
  );
}

function clockOf(aheadMs: number): Finding {
  const [apart, side] = [formatDuration(Math.abs(aheadMs)), aheadMs < 0 ? 'behind' : 'ahead of'];
  if (Math.abs(aheadMs) <= farApartMs)
    return good('clock', `The clocks of Redis and of this machine are ${apart} apart.`);
  return found(
    'clock',
    `The clock of Redis is ${apart} ${side} that of this machine: no decision depends on it, but logs do not line up.`,
    'Keep both with NTP.',
  );
}
