/** The machine a result was measured on, and how noisy it was: figures of another machine can't be compared. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus, loadavg, totalmem } from 'node:os';
import { median } from './report.ts';

export type Machine = Readonly<{ cpu: string; cores: number; memoryGb: number; node: string; redis: string }>;

export function describeMachine(redisServer: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    redis: /v=(\S+)/.exec(execFileSync(redisServer, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown',
  };
}

export type Noise = Readonly<{ load1: number; probeMedianMs: number; probeWorstMs: number }>;

/** A fixed amount of work, again and again: on a quiet machine the worst is near the median, always the same. */
export function probeNoise(): Noise {
  const work = Buffer.alloc(2 ** 20);
  const samples = Array.from({ length: 60 }, () => {
    const from = process.hrtime.bigint();
    for (let i = 0; i < 4; i += 1) createHash('sha256').update(work).digest();
    return Number(process.hrtime.bigint() - from) / 1e6;
  });
  const round = (value: number) => Number(value.toFixed(2));
  return {
    load1: round(loadavg()[0] ?? 0),
    probeMedianMs: round(median(samples)),
    probeWorstMs: round(Math.max(...samples)),
  };
}
