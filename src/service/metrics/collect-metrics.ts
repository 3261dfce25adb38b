/**
 * The metrics of one pod, on a registry of `prom-client`: docs/metrics.md lists them.
 *
 * Guarantee: labels are the names of datasets and closed lists, so the number of series is bounded; no pod id, address or
 * text of a failure is among them. Gauges are asked at each scrape, counters follow the trace; nothing does I/O.
 */
import { Registry } from 'prom-client';
import { BellwetherError } from '../../index.ts';
import { PodHealth, type WatchedPod } from '../pod-health.ts';
import { dataMetrics } from './data.ts';
import { durationMetrics } from './durations.ts';
import { leadershipMetrics } from './leadership.ts';
import { redisMetrics } from './redis.ts';
import { runtimeMetrics } from './runtime.ts';
import { sourceMetrics } from './sources.ts';
import { syncMetrics } from './syncs.ts';

export type MetricsOptions = Readonly<{
  /** Where they are registered. Default: a registry of their own. */
  registry?: Registry;
  /** Default: one of its own, which knows that the pod is stopping when the manager was asked to stop. */
  health?: PodHealth;
}>;

/** What counts from now on; `stop` ends it, and the values stay. */
export type Metrics = Readonly<{ registry: Registry; stop(): void }>;

/** @throws BellwetherError `configuration` when the registry has the metrics of another manager */
export function collectMetrics(pod: WatchedPod, options: MetricsOptions = {}): Metrics {
  const registry = options.registry ?? new Registry();
  if (registry.getSingleMetric('bellwether_build_info'))
    throw new BellwetherError(
      'configuration',
      'This registry has the metrics of another manager already: give each manager a registry of its own, and merge them with Registry.merge().',
    );
  const health = options.health ?? new PodHealth(pod);
  const stops = [
    leadershipMetrics(pod, registry),
    durationMetrics(pod, registry),
    dataMetrics(pod, registry),
    sourceMetrics(pod, registry),
    syncMetrics(pod, registry),
    redisMetrics(pod, registry),
    runtimeMetrics(pod, health, registry),
  ];
  if (!options.health) stops.push(() => health.close());
  return {
    registry,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
