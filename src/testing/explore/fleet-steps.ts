/**
 * All that can happen in a state of the fleet. A step is one thing that happens at one place (a timer fires, the source
 * answers, a tick passes, a fault strikes) and all that follows at once.
 *
 * So between two steps any pod may be slow for as long as clocks and others like: timers fire at any moment or never.
 * That messages wait, are lost, or cross each other, is a fault and counted.
 */
import { UNCHANGED } from '../../source/source.ts';
import { Chains, commandFaults, type Trouble } from './chain.ts';
import { type Draft, type Entry, type FleetStates, gone, type Link, noLink, type Ran } from './fleet-state.ts';
import type { Input } from './pod-state.ts';
import { allows, type FaultKind, podIdOf, withFault } from './story.ts';
import { nameOf, tellMessage, troubleWords } from './words.ts';

export type Step = Readonly<{
  state: readonly number[];
  /** Who does what. */
  podId: string | undefined;
  does: string;
  fault: FaultKind | undefined;
  entries: readonly Entry[];
  taken: readonly (readonly string[])[];
  ran: readonly Ran[];
}>;

type Change = (draft: Draft) => void;
type What = Readonly<{ does: string; input?: Input; text?: string; fault?: FaultKind; change?: Change }>;

export class FleetSteps {
  readonly #states: FleetStates;
  readonly #chains: Chains;
  /** How many steps were left out, because too many messages would wait after them. */
  leftOut = 0;
  #last: { state: readonly number[]; draft: Draft } | undefined;

  constructor(states: FleetStates) {
    this.#states = states;
    this.#chains = new Chains(states);
  }

