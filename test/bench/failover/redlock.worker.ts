/** Members of an elector as one writes it with redlock, at its default settings: acquire, extend, and try again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import Redlock, { type Lock } from 'redlock';
import { type Member, type Membership, serveMembers } from './members.ts';

class Elector implements Member {
  readonly lockKey: string;
  readonly #redis: Redis;
  readonly #redlock: Redlock;
  readonly #ttlMs: number;
  readonly #onConfirmed: () => void;
  #lock: Lock | undefined;
  #hasLeft = false;

  constructor({ url, election, ttlMs }: Membership, onConfirmed: () => void) {
    this.lockKey = election;
    this.#ttlMs = ttlMs;
    this.#onConfirmed = onConfirmed;
    this.#redis = new Redis(url);
    // What ioredis and redlock tell of failures comes as a rejection as well.
    this.#redis.on('error', () => undefined);
    // It doesn't notice that its connection was reset: it counts as back when it is connected again.
    this.#redis.on('ready', () => this.#lock && onConfirmed());
    this.#redlock = new Redlock([this.#redis]);
  }

  async campaign(): Promise<void> {
    while (!this.#hasLeft) {
      try {
        this.#lock = await this.#redlock.acquire([this.lockKey], this.#ttlMs);
        while (!this.#hasLeft) {
          this.#onConfirmed();
          await sleep(this.#ttlMs / 2);
          this.#lock = await this.#lock.extend(this.#ttlMs);
        }
      } catch {
        // Held by another after all tries, or lost: redlock says no more than that, and the elector begins anew.
        this.#lock = undefined;
      }
    }
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    // Rejects where the lock was lost before: there is nothing to give back then.
    await this.#lock?.release().catch(() => undefined);
    this.#redis.disconnect();
  }
}

serveMembers(async (membership, onConfirmed) => {
  const elector = new Elector(membership, onConfirmed);
  void elector.campaign();
  return elector;
});
