/**
 * The metrics of one pod, on a registry of `prom-client`: docs/metrics.md lists them.
 *
 * Guarantee: labels are the names of datasets and closed lists, so the number of series is bounded; no pod id, address or
 * text of a failure is among them. Gauges are asked at each scrape, counters follow the trace; nothing does I/O.
 */
import { type OpenMetricsContentType, Registry } from 'prom-client';
import { BellwetherError } from '../../index.ts';
import { PodHealth, type WatchedPod } from '../pod-health.ts';
import { dataMetrics } from './data.ts';
import { durationMetrics } from './durations.ts';
import { leadershipMetrics } from './leadership.ts';
import { redisMetrics } from './redis.ts';
import { runtimeMetrics } from './runtime.ts';
import { sourceMetrics } from './sources.ts';
import { syncMetrics } from './syncs.ts';

/** Whichever of the two formats it writes. */
export type AnyRegistry = Registry | Registry<OpenMetricsContentType>;

export type MetricsOptions = Readonly<{
  /** Where they are registered. Default: a registry of their own. */
  registry?: AnyRegistry | undefined;
  /** Default: one of its own, which knows that the pod is stopping when the manager was asked to stop. */
  health?: PodHealth;
}>;

/** What counts from now on; `stop` ends it and takes the metrics off the registry, so that another manager may have it. */
export type Metrics = Readonly<{ registry: AnyRegistry; stop(): void }>;

/** @throws BellwetherError `configuration` when the registry has the metrics of another manager */
export function collectMetrics(pod: WatchedPod, options: MetricsOptions = {}): Metrics {
  // Its format is the business of whoever writes it out.
  const registry = (options.registry ?? new Registry()) as Registry;
  if (registry.getSingleMetric('bellwether_build_info'))
    throw new BellwetherError(
      'configuration',
      'This registry has the metrics of another manager already: give each manager a registry of its own, and merge them with Registry.merge().',
    );
  const health = options.health ?? new PodHealth(pod);
  const others = new Set(namesIn(registry));
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
  const ours = namesIn(registry).filter((name) => !others.has(name));
  return {
    registry,
    stop: () => {
      for (const stop of stops) stop();
      for (const name of ours) registry.removeSingleMetric(name);
    },
  };
}

function namesIn(registry: Registry): string[] {
  return registry.getMetricsAsArray().map(({ name }) => name);
}
