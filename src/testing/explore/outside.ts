/**
 * Everything outside of one live pod of the model, as stubs: its clock stands still, its stores and its source only ask
 * what they are asked, its connection does nothing but hand over what it is told to.
 */
import { z } from 'zod';
import type { DatasetPlan, PodId, Timing } from '../../../machines/index.ts';
import type { bindPod } from '../../create-pod-actors.ts';
import type { Clock, ConnectionEvents, Stores } from '../../ports.ts';
import { nowMs, tickMs } from './durations.ts';
import type { Questions } from './questions.ts';
import { canonicalRequest } from './redis-model.ts';

type Parts = Readonly<{
  podId: PodId;
  plan: DatasetPlan;
  timing: Timing;
  questions: Questions;
  lastPermit: () => string | undefined;
}>;

export class Outside {
  /** What the clock shows. */
  nowMs = nowMs;
  /** Set once the pod has opened its connection. */
  connection: ConnectionEvents | undefined;
  readonly clock: Clock;
  readonly #parts: Parts;
  #soon: (() => void)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.clock = this.#clock();
  }

  /** What a pod is bound with. */
  options(): Parameters<typeof bindPod>[0] {
    const { podId, plan, timing } = this.#parts;
    return {
      podId,
      namespace: 'model',
      mode: 'distributed',
      datasets: new Map([[plan.name, this.#dataset(plan)]]),
      timing,
      integrity: undefined,
      clock: this.clock,
      random: () => 0.5,
      newId: () => this.#newId(),
      connect: () => ({
        stores: this.#stores(),
        address: 'model',
        open: (events) => {
          this.connection = events;
        },
        send: () => Promise.resolve(true),
        close: () => Promise.resolve(),
      }),
      onWarning: () => {},
    };
  }

  /** Timers shorter than a tick: they run before the time of the model goes on. */
  runSoon(): void {
    for (let run = this.#soon.shift(); run; run = this.#soon.shift()) run();
  }

  forgetSoon(): void {
    this.#soon = [];
  }

  #clock(): Clock {
    return {
      now: () => this.nowMs,
      monotonic: () => this.nowMs,
      setTimeout: (run, delayMs) => {
        if (delayMs >= tickMs) return run;
        this.#soon.push(run);
        queueMicrotask(() => this.runSoon());
        return run;
      },
      clearTimeout: (run) => {
        this.#soon = this.#soon.filter((other) => other !== run);
      },
    };
  }

  #stores(): Stores {
    const { podId, questions } = this.#parts;
    const store = (name: keyof Stores) =>
      new Proxy(
        {},
        {
          get: (_, method: string) => (asked: unknown) => {
            const request = canonicalRequest(asked);
            return questions.ask({ kind: 'redis', command: { podId, store: name, method, request } });
          },
        },
      );
    const names = ['lease', 'data', 'publications', 'permits'] as const;
    return Object.fromEntries(names.map((name) => [name, store(name)])) as unknown as Stores;
  }

  #dataset(plan: DatasetPlan) {
    return {
      plan,
      schema: z.object({ content: z.number() }),
      source: () => this.#parts.questions.ask({ kind: 'source' }) as Promise<{ content: number }>,
      sourceLimitMs: tickMs,
      maxAgeMs: tickMs,
      isRequired: true,
      limits: { maxBytes: 1_000, compressAboveBytes: 1_000 },
    };
  }

  /** One of three names in turn: a permit is compared with those that Redis and this pod last knew. */
  #newId(): string {
    const last = this.#parts.lastPermit();
    const number = last === undefined ? 0 : (Number(last.split('/')[1]) + 1) % 3;
    return `${this.#parts.podId}/${number}`;
  }
}