  async initial(): Promise<number[]> {
    const { places, redis } = this.#states.terms;
    const each = Array.from({ length: places }, (_, place) => place);
    const draft = await this.#chains.complete(() => {
      const nobody: Draft = {
        pods: each.map(() => gone),
        links: each.map(() => noLink),
        redis: redis.empty(),
        story: { faults: {}, contents: 0, lives: each.map(() => 1) },
        entries: [],
        taken: [],
        ran: [],
      };
      for (const place of each) this.#chains.start(nobody, place);
      return nobody;
    });
    return this.#states.encode(draft);
  }

  async of(state: readonly number[]): Promise<Step[]> {
    const found: Step[] = [];
    await this.#tick(state, found);
    for (let place = 0; place < this.#states.terms.places; place++) await this.#ofPlace(state, place, found);
    this.#ofRedis(state, found);
    return found;
  }

  #add(found: Step[], before: readonly number[], draft: Draft, what: Pick<Step, 'podId' | 'does' | 'fault'>): void {
    const { terms } = this.#states;
    if (draft.links.some((link) => this.#isOverfull(link))) {
      this.leftOut++;
      return;
    }
    const old = this.#draftOf(before);
    for (let place = 0; place < terms.places; place++) {
      const believes = this.#states.believes(draft, place);
      if (believes === this.#states.believes(old, place)) continue;
      const life = believes || draft.pods[place] !== gone ? draft : old;
      draft.entries.push(answered(this.#states.podId(life, place), believes));
    }
    const { taken, ran } = draft;
    const isLate = draft.entries.some((entry) => this.#isHeardTooLate(draft, entry));
    const entries = isLate ? draft.entries.filter((entry) => !this.#isHeardTooLate(draft, entry)) : draft.entries;
    found.push({ ...what, state: this.#states.encode(draft), entries, taken, ran });
  }

  /** Of the state that is expanded now: it is asked for once a step. */
  #draftOf(state: readonly number[]): Draft {
    if (this.#last?.state !== state) this.#last = { state, draft: this.#states.draft(state) };
    return this.#last.draft;
  }

  #isOverfull({ messages }: Link): boolean {
    if (messages.length <= 1) return false;
    const { terms } = this.#states;
    const isReply = (id: number) => this.#states.messages.get(id).key !== undefined;
    return messages.length > terms.messages || messages.filter(isReply).length > terms.replies;
  }

  #from(state: readonly number[], happen: (draft: Draft) => void): Promise<Draft> {
    return this.#chains.complete(() => {
      const draft = this.#states.draft(state);
      happen(draft);
      return draft;
    });
  }

  /** A grant of which the pod hears when its window is over: it never leads under it, whatever it tells. */
  #isHeardTooLate(draft: Draft, { type, podId }: Entry): boolean {
    if (type !== 'lease.granted') return false;
    const place = draft.pods.findIndex((_, index) => this.#states.podId(draft, index) === podId);
    const pod = draft.pods[place];
    if (pod === undefined || pod === gone) return false;
    const { memory, believes } = this.#states.terms.pods.get(pod);
    return !believes && memory.suspendedAge === undefined;
  }

  async #tick(state: readonly number[], found: Step[]): Promise<void> {
    const draft = await this.#from(state, (then) => this.#chains.tick(then));
    draft.entries.push(tick);
    this.#add(found, state, draft, { podId: undefined, does: 'a tick passes', fault: undefined });
  }

  async #ofPlace(state: readonly number[], place: number, found: Step[]): Promise<void> {
    const now = this.#states.draft(state);
    const link = now.links[place] as Link;
    if (link.late.length > 0) {
      const [first] = link.late;
      const draft = await this.#from(state, (then) => this.#chains.arriveLate(then, place));
      const command = this.#states.late.get(first as number);
      this.#add(found, state, draft, {
        podId: command.podId,
        does: `${nameOf(command)}, given up long ago, reaches Redis`,
        fault: undefined,
      });
    }
    if (now.pods[place] === gone) return this.#revive(state, place, found);
    if (link.isPaused) return this.#resume(state, place, found);
    const go = (what: What) => this.#go(state, place, what, found);
    if (link.isHeld) await this.#hearLater(state, place, go);
    else if (link.isUnnoticed) {
      const change: Change = (draft) => {
        draft.links[place] = { ...link, isUnnoticed: false };
      };
      await go({ does: 'notices that its connection is gone', input: { type: 'lost' }, text: 'lost', change });
    } else if (!link.isUp) {
      const change: Change = (draft) => {
        draft.links[place] = { ...link, isUp: true };
      };
      await go({ does: 'connects', input: { type: 'event', event: { type: 'redis.up' } }, text: 'up', change });
    }
    await this.#timers(now, place, go);
    await this.#source(now, place, go);
    await this.#faults(now, place, go);
  }

  /** One thing at one pod: as it should be, and with every trouble that may strike on the way. */
  async #go(state: readonly number[], place: number, what: What, found: Step[]): Promise<void> {
    const { terms } = this.#states;
    const story = this.#states.story(state);
    if (what.fault && !allows(terms.faults, story, what.fault)) return;
    const podId = podIdOf(story, place);
    const run = (trouble?: Trouble) =>
      this.#from(state, (draft) => {
        if (what.fault) draft.story = withFault(draft.story, what.fault, terms.faults);
        what.change?.(draft);
        if (what.input && what.text) this.#chains.happen(draft, place, what.input, what.text, trouble);
        else this.#chains.settle(draft, place, trouble);
      });
    const plain = await run();
    this.#add(found, state, plain, { podId, does: what.does, fault: what.fault });
    for (const [at, ran] of plain.ran.entries()) {
      for (const fault of commandFaults) {
        const used = what.fault ? withFault(story, what.fault, terms.faults) : story;
        if (!allows(terms.faults, used, fault)) continue;
        for (const trouble of this.#troubles(plain, at, ran, fault)) {
          const words = `${what.does}; ${troubleWords(trouble, podIdOf(story, ran.place), ran.command, story)}`;
          this.#add(found, state, await run(trouble), { podId, does: words, fault });
        }
      }
    }
  }

  #troubles({ links }: Draft, at: number, ran: Ran, fault: Trouble['fault']): Trouble[] {
    if (fault !== 'loseAnnouncement') return [{ at, fault }];
    if (ran.heard === 0) return [];
    return links.flatMap(({ isUp }, deaf) => (isUp && deaf !== ran.place ? [{ at, fault, deaf }] : []));
  }

  async #hearLater(state: readonly number[], place: number, go: (what: What) => Promise<void>): Promise<void> {
    const link = this.#states.draft(state).links[place] as Link;
    const [id, ...messages] = link.messages;
    if (id === undefined) return;
    const message = this.#states.messages.get(id);
    const change: Change = (draft) => {
      draft.links[place] = { ...link, messages, isHeld: messages.length > 0 };
    };
    await go({
      does: `hears ${tellMessage(message)}`,
      input: { type: 'heard', ...message },
      text: `heard ${id}`,
      change,
    });
  }

  async #timers(now: Draft, place: number, go: (what: What) => Promise<void>): Promise<void> {
    const { machines, believes } = this.#states.terms.pods.get(now.pods[place] as number);
    for (const timer of machines.timers) {
      // The one timer that is exact: it never fires before the window is over.
      if (timer.id.includes('beliefLeft') && believes) continue;
      const name = `${timer.owner}: ${timer.id.replace('xstate.after.', '').replace(/\..*$/, '')}`;
      await go({ does: `timer ${name}`, input: { type: 'timer', timer }, text: `timer ${timer.owner} ${timer.id}` });
    }
  }

  async #source(now: Draft, place: number, go: (what: What) => Promise<void>): Promise<void> {
    const { contents } = now.story;
    for (const { key, question } of this.#states.terms.pods.get(now.pods[place] as number).waiting) {
      if (question.kind !== 'source') continue;
      if (contents < this.#states.terms.contents) {
        const change: Change = (draft) => {
          draft.story = { ...draft.story, contents: contents + 1 };
        };
        const answer = { reply: { content: contents + 1 } };
        const does = `the source answers with content ${contents + 1}`;
        await go({ does, input: { type: 'answered', key, answer }, text: `source ${key} ${contents}`, change });
      }
      const same: Input = { type: 'answered', key, answer: { reply: UNCHANGED } };
      await go({ does: 'the source answers "unchanged"', input: same, text: `source ${key} same` });
      const failed: Input = { type: 'answered', key, answer: { failure: 'sourceFailed' } };
      await go({ does: 'the source fails', input: failed, text: `source ${key} fails`, fault: 'failSource' });
    }
  }

  async #faults(now: Draft, place: number, go: (what: What) => Promise<void>): Promise<void> {
    const link = now.links[place] as Link;
    const stop: Input = { type: 'event', event: { type: 'pod.stop' } };
    await go({ does: 'is told to stop', input: stop, text: 'stop', fault: 'stop' });
    await go({ does: 'dies', fault: 'crash', change: (draft) => this.#chains.end(draft, place) });
    const pause: Change = (draft) => {
      draft.links[place] = { ...link, isPaused: true };
    };
    await go({ does: 'stands still', fault: 'pause', change: pause });
    if (!link.isUp) return;
    const cut: Change = (draft) => {
      draft.links[place] = { ...link, isUp: false, isHeld: false, messages: [] };
    };
    const silence: Change = (draft) => {
      draft.links[place] = { ...link, isUp: false, isUnnoticed: true, isHeld: false, messages: [] };
    };
    await go({ does: 'is cut off, and does not notice', fault: 'silence', change: silence });
    await go({ does: 'loses its connection', input: { type: 'lost' }, text: 'lost', fault: 'cut', change: cut });
  }

  async #revive(state: readonly number[], place: number, found: Step[]): Promise<void> {
    const draft = await this.#from(state, (then) => this.#chains.start(then, place));
    this.#add(found, state, draft, { podId: this.#states.podId(draft, place), does: 'starts', fault: undefined });
  }

  async #resume(state: readonly number[], place: number, found: Step[]): Promise<void> {
    const link = this.#states.draft(state).links[place] as Link;
    const change: Change = (draft) => {
      draft.links[place] = { ...link, isPaused: false };
    };
    await this.#go(state, place, { does: 'goes on', change }, found);
    const { machines } = this.#states.terms.pods.get(state[place] as number);
    if (!('lease' in machines.snapshots)) return;
    const jumped: Input = { type: 'event', event: { type: 'time.jumped' } };
    await this.#go(state, place, { does: 'goes on and notices the pause', input: jumped, text: 'jump', change }, found);
  }

  #ofRedis(state: readonly number[], found: Step[]): void {
    const { redis, faults } = this.#states.terms;
    const strike = (fault: FaultKind, does: string, next: (id: number) => number, entries: Entry[]) => {
      const draft = this.#states.draft(state);
      if (!allows(faults, draft.story, fault)) return;
      const before = draft.redis;
      draft.redis = next(before);
      if (draft.redis === before) return;
      draft.story = withFault(draft.story, fault, faults);
      draft.entries = entries;
      this.#add(found, state, draft, { podId: undefined, does, fault });
    };
    strike('wipe', 'Redis loses its data', (id) => redis.wipe(id), [{ type: 'redis.wiped' }]);
    strike('evict', 'Redis loses the payload', (id) => redis.evictPayload(id), []);
  }
}

const tick: Entry = { type: 'tick' };
const answers = new Map<string, Entry>();

/** The same answer is the same object. */
function answered(podId: string, isLeader: boolean): Entry {
  const key = `${podId} ${isLeader}`;
  const entry = answers.get(key) ?? { type: 'pod.answered', podId, isLeader };
  answers.set(key, entry);
  return entry;
}
