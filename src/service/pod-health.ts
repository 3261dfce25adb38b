/**
 * Whether a pod is alive, whether it is ready, and how it is.
 *
 * *Alive*: its machine works; a pod without Redis is alive, because restarting it would help nobody. *Ready*: every
 * required dataset is there and not older than its limit, and the pod was not asked to stop. No state of Redis ends that.
 * Nothing here does I/O.
 */
import type { DatasetName } from '../../machines/index.ts';
import { type DatasetSight, type DistributedDataManager, formatDuration } from '../index.ts';
import { SourceResults } from './source-results.ts';

export type WatchedPod = Pick<
  DistributedDataManager,
  | 'podId'
  | 'actor'
  | 'role'
  | 'isLeader'
  | 'leader'
  | 'version'
  | 'on'
  | 'subscribe'
  | 'lookAtPod'
  | 'refresh'
  | 'stepDown'
>;

/** With the sentences that say why not; none when it is so. */
export type Verdict = Readonly<{ holds: boolean; reasons: readonly string[] }>;

export class PodHealth {
  readonly #pod: WatchedPod;
  readonly #sources: SourceResults;
  readonly #stopListening: () => void;
  #isDraining = false;

  constructor(pod: WatchedPod) {
    this.#pod = pod;
    this.#sources = new SourceResults(pod);
    this.#stopListening = pod.on('pod.stopping', () => this.drain());
  }

  /** From here on the pod is not ready; it goes on answering. Called by itself when the manager is stopped. */
  drain(): void {
    this.#isDraining = true;
  }

  close(): void {
    this.#stopListening();
    this.#sources.close();
  }

  liveness(): Verdict {
    const { status, error } = this.#pod.actor.getSnapshot();
    if (status === 'active') return verdict([]);
    if (status === 'error')
      return verdict([
        `The pod machine failed, restart this process: ${(error as Error | undefined)?.message ?? error}`,
      ]);
    return verdict(['The pod machine has stopped and fetches nothing more: restart this process.']);
  }

  readiness(): Verdict {
    const { datasets } = this.#pod.lookAtPod();
    const isStopping = this.#isDraining || ['stopping', 'stopped'].includes(this.#pod.role());
    return verdict([
      ...(isStopping ? ['This pod is stopping.'] : []),
      ...Object.entries(datasets).flatMap(([name, dataset]) => this.#lackOf(name, dataset)),
    ]);
  }

  /** Everything, for people: as JSON. */
  detail() {
    const { podId, actor } = this.#pod;
    const { failure, fleet } = actor.getSnapshot().context;
    const { mode, datasets } = this.#pod.lookAtPod();
    const role = this.#pod.role();
    const [alive, ready] = [this.liveness(), this.readiness()];
    return {
      status: alive.holds ? (role === 'leader' || role === 'follower' || role === 'standalone' ? 'ok' : role) : 'dead',
      isAlive: alive.holds,
      isReady: ready.holds,
      reasons: [...alive.reasons, ...ready.reasons],
      podId,
      mode,
      role,
      isLeader: this.#pod.isLeader(),
      leader: this.#pod.leader(),
      fleetSize: fleet.size,
      redis: { isUsable: ['candidate', 'leader', 'follower'].includes(role), failure },
      datasets: Object.fromEntries(Object.entries(datasets).map(([name, sight]) => [name, this.#dataset(name, sight)])),
    };
  }

  #dataset(name: DatasetName, { isRequired, maxAgeMs, refreshIntervalMs, budget, stored }: DatasetSight) {
    const version = this.#pod.version(name);
    const { rejected, failing } = this.#pod.actor.getSnapshot().context;
    const refused = rejected[name];
    return {
      ...version,
      // JSON has no infinity: before the first revision.
      ageMs: version.revision > 0 ? version.ageMs : null,
      maxAgeMs,
      refreshIntervalMs,
      isRequired,
      revisionInRedis: stored?.revision ?? null,
      rejected: refused ? { revision: refused.record.revision, reason: refused.reason } : null,
      budget,
      lastSourceResult: this.#sources.of(name),
      sourceFailure: failing[name] ?? null,
    };
  }

  #lackOf(name: DatasetName, { isRequired, maxAgeMs }: DatasetSight): string[] {
    const { revision, isValid, ageMs } = this.#pod.version(name);
    if (!isRequired || isValid) return [];
    if (revision === 0) return [`There is no data of ${name} yet.`];
    return [`The data of ${name} is ${formatDuration(ageMs)} old, and its limit is ${formatDuration(maxAgeMs)}.`];
  }
}

function verdict(reasons: readonly string[]): Verdict {
  return { holds: reasons.length === 0, reasons };
}
