/** Whether Redis can be used, and what goes wrong with it. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Failure, FailureKind } from '../../../machines/index.ts';
import type { WatchedPod } from '../pod-health.ts';

export function redisMetrics(pod: WatchedPod, registry: Registry): () => void {
  const registers = [registry];
  new Gauge({
    name: 'bellwether_redis_usable',
    help: 'Whether this pod is connected to Redis, and Redis serves it.',
    registers,
    collect() {
      this.set(Number(['candidate', 'leader', 'follower'].includes(pod.role())));
    },
  });
  const failures = new Counter({
    name: 'bellwether_redis_failures_total',
    help: 'Lost connections, refusals and failed commands, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const generations = new Counter({
    name: 'bellwether_generation_changes_total',
    help: 'Times this pod met new data in Redis: it was wiped, replaced or lost.',
    registers,
  });
  for (const kind of FailureKind.options) if (kind !== 'sourceFailed') failures.inc({ kind }, 0);
  const note = ({ failure: { kind } }: { failure: Failure }) => failures.inc({ kind });
  const stops = [
    pod.on('redis.down', note),
    pod.on('redis.failed', note),
    pod.on('generation.changed', () => generations.inc()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
