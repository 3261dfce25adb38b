/** What a simulated Redis held some time ago: what a replica that lagged still holds. */
import { formatDuration } from '../duration.ts';
import type { MemoryRedis, MemorySnapshot } from '../memory/memory-redis.ts';

const stepMs = 250;

export class RedisHistory {
  readonly #hub: MemoryRedis;
  readonly #lengthMs: number;
  #snapshots: { atMs: number; keys: MemorySnapshot }[] = [];

  /** @param lengthMs how far back it goes; 0: nothing is kept */
  constructor(hub: MemoryRedis, lengthMs: number) {
    this.#hub = hub;
    this.#lengthMs = lengthMs;
  }

  /** Before a command runs. */
  remember(nowMs: number): void {
    if (this.#lengthMs === 0) return;
    if (nowMs - (this.#snapshots.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) < stepMs) return;
    this.#snapshots.push({ atMs: nowMs, keys: this.#hub.snapshot() });
    if (nowMs - (this.#snapshots[0]?.atMs ?? nowMs) > 2 * this.#lengthMs)
      this.#snapshots = this.#snapshots.filter(({ atMs }) => nowMs - atMs <= this.#lengthMs);
  }

  /** @throws Error when what Redis held so long ago is not kept */
  checkReach(agoMs: number): void {
    if (agoMs <= this.#lengthMs) return;
    const kept = this.#lengthMs === 0 ? 'nothing' : `the last ${formatDuration(this.#lengthMs)}`;
    const ago = formatDuration(agoMs);
    throw new Error(
      `Redis can't lose the last ${ago}: this fleet keeps ${kept}; give simulateFleet() history: '${ago}'.`,
    );
  }

  rollBack(untilMs: number): void {
    const kept = this.#snapshots.filter(({ atMs }) => atMs <= untilMs).at(-1) ?? this.#snapshots[0];
    this.#snapshots = this.#snapshots.filter(({ atMs }) => atMs <= untilMs);
    this.#hub.wipe();
    if (kept) this.#hub.restoreSnapshot(kept.keys);
  }
}
