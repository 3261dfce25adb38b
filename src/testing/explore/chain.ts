/**
 * What one thing that happens brings about, until all is quiet again: commands run in Redis at once, replies and
 * announcements are heard at once, and so on. Unless trouble strikes at one of the commands on the way.
 */
import type { PodId } from '../../../machines/index.ts';
import { type Draft, type FleetStates, gone, type Link, noLink } from './fleet-state.ts';
import type { Answer, Asked, Input, LocalStep } from './pod-state.ts';
import type { Executed } from './redis-model.ts';
import { type FaultKind, withFault, withNewLife } from './story.ts';

export const commandFaults = [
  'loseRequest',
  'loseReply',
  'delayRequest',
  'delayReply',
  'loseAnnouncement',
  'rollback',
  'crash',
  'cut',
] as const satisfies readonly FaultKind[];

export type Trouble = Readonly<{
  /** Which of the commands of this step it strikes. */
  at: number;
  fault: (typeof commandFaults)[number];
  /** Who doesn't hear the announcement. */
  deaf?: number;
}>;

/** Thrown where a pod does something that has not been computed yet: one object, since it is thrown often. */
const notYet = new Error('Not computed yet.');

export class Chains {
  readonly #states: FleetStates;
  /** By the number of the pod's state, then by the name of the input. */
  readonly #steps: Map<string, LocalStep>[] = [];
  readonly #starts = new Map<string, LocalStep>();
  /** Numbers of messages: of replies by command and key, of announcements by command, of failures by key. */
  readonly #replies = { heard: [] as number[][], lost: [] as number[][] };
  readonly #announcements: number[] = [];
  readonly #failures = { timeout: [] as number[], unreachable: [] as number[] };
  readonly #hearings: { input: Input; text: string }[] = [];
  /** What is not computed yet. Actors are asynchronous, and all else here is not. */
  #missing: (() => Promise<void>) | undefined;

  constructor(states: FleetStates) {
    this.#states = states;
  }

