/** The pods under chaos: real processes, each behind a proxy of its own, and what is known of each from its trace. */
import type { Role, VersionRecord } from '../../machines/index.ts';
import type { CountingSource } from '../harness/counting-source.ts';
import { openTcpProxy, type TcpProxy } from '../harness/open-tcp-proxy.ts';
import { PodProcess } from '../harness/pod-process.ts';
import type { Journal } from './journal.ts';
import type { RedisLab } from './redis-lab.ts';
import type { Settings } from './settings.ts';

/** A place in the fleet: its proxy stays, its process may be followed by another. */
export type Slot = {
  readonly number: number;
  readonly proxy: TcpProxy;
  pod: PodProcess;
  incarnation: number;
  state: 'awake' | 'paused' | 'ending' | 'gone';
  /** Of this process. */
  pausedAt: number | undefined;
  role: Role;
  held: VersionRecord | undefined;
};

/** A pod that stops lets a source call end first, and then gives the lease back. */
const stopLimitMs = 30_000;

export class Fleet {
  readonly slots: Slot[] = [];
  readonly #settings: Settings;
  readonly #journal: Journal;
  readonly #source: CountingSource;
  #isClosing = false;

  constructor(settings: Settings, journal: Journal, source: CountingSource) {
    this.#settings = settings;
    this.#journal = journal;
    this.#source = source;
  }

  async open(redis: RedisLab): Promise<void> {
    for (let number = 1; number <= this.#settings.pods; number++) {
      const proxy = await openTcpProxy({ port: redis.server.port });
      const slot: Slot = {
        ...{ number, proxy, incarnation: 0, state: 'gone', pausedAt: undefined, role: 'starting', held: undefined },
        pod: undefined as unknown as PodProcess,
      };
      this.slots.push(slot);
      this.start(slot);
    }
  }

  /** A new process, with a name of its own, as soon as the old one has ended. Harmless where one runs. */
  start(slot: Slot): void {
    if (slot.state === 'ending') void slot.pod.ended.then(() => this.start(slot));
    if (slot.state !== 'gone' || this.#isClosing) return;
    const { refreshIntervalMs, budget, timing } = this.#settings;
    slot.incarnation += 1;
    const pod = new PodProcess(
      {
        redis: `redis://127.0.0.1:${slot.proxy.port}`,
        url: this.#source.url,
        namespace: 'chaos',
        podId: `pod-${slot.number}.${slot.incarnation}`,
        refreshInterval: `${refreshIntervalMs}ms`,
        budget: { calls: budget.calls, per: `${budget.perMs}ms` },
        leaseTtl: `${timing.leaseTtlMs}ms`,
        timing: {
          pollInterval: `${timing.pollIntervalMs}ms`,
          misconfiguredRetry: `${timing.misconfiguredRetryMs}ms`,
          retryCap: `${timing.retryCapMs}ms`,
        },
      },
      { hasOwnSession: true },
    );
    Object.assign(slot, { pod, state: 'awake', pausedAt: undefined, role: 'starting', held: undefined });
    pod.onEntry((entry) => {
      if (entry.type === 'role.changed') slot.role = entry.to;
      if (entry.type === 'revision.applied') slot.held = entry.record;
      this.#journal.note(entry);
    });
    void pod.ended.then(({ code, signal }) => this.#noteEnd(slot, pod, signal ?? `code ${code}`));
  }

  #noteEnd(slot: Slot, pod: PodProcess, how: string): void {
    if (this.#isClosing) return;
    const wasEnded = slot.state === 'ending';
    Object.assign(slot, { state: 'gone', role: 'stopped', held: undefined });
    // Its own facts are older, or come too late to be believed.
    this.#journal.note({ type: 'pod.crashed', at: Date.now(), podId: pod.podId });
    if (wasEnded) return;
    const sentence = `${pod.podId} ended with ${how}, and nobody had ended it`;
    this.#journal.violate({ promise: 'serving', at: Date.now(), sentence });
  }

  async kill(slot: Slot): Promise<void> {
    if (slot.state === 'gone') return;
    slot.state = 'ending';
    await slot.pod.kill();
  }

  /** SIGTERM. A process that doesn't end by itself, or not with 0, breaks promise 8. */
  async stop(slot: Slot): Promise<void> {
    if (slot.state !== 'awake') return;
    slot.state = 'ending';
    const { pod } = slot;
    const timer = setTimeout(() => {
      this.#violateServing(`${pod.podId} had not ended ${stopLimitMs} ms after SIGTERM`);
      void pod.kill();
    }, stopLimitMs);
    const code = await pod.stop();
    clearTimeout(timer);
    if (code !== 0 && pod.crashedAt === undefined)
      this.#violateServing(`${pod.podId} ended with ${code} after SIGTERM`);
  }

  pause(slot: Slot): void {
    if (slot.state !== 'awake') return;
    slot.pod.pause();
    slot.state = 'paused';
    slot.pausedAt = Date.now();
    this.#journal.note({ type: 'pod.paused', at: slot.pausedAt, podId: slot.pod.podId });
    this.#askOnWaking(slot.pod);
  }

  resume(slot: Slot): void {
    if (slot.state !== 'paused') return;
    this.#journal.note({ type: 'pod.resumed', at: Date.now(), podId: slot.pod.podId });
    slot.state = 'awake';
    slot.pod.resume();
  }

  /**
   * The question is there before anything that others send it meanwhile: so `isLeader()` is the first thing that it
   * answers when it wakes, before it can have heard of another leader.
   */
  #askOnWaking(pod: PodProcess): void {
    pod.state().then(
      ({ at, isLeader }) => this.#journal.note({ type: 'pod.answered', at, podId: pod.podId, isLeader }),
      // It was killed before it could answer.
      (error: Error) => this.#journal.noteAct(error.message),
    );
  }

  get awake(): Slot[] {
    return this.slots.filter(({ state }) => state === 'awake');
  }

  /** By what the pods have told. */
  leader(): Slot | undefined {
    return this.awake.find(({ role }) => role === 'leader');
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.slots.map(({ pod }) => pod.kill()));
    await Promise.all(this.slots.map(({ proxy }) => proxy.close()));
  }

  #violateServing(sentence: string): void {
    this.#journal.violate({ promise: 'serving', at: Date.now(), sentence });
  }
}
