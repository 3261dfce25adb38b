/** Time that a pod spends in a condition, as counters that are exact at every scrape. */
import { Counter, type Registry } from 'prom-client';
import { roleOf } from '../../../machines/index.ts';
import type { WatchedPod } from '../pod-health.ts';

type Snapshot = ReturnType<WatchedPod['actor']['getSnapshot']>;

export function durationMetrics(pod: WatchedPod, registry: Registry): () => void {
  const isAlone = pod.lookAtPod().mode === 'standalone';
  const watches = [
    new TimeIn(registry, {
      name: 'bellwether_degraded_seconds_total',
      help: 'Time in which this pod could not use Redis and served what it had.',
      holds: (snapshot) => roleOf(snapshot) === 'degraded',
    }),
    new TimeIn(registry, {
      name: 'bellwether_without_leader_seconds_total',
      help: 'Time in which this pod knew of no leader: nobody held the lease, or Redis could not be asked.',
      holds: (snapshot) => !isAlone && (snapshot.context.leader === null || roleOf(snapshot) === 'degraded'),
    }),
  ];
  const look = () => {
    const snapshot = pod.actor.getSnapshot();
    for (const watch of watches) watch.note(snapshot.status === 'active' ? snapshot : undefined);
  };
  const subscription = pod.actor.subscribe({ next: look, complete: look, error: look });
  return () => subscription.unsubscribe();
}

class TimeIn {
  readonly #holds: (snapshot: Snapshot) => boolean;
  readonly #counter: Counter;
  /** On the monotonic clock: counted up to here; undefined while the condition doesn't hold. */
  #since: number | undefined;

  constructor(
    registry: Registry,
    { holds, name, help }: { name: string; help: string; holds: (snapshot: Snapshot) => boolean },
  ) {
    this.#holds = holds;
    this.#counter = new Counter({ name, help, registers: [registry], collect: () => this.#count() });
  }

  /** Undefined: the pod has ended. */
  note(snapshot: Snapshot | undefined): void {
    this.#count();
    const isIn = snapshot !== undefined && this.#holds(snapshot);
    this.#since = isIn ? (this.#since ?? performance.now()) : undefined;
  }

  #count(): void {
    if (this.#since === undefined) return;
    const now = performance.now();
    this.#counter.inc((now - this.#since) / 1_000);
    this.#since = now;
  }
}