  /** Undefined when something must be computed for it first: see `complete`. */
  attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (error !== notYet) throw error;
      return undefined;
    }
  }

  /** `run` from the beginning again after each thing that had to be computed for it; so it must change nothing. */
  async complete<T>(run: () => T): Promise<T> {
    for (;;) {
      const done = this.attempt(run);
      if (done !== undefined) return done;
      await this.#missing?.();
    }
  }

  /** One pod does one thing; then everything that follows. */
  happen(draft: Draft, place: number, input: Input, text: string, trouble?: Trouble): void {
    this.#step(draft, place, input, text, trouble);
    this.settle(draft, place, trouble);
  }

  /** Until nothing can be heard any more. */
  settle(draft: Draft, first: number, trouble?: Trouble): void {
    const { places } = this.#states.terms;
    for (let turn = 0; turn < places; ) {
      const place = (first + turn) % places;
      const link = draft.links[place] as Link;
      const isQuiet = link.messages.length === 0 || link.isHeld || link.isPaused || draft.pods[place] === gone;
      if (isQuiet) turn++;
      else {
        this.hear(draft, place, trouble);
        turn = 0;
      }
    }
  }

  /** The next message of a connection. */
  hear(draft: Draft, place: number, trouble?: Trouble): void {
    const link = draft.links[place] as Link;
    const [id, ...messages] = link.messages;
    if (id === undefined) return;
    draft.links[place] = { ...link, messages, isHeld: link.isHeld && messages.length > 0 };
    const { input, text } = this.#hearing(id);
    this.#step(draft, place, input, text, trouble);
  }

  tick(draft: Draft): void {
    for (const [place, pod] of draft.pods.entries()) {
      if (pod !== gone) draft.pods[place] = this.#run(pod, { type: 'tick' }, 'tick').pod;
    }
    draft.redis = this.#states.terms.redis.tick(draft.redis);
  }

  start(draft: Draft, place: number): void {
    const podId = this.#states.podId(draft, place);
    const step = this.#starts.get(podId);
    if (!step) throw this.#waitFor(async () => this.#starts.set(podId, await this.#states.terms.pods.start(podId)));
    draft.pods[place] = step.pod;
    draft.taken.push(step.taken);
  }

  /** The pod ends; what it asked last may still arrive. */
  end(draft: Draft, place: number): void {
    const podId = this.#states.podId(draft, place);
    draft.pods[place] = gone;
    draft.links[place] = { ...noLink, late: draft.links[place]?.late ?? [] };
    draft.story = withNewLife(draft.story, place);
    draft.entries.push({ type: 'pod.crashed', podId });
  }

  /** A command that was given up arrives: nobody hears its reply. */
  arriveLate(draft: Draft, place: number): void {
    const link = draft.links[place] as Link;
    const [id, ...late] = link.late;
    if (id === undefined) return;
    draft.links[place] = { ...link, late };
    const executed = this.#runCommand(draft, place, { key: -1, command: this.#states.late.get(id) }, undefined);
    if (link.isUp && executed.heard.length > 0) this.#put(draft, place, this.#announcement(executed));
    this.settle(draft, place);
  }

  /** Made once a message. */
  #hearing(id: number): { input: Input; text: string } {
    const known = this.#hearings[id];
    if (known) return known;
    const input: Input = { type: 'heard', ...this.#states.messages.get(id) };
    const hearing = { input, text: `heard ${id}` };
    this.#hearings[id] = hearing;
    return hearing;
  }

  #run(pod: number, input: Input, text: string): LocalStep {
    const known = this.#steps[pod]?.get(text);
    if (known) return known;
    throw this.#waitFor(async () => {
      const step = await this.#states.terms.pods.step(pod, input);
      const steps = this.#steps[pod] ?? new Map<string, LocalStep>();
      this.#steps[pod] = steps.set(text, step);
    });
  }

  #waitFor(compute: () => Promise<unknown>): Error {
    this.#missing = async () => void (await compute());
    return notYet;
  }

  #step(draft: Draft, place: number, input: Input, text: string, trouble?: Trouble): void {
    const step = this.#run(draft.pods[place] as number, input, text);
    draft.entries.push(...step.facts);
    if (step.taken.length > 0) draft.taken.push(step.taken);
    draft.pods[place] = step.pod;
    for (const asked of step.asked) {
      if (draft.pods[place] === gone) return;
      this.#execute(draft, place, asked, trouble);
    }
    if (draft.pods[place] !== gone && this.#states.terms.pods.get(step.pod).isOver) this.end(draft, place);
  }

  #execute(draft: Draft, place: number, asked: Asked, trouble?: Trouble): void {
    const { key, command } = asked;
    const link = draft.links[place] as Link;
    if (!link.isUp) {
      this.#put(draft, place, this.#unanswered(key, 'unreachable'));
      return;
    }
    const fault = trouble && trouble.at === draft.ran.length ? trouble.fault : undefined;
    if (fault) draft.story = withFault(draft.story, fault, this.#states.terms.faults);
    if (fault === 'loseRequest' || fault === 'delayRequest') {
      draft.ran.push({ place, command, reply: undefined, heard: 0 });
      const late = fault === 'delayRequest' ? [this.#states.late.numberOf(command, JSON.stringify)] : [];
      draft.links[place] = { ...link, late: [...link.late, ...late] };
      this.#put(draft, place, this.#unanswered(key, 'timeout'));
      return;
    }
    const before = draft.redis;
    const executed = this.#runCommand(draft, place, asked, fault === 'loseAnnouncement' ? trouble?.deaf : undefined);
    if (fault === 'rollback') this.#rollBack(draft, before);
    if (fault === 'crash') this.end(draft, place);
    if (fault === 'cut') this.cut(draft, place);
    if (fault === 'crash' || fault === 'cut') return;
    if (fault === 'delayReply') draft.links[place] = { ...link, isHeld: true };
    this.#put(draft, place, this.#reply(executed, key, fault === 'loseReply'));
  }

  /** A failover loses the last write, and what its announcement says is true nowhere. */
  #rollBack(draft: Draft, before: number): void {
    draft.redis = before;
    draft.entries.push({ type: 'redis.wiped' }, { type: 'redis.wiped', key: 'leader_lock' });
  }

  cut(draft: Draft, place: number): void {
    const link = draft.links[place] as Link;
    draft.links[place] = { ...link, isUp: false, isHeld: false, messages: [] };
    this.#step(draft, place, { type: 'lost' }, 'lost');
  }

  /** What it announces is on its way to the others. */
  #runCommand(draft: Draft, place: number, { command }: Asked, deaf: number | undefined) {
    const { redis, pods } = this.#states.terms;
    const present: PodId[] = [];
    for (const [other, { isUp }] of draft.links.entries()) {
      const pod = draft.pods[other] as number;
      if (isUp && pod !== gone) present.push(pods.get(pod).podId);
    }
    const executed = redis.execute(draft.redis, command, present);
    const { reply, heard } = executed;
    draft.redis = executed.redis;
    draft.ran.push({ place, command, reply, heard: heard.length });
    if (heard.length === 0) return executed;
    for (const [other, { isUp }] of draft.links.entries()) {
      if (other !== place && isUp && deaf !== other) this.#put(draft, other, this.#announcement(executed));
    }
    return executed;
  }

  #put(draft: Draft, place: number, message: number): void {
    const link = draft.links[place] as Link;
    draft.links[place] = { ...link, messages: [...link.messages, message] };
  }

  #announcement({ id, heard }: Executed): number {
    const known = this.#announcements[id] ?? this.#states.message({ heard });
    this.#announcements[id] = known;
    return known;
  }

  #reply({ id, heard, reply }: Executed, key: number, isLost: boolean): number {
    const byCommand = isLost ? this.#replies.lost : this.#replies.heard;
    const byKey = byCommand[id] ?? [];
    byCommand[id] = byKey;
    const answer: Answer = isLost ? { failure: 'timeout' } : { reply };
    const known = byKey[key] ?? this.#states.message({ heard, key, answer });
    byKey[key] = known;
    return known;
  }

  #unanswered(key: number, failure: 'timeout' | 'unreachable'): number {
    const byKey = this.#failures[failure];
    const known = byKey[key] ?? this.#states.message({ heard: [], key, answer: { failure } });
    byKey[key] = known;
    return known;
  }
}
