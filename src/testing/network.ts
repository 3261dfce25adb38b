/**
 * The network between pods and Redis: every request, reply and announcement is a message that takes its time.
 *
 * A wire is one direction of one connection. By itself it does what TCP does: it keeps the order, and what can't get
 * through while the way is cut arrives, late, when it is healed. `noise` is harsher than TCP: messages are lost,
 * doubled and overtake each other, because the protocol claims to live with that.
 */
import { z } from 'zod';
import type { Picker } from './random.ts';
import type { Step, Timeline } from './timeline.ts';

const chance = z.number().min(0).max(1).default(0);

/** Chances for each message, from 0 to 1; what is left out is 0. */
export const Noise = z.strictObject({
  drop: chance,
  duplicate: chance,
  reorder: chance,
  /** Held up, by up to `spikeMs`. */
  spike: chance,
  spikeMs: z.number().min(0).default(0),
});
export type Noise = Readonly<z.input<typeof Noise>>;
type FullNoise = Readonly<z.output<typeof Noise>>;

export const calm: FullNoise = Noise.parse({});

export function isCalm(noise: FullNoise): boolean {
  return Object.values(noise).every((amount) => amount === 0);
}

/** What was asked for, for the trace: `drop 0.05, spike 0.1`. */
export function describeNoise(noise: Noise): string {
  return Object.entries(noise)
    .map(([what, amount = 0]) => `${what} ${Math.round(amount * 1_000) / 1_000}`)
    .join(', ');
}

export type Delay = Readonly<{ fromMs: number; toMs: number }>;

/** What happened to messages, for whoever wants to know that noise was there. */
export type MessageCounts = { sent: number; dropped: number; duplicated: number; reordered: number; delayed: number };

type Message = Readonly<{ what: string; run: () => void; owner: unknown }>;

/** TCP sends again in its own time after a cut is healed. */
const retransmissionMs = { from: 5, to: 400 };

export class Network {
  readonly timeline: Timeline;
  readonly counts: MessageCounts = { sent: 0, dropped: 0, duplicated: 0, reordered: 0, delayed: 0 };
  readonly #picker: Picker;
  readonly #delay: Delay;
  #noise = calm;
  #isNoisy = false;
  /** `from>to` */
  readonly #cuts = new Map<string, Step | undefined>();
  readonly #stuck = new Map<string, Set<Wire>>();
  /** `from>to what`: by how many ms. */
  readonly #heldUp = new Map<string, number>();

  constructor(timeline: Timeline, picker: Picker, delay: Delay) {
    this.timeline = timeline;
    this.#picker = picker;
    this.#delay = delay;
  }

  set noise(noise: FullNoise) {
    this.#noise = noise;
    this.#isNoisy = !isCalm(noise);
  }

  wire(from: string, to: string): Wire {
    return new Wire(this, `${from}>${to}`);
  }

