/**
 * How syncing goes, read off the sync machine's own states: a sync begins when it leaves its waiting states and ends in
 * `idle`, well, or in `retrying`, or with the machine. What an announcement brings with it needs no sync.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { WatchedPod } from '../pod-health.ts';

type SyncActor = NonNullable<ReturnType<WatchedPod['actor']['getSnapshot']>['children']['sync']>;
type Result = 'succeeded' | 'failed';

export function syncMetrics(pod: WatchedPod, registry: Registry): () => void {
  const registers = [registry];
  const syncs = new Counter({
    name: 'bellwether_syncs_total',
    help: 'Syncs of this pod with Redis (a poll, and the download and check of what it showed), by result.',
    labelNames: ['result'],
    registers,
  });
  const duration = new Histogram({
    name: 'bellwether_sync_duration_seconds',
    help: 'How long the syncs took that succeeded.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  for (const result of ['succeeded', 'failed']) syncs.inc({ result }, 0);
  const watch = new SyncWatch((result, seconds) => {
    syncs.inc({ result });
    if (result === 'succeeded') duration.observe(seconds);
  });
  const look = () => watch.follow(pod.actor.getSnapshot().children.sync);
  const subscription = pod.actor.subscribe({ next: look, complete: look, error: look });
  look();
  return () => {
    subscription.unsubscribe();
    watch.follow(undefined);
  };
}

class SyncWatch {
  readonly #tell: (result: Result, seconds: number) => void;
  #actor: SyncActor | undefined;
  #unsubscribe = () => {};
  #since: number | undefined;

  constructor(tell: (result: Result, seconds: number) => void) {
    this.#tell = tell;
  }

  /** Each connection to Redis has a sync machine of its own. */
  follow(actor: SyncActor | undefined): void {
    if (actor === this.#actor) return;
    this.#unsubscribe();
    this.#end('failed');
    this.#actor = actor;
    if (!actor) return;
    const look = () => this.#note(actor);
    const subscription = actor.subscribe({
      next: look,
      complete: () => this.#end('failed'),
      error: () => this.#end('failed'),
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    look();
  }

  #note(actor: SyncActor): void {
    const snapshot = actor.getSnapshot();
    if (snapshot.matches('idle')) this.#end('succeeded');
    else if (snapshot.matches('retrying')) this.#end('failed');
    else if (snapshot.hasTag('syncing')) this.#since ??= performance.now();
  }

  #end(result: Result): void {
    if (this.#since === undefined) return;
    this.#tell(result, (performance.now() - this.#since) / 1_000);
    this.#since = undefined;
  }
}
