/** One small election: a leader, three followers, one fault, one sample. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpProxy } from '../../harness/open-tcp-proxy.ts';
import type { Worker } from '../workers.ts';
import type { Contestant } from './contestants.ts';
import type { Membership, Question } from './members.ts';
import { expiryOf, toMonotonicNs } from './redis-clock.ts';
import type { Stage } from './stage.ts';

export const faults = ['SIGKILL', 'SIGTERM', 'cut off', 'reset', 'expiry'] as const;
export type Fault = (typeof faults)[number];

export type Sample = Readonly<{
  contestant: Contestant;
  fault: Fault;
  /** Without leader; of `expiry` from the expiry of the lock. Infinity: nobody led within the limit. */
  tookMs: number;
  /** When somebody led again, ns on the monotonic clock. */
  ledAtNs: bigint;
}>;

/** The signal has arrived and what the leader had sent before is in Redis. */
const settleMs = 500;
/** On top of two TTLs: who doesn't lead by then never will. */
export const patienceMs = 10_000;

export class Election {
  readonly contestant: Contestant;
  readonly fault: Fault;
  readonly #stage: Stage;
  readonly #name: string;
  readonly #ttlMs: number;
  #proxy: TcpProxy | undefined;
  #lockKey = '';
  #begun: Worker | undefined;

  /** Starts nothing yet. */
  constructor(stage: Stage, fault: Fault, name: string, ttlMs: number) {
    this.contestant = stage.contestant;
    this.fault = fault;
    this.#stage = stage;
    this.#name = name;
    this.#ttlMs = ttlMs;
  }

  get #leader(): Worker {
    if (!this.#begun) throw new Error(`the election ${this.#name} has not begun`);
    return this.#begun;
  }

  /** A leader whose connection alone is harmed may share a process with others. */
  get #isLeaderHarmed(): boolean {
    return this.fault !== 'reset' && this.fault !== 'cut off';
  }

  /** Resolves when the leader leads. */
  async begin(): Promise<void> {
    this.#begun = this.#isLeaderHarmed ? this.#stage.fork() : this.#stage.cutLeaders;
    if (!this.#isLeaderHarmed) this.#proxy = await this.#stage.proxy();
    this.#lockKey = await this.#join(this.#leader, 'leader', this.#proxy && `redis://127.0.0.1:${this.#proxy.port}`);
    if (!(await this.#ledAfter(0n, [this.#leader]))) throw new Error(`nobody leads in ${this.#name}`);
  }

  async follow(): Promise<void> {
    for (const [i, worker] of this.#stage.followers.entries()) await this.#join(worker, `follower-${i + 1}`);
  }

  async measure(): Promise<Sample> {
    const { contestant, fault } = this;
    const { followers } = this.#stage;
    const beganNs = process.hrtime.bigint();
    this.#inflict();
    const candidates = this.#isLeaderHarmed ? followers : [this.#leader, ...followers];
    const expiresAtMs = fault === 'expiry' ? await this.#expiry() : undefined;
    const ledAtNs = await this.#ledAfter(beganNs, candidates);
    const fromNs = expiresAtMs === undefined ? beganNs : await toMonotonicNs(this.#stage.redis, expiresAtMs);
    if (this.#isLeaderHarmed) await this.#leader.kill();
    const tookMs = ledAtNs === undefined ? Number.POSITIVE_INFINITY : Number(ledAtNs - fromNs) / 1e6;
    return { contestant, fault, tookMs, ledAtNs: ledAtNs ?? process.hrtime.bigint() };
  }

  async #expiry(): Promise<number> {
    await sleep(settleMs);
    return expiryOf(this.#stage.redis, this.#lockKey);
  }

  #inflict(): void {
    if (this.fault === 'SIGKILL' || this.fault === 'SIGTERM') this.#leader.signal(this.fault);
    if (this.fault === 'expiry') this.#leader.signal('SIGSTOP');
    if (this.fault === 'reset') this.#proxy?.cut();
    if (this.fault === 'cut off') this.#proxy?.refuse();
  }

  #join(worker: Worker, role: string, url = this.#stage.url): Promise<string> {
    const member = `${this.#name}-${role}`;
    return worker.call('join', { url, election: this.#name, member, ttlMs: this.#ttlMs } satisfies Membership);
  }

  /** The first moment after that one at which one of them leads; undefined when there is none within the limit. */
  async #ledAfter(momentNs: bigint, candidates: readonly Worker[]): Promise<bigint | undefined> {
    const question: Question = { election: this.#name, afterNs: String(momentNs) };
    const limit = new AbortController();
    const moment = await Promise.race([
      ...candidates.map((worker) => worker.call<string>('confirmed', question)),
      sleep(2 * this.#ttlMs + patienceMs, undefined, { signal: limit.signal }).catch(() => undefined),
    ]);
    limit.abort();
    return moment === undefined ? undefined : BigInt(moment);
  }
}
