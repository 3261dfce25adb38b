/** Of the process: which version it runs, whether it is ready, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { ownVersion } from '../own-version.ts';
import type { PodHealth, WatchedPod } from '../pod-health.ts';

const resolutionMs = 10;

export function runtimeMetrics(pod: WatchedPod, health: PodHealth, registry: Registry): () => void {
  const registers = [registry];
  new Gauge({
    name: 'bellwether_build_info',
    help: 'Always 1; its labels tell the version of Bellwether and the mode of this pod.',
    labelNames: ['version', 'mode'],
    registers,
  }).set({ version: ownVersion(), mode: pod.lookAtPod().mode }, 1);
  new Gauge({
    name: 'bellwether_ready',
    help: 'What /readyz says: every required dataset is there and not older than its limit, and the pod is not stopping.',
    registers,
    collect() {
      this.set(Number(health.readiness().holds));
    },
  });
  return eventLoopLag(registry);
}

/** A histogram of its own, emptied with every scrape: both gauges tell of the time since the last one. */
function eventLoopLag(registry: Registry): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  // What is measured holds the interval itself.
  const lag = (nanoseconds: number) => Math.max(0, (nanoseconds || 0) / 1e9 - resolutionMs / 1_000);
  const registers = [registry];
  new Gauge({
    name: 'bellwether_event_loop_lag_max_seconds',
    help: 'The longest time since the last scrape by which the event loop was late.',
    registers,
    collect() {
      this.set(lag(delays.max));
      most.set(lag(delays.percentile(99)));
      delays.reset();
    },
  });
  // Registered second, so that the first has set it by the time it is read.
  const most = new Gauge({
    name: 'bellwether_event_loop_lag_p99_seconds',
    help: 'By how much the event loop was late at most in 99 of 100 measurements since the last scrape.',
    registers,
  });
  return () => delays.disable();
}
