import { type Backoff, backoffDelay, type FailureKind, nextAttempt } from '../../machines/index.ts';
import type { Random } from '../ports.ts';

/** ioredis' own delay of up to five seconds is what makes a failover slow. */
const quick: Backoff = { baseMs: 25, capMs: 500 };

const slowBaseMs = 500;

/**
 * How long to wait before connecting again: with jitter, never long, but slowly where only a person can mend it. An
 * outage that ends in flapping goes on as the same one; another kind of failure begins anew.
 */
export class ReconnectPace {
  readonly #slow: Backoff;
  readonly #random: Random;
  #kind: FailureKind | undefined;
  #attempts = 0;

  constructor(slowestMs: number, random: Random) {
    this.#slow = { baseMs: Math.min(slowBaseMs, slowestMs), capMs: slowestMs };
    this.#random = random;
  }

  /** @param wasSteady the connection that was lost had been up for a while */
  nextDelayMs(kind: FailureKind, wasSteady: boolean): number {
    this.#attempts = nextAttempt(wasSteady || kind !== this.#kind ? 0 : this.#attempts);
    this.#kind = kind;
    return backoffDelay(kind === 'misconfigured' ? this.#slow : quick, this.#attempts, this.#random());
  }
}
