/**
 * What one thing that happens brings about, until all is quiet again: commands run in Redis at once, replies and
 * announcements are heard at once, and so on. Unless trouble strikes at one of the commands on the way.
 */
import { type Draft, type FleetStates, gone, type Link, type Message, noLink } from './fleet-state.ts';
import type { Asked, Input, LocalStep } from './pod-state.ts';
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

/** What a pod does there has not been computed yet. Actors are asynchronous, and all else here is not. */
class Unknown extends Error {
  readonly compute: () => Promise<void>;

  constructor(text: string, compute: () => Promise<void>) {
    super(`Not computed yet: ${text}`);
    this.compute = compute;
  }
}

export class Chains {
  readonly #states: FleetStates;
  readonly #cache = new Map<string, LocalStep>();
  readonly #messages = new Map<string, number>();

  constructor(states: FleetStates) {
    this.#states = states;
  }

  /** `attempt` from the beginning again after each thing that had to be computed for it; so it must change nothing. */
  async complete<T>(attempt: () => T): Promise<T> {
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!(error instanceof Unknown)) throw error;
        await error.compute();
      }
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
    this.#step(draft, place, { type: 'heard', ...this.#states.messages.get(id) }, `heard ${id}`, trouble);
  }

  tick(draft: Draft): void {
    for (const [place, pod] of draft.pods.entries()) {
      if (pod !== gone) draft.pods[place] = this.#run(pod, { type: 'tick' }, 'tick').pod;
    }
    draft.redis = this.#states.terms.redis.tick(draft.redis);
  }

  start(draft: Draft, place: number): void {
    const podId = this.#states.podId(draft, place);
    const step = this.#known(podId, () => this.#states.terms.pods.start(podId));
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
    const heard = this.#runCommand(draft, place, { key: -1, command: this.#states.late.get(id) }, undefined);
    if (link.isUp && heard.heard.length > 0) this.#put(draft, place, `${heard.id}`, () => ({ heard: heard.heard }));
    this.settle(draft, place);
  }

  #run(pod: number, input: Input, text: string): LocalStep {
    return this.#known(`${pod} ${text}`, () => this.#states.terms.pods.step(pod, input));
  }

  #known(key: string, compute: () => Promise<LocalStep>): LocalStep {
    const known = this.#cache.get(key);
    if (known) return known;
    throw new Unknown(key, async () => {
      this.#cache.set(key, await compute());
    });
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
      this.#put(draft, place, `unreachable ${key}`, () => unanswered(key, 'unreachable'));
      return;
    }
    const fault = trouble && trouble.at === draft.ran.length ? trouble.fault : undefined;
    if (fault) draft.story = withFault(draft.story, fault, this.#states.terms.faults);
    if (fault === 'loseRequest' || fault === 'delayRequest') {
      draft.ran.push({ place, command, reply: undefined, heard: 0 });
      const late = fault === 'delayRequest' ? [this.#states.late.idOf(JSON.stringify(command), () => command)] : [];
      draft.links[place] = { ...link, late: [...link.late, ...late] };
      this.#put(draft, place, `timeout ${key}`, () => unanswered(key, 'timeout'));
      return;
    }
    const before = draft.redis;
    const executed = this.#runCommand(draft, place, asked, fault === 'loseAnnouncement' ? trouble?.deaf : undefined);
    if (fault === 'rollback') this.#rollBack(draft, before);
    if (fault === 'crash') this.end(draft, place);
    if (fault === 'cut') this.cut(draft, place);
    if (fault === 'crash' || fault === 'cut') return;
    if (fault === 'delayReply') draft.links[place] = { ...link, isHeld: true };
    const isLost = fault === 'loseReply';
    this.#put(draft, place, `${executed.id} ${key} ${isLost}`, () => ({
      heard: executed.heard,
      key,
      answer: isLost ? { failure: 'timeout' } : { reply: executed.reply },
    }));
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
    const present = draft.links.flatMap(({ isUp }, other) => {
      const pod = draft.pods[other] as number;
      return isUp && pod !== gone ? [pods.get(pod).podId] : [];
    });
    const executed = redis.execute(draft.redis, command, present);
    const { reply, heard } = executed;
    draft.redis = executed.redis;
    draft.ran.push({ place, command, reply, heard: heard.length });
    draft.links.forEach((other, index) => {
      if (index !== place && other.isUp && heard.length > 0 && deaf !== index)
        this.#put(draft, index, `${executed.id}`, () => ({ heard }));
    });
    return executed;
  }

  #put(draft: Draft, place: number, name: string, make: () => Message): void {
    const link = draft.links[place] as Link;
    const id = this.#messages.get(name) ?? this.#states.message(make());
    this.#messages.set(name, id);
    draft.links[place] = { ...link, messages: [...link.messages, id] };
  }
}

const unanswered = (key: number, failure: 'timeout' | 'unreachable'): Message => ({
  heard: [],
  key,
  answer: { failure },
});