  /** One way. Returns whether it was open. */
  cut(from: string, to: string): boolean {
    const path = `${from}>${to}`;
    if (this.#cuts.has(path)) return false;
    this.#cuts.set(path, undefined);
    return true;
  }

  /** Does something if a cut lasts for so long. */
  afterCut(from: string, to: string, durationMs: number, run: () => void): void {
    this.#cuts.set(`${from}>${to}`, this.timeline.after(durationMs, run, 'a cut that lasts'));
  }

  /** Returns whether it was cut. */
  heal(from: string, to: string): boolean {
    const path = `${from}>${to}`;
    if (!this.#cuts.has(path)) return false;
    const step = this.#cuts.get(path);
    if (step) this.timeline.clear(step);
    this.#cuts.delete(path);
    const stuck = this.#stuck.get(path);
    this.#stuck.delete(path);
    for (const wire of stuck ?? [])
      wire.unstick(this.#round(this.#picker.between(retransmissionMs.from, retransmissionMs.to)));
    return true;
  }

  /** The next message of this name takes so much longer, and what is sent after it overtakes it. */
  holdUp(from: string, to: string, what: string, byMs: number): void {
    this.#heldUp.set(`${from}>${to} ${what}`, this.#round(byMs));
  }

  /** By how much this message is held up. */
  heldUpMs(path: string, what: string): number {
    if (this.#heldUp.size === 0) return 0;
    const name = `${path} ${what}`;
    const byMs = this.#heldUp.get(name) ?? 0;
    this.#heldUp.delete(name);
    return byMs;
  }

  isCut(path: string): boolean {
    return this.#cuts.has(path);
  }

  noteStuck(path: string, wire: Wire): void {
    const stuck = this.#stuck.get(path);
    if (stuck) stuck.add(wire);
    else this.#stuck.set(path, new Set([wire]));
  }

  delayMs(): number {
    return this.#round(this.#picker.between(this.#delay.fromMs, this.#delay.toMs));
  }

  /** How long a message takes, and what else becomes of it. */
  fate(): { delayMs: number; isDropped: boolean; isDuplicated: boolean; isReordered: boolean } {
    const picker = this.#picker;
    this.counts.sent += 1;
    let delayMs = this.delayMs();
    if (!this.#isNoisy) return { delayMs, isDropped: false, isDuplicated: false, isReordered: false };
    const noise = this.#noise;
    if (picker.chance(noise.spike)) {
      this.counts.delayed += 1;
      delayMs += picker.between(0, noise.spikeMs);
    }
    const isDropped = picker.chance(noise.drop);
    const isDuplicated = picker.chance(noise.duplicate);
    const isReordered = picker.chance(noise.reorder);
    if (isDropped) this.counts.dropped += 1;
    if (isDuplicated) this.counts.duplicated += 1;
    if (isReordered) this.counts.reordered += 1;
    return { delayMs: this.#round(delayMs), isDropped, isDuplicated, isReordered };
  }

  /** A whole number of microseconds: traces are read by people. */
  #round(delayMs: number): number {
    return Math.round(delayMs * 1_000) / 1_000;
  }
}

class Wire {
  readonly #network: Network;
  readonly #path: string;
  /** Nothing that is sent later arrives before. */
  #lastAtMs = 0;
  #stuck: Message[] = [];

  constructor(network: Network, path: string) {
    this.#network = network;
    this.#path = path;
  }

  /** @param owner whose step the arrival is */
  send(what: string, run: () => void, owner?: unknown): void {
    const message = { what, run, owner };
    const { delayMs, isDropped, isDuplicated, isReordered } = this.#network.fate();
    const heldUpMs = this.#network.heldUpMs(this.#path, what);
    if (isDuplicated) this.#deliver(message, delayMs * 2 + 1, true);
    if (!isDropped) this.#deliver(message, delayMs + heldUpMs, isReordered || heldUpMs > 0);
  }

  /** Takes its time, and keeps its place in the order, but no noise touches it: opening and closing a connection. */
  sendSurely(what: string, run: () => void, owner?: unknown): void {
    this.#deliver({ what, run, owner }, this.#network.delayMs(), false);
  }

  /** Sends what is stuck, in its order. */
  unstick(afterMs: number): void {
    const stuck = this.#stuck;
    this.#stuck = [];
    for (const message of stuck) this.#deliver(message, afterMs, false);
  }

  /** The machine that sends is gone, with what it still had to send. */
  kill(): void {
    this.#stuck = [];
  }

  #deliver(message: Message, delayMs: number, isOutOfOrder: boolean): Step {
    const { timeline } = this.#network;
    const atMs = timeline.nowMs + delayMs;
    const inOrderMs = isOutOfOrder ? atMs : Math.max(atMs, this.#lastAtMs);
    if (!isOutOfOrder) this.#lastAtMs = inOrderMs;
    return timeline.after(inOrderMs - timeline.nowMs, () => this.#arrive(message), message.what, message.owner);
  }

  #arrive(message: Message): void {
    if (!this.#network.isCut(this.#path)) {
      message.run();
      return;
    }
    this.#stuck.push(message);
    this.#network.noteStuck(this.#path, this);
  }
}

export type { Wire };
