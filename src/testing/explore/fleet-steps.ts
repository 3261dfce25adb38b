/**
 * All that can happen in a state of the fleet. A step is one thing that happens at one place (a timer fires, the source
 * answers, a tick passes, a fault strikes) and all that follows at once.
 *
 * So between two steps any pod may be slow for as long as clocks and others like: timers fire at any moment or never.
 * That messages wait, are lost, or cross each other, is a fault and counted.
 */
import { Chains, commandFaults, type Trouble } from './chain.ts';
import { type Draft, type Entry, type FleetStates, gone, type Link, noLink, type Ran } from './fleet-state.ts';
import { FoundSteps, type Step } from './found-steps.ts';
import { type Happening, Happenings } from './happenings.ts';
import { remembered } from './intern.ts';
import { allows, type FaultKind, podIdOf, type Story, withFault } from './story.ts';
import { nameOf, troubleWords } from './words.ts';

const tick: Entry = { type: 'tick' };

export class FleetSteps {
  readonly #states: FleetStates;
  readonly #chains: Chains;
  readonly #happenings: Happenings;
  /** Which faults may still strike; those of them that strike at a command. */
  readonly #faultsLeft: (story: Story) => ReadonlySet<FaultKind>;
  readonly #troublesLeft: (story: Story) => readonly Trouble['fault'][];
  /** How many steps were left out, because too many messages would wait after them. */
  leftOut = 0;

  constructor(states: FleetStates) {
    this.#states = states;
    this.#chains = new Chains(states);
    this.#happenings = new Happenings(states);
    const { faults } = states.terms;
    this.#faultsLeft = remembered((story) => new Set(faults.kinds.filter((kind) => allows(faults, story, kind))));
    this.#troublesLeft = remembered((story) => commandFaults.filter((fault) => this.#faultsLeft(story).has(fault)));
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
    const now = this.#states.draft(state);
    const found = new FoundSteps(this.#states, now);
    await this.#tick(found);
    for (let place = 0; place < this.#states.terms.places; place++) {
      await this.#arriveLate(found, place);
      if (now.pods[place] === gone) await this.#revive(found, place);
      else await this.#happen(found, place, this.#happenings.at(now, place));
    }
    this.#ofRedis(found);
    this.leftOut += found.leftOut;
    return found.steps;
  }

  async #tick(found: FoundSteps): Promise<void> {
    const draft = await this.#from(found.now, (then) => this.#chains.tick(then));
    draft.entries.push(tick);
    found.add(draft, undefined, () => 'a tick passes', undefined);
  }

  /** A command that its pod has given up. */
  async #arriveLate(found: FoundSteps, place: number): Promise<void> {
    const [first] = (found.now.links[place] as Link).late;
    if (first === undefined) return;
    const draft = await this.#from(found.now, (then) => this.#chains.arriveLate(then, place));
    const command = this.#states.late.get(first);
    found.add(draft, command.podId, () => `${nameOf(command)}, given up long ago, reaches Redis`, undefined);
  }

  async #revive(found: FoundSteps, place: number): Promise<void> {
    const draft = await this.#from(found.now, (then) => this.#chains.start(then, place));
    found.add(draft, this.#states.podId(draft, place), () => 'starts', undefined);
  }

  /** Each of these: as it should be, and with every trouble that may strike on the way. */
  async #happen(found: FoundSteps, place: number, happenings: readonly Happening[]): Promise<void> {
    const { faults } = this.#states.terms;
    const { story } = found.now;
    const podId = podIdOf(story, place);
    for (const happening of happenings) {
      const { fault } = happening;
      if (fault && !this.#faultsLeft(story).has(fault)) continue;
      const plain = this.#attempt(found.now, place, happening) ?? (await this.#insist(found.now, place, happening));
      found.add(plain, podId, () => happening.does, fault);
      const left = this.#troublesLeft(fault ? withFault(story, fault, faults) : story);
      if (left.length === 0) continue;
      for (const [at, ran] of plain.ran.entries()) {
        for (const trouble of left.flatMap((one) => troublesAt(plain, at, ran, one))) {
          const struck =
            this.#attempt(found.now, place, happening, trouble) ??
            (await this.#insist(found.now, place, happening, trouble));
          const words = () =>
            `${happening.does}; ${troubleWords(trouble, podIdOf(story, ran.place), ran.command, story)}`;
          found.add(struck, podId, words, trouble.fault);
        }
      }
    }
  }

  /** Undefined when something must be computed for it first. */
  #attempt(now: Draft, place: number, happening: Happening, trouble?: Trouble): Draft | undefined {
    return this.#chains.attempt(() => this.#carryOut(now, place, happening, trouble));
  }

  #insist(now: Draft, place: number, happening: Happening, trouble?: Trouble): Promise<Draft> {
    return this.#chains.complete(() => this.#carryOut(now, place, happening, trouble));
  }

  #carryOut(now: Draft, place: number, { noticed, fault, change }: Happening, trouble: Trouble | undefined): Draft {
    const draft = this.#states.copyOf(now);
    if (fault) draft.story = withFault(draft.story, fault, this.#states.terms.faults);
    if (fault === 'crash') this.#chains.end(draft, place);
    change?.(draft, place);
    if (noticed) this.#chains.happen(draft, place, noticed.input, noticed.text, trouble);
    else this.#chains.settle(draft, place, trouble);
    return draft;
  }

  #from(now: Draft, happen: (draft: Draft) => void): Promise<Draft> {
    return this.#chains.complete(() => {
      const draft = this.#states.copyOf(now);
      happen(draft);
      return draft;
    });
  }

  #ofRedis(found: FoundSteps): void {
    const { redis } = this.#states.terms;
    this.#strike(found, 'wipe', (id) => redis.wipe(id), [{ type: 'redis.wiped' }]);
    this.#strike(found, 'evict', (id) => redis.evictPayload(id), []);
  }

  /** At Redis' data, unless that changes nothing. */
  #strike(found: FoundSteps, fault: FaultKind, next: (id: number) => number, entries: Entry[]): void {
    const { faults } = this.#states.terms;
    const draft = this.#states.copyOf(found.now);
    if (!this.#faultsLeft(draft.story).has(fault)) return;
    draft.redis = next(found.now.redis);
    if (draft.redis === found.now.redis) return;
    draft.story = withFault(draft.story, fault, faults);
    draft.entries = entries;
    found.add(draft, undefined, () => (fault === 'wipe' ? 'Redis loses its data' : 'Redis loses the payload'), fault);
  }
}

function troublesAt({ links }: Draft, at: number, ran: Ran, fault: Trouble['fault']): Trouble[] {
  if (fault !== 'loseAnnouncement') return [{ at, fault }];
  if (ran.heard === 0) return [];
  return links.flatMap(({ isUp }, deaf) => (isUp && deaf !== ran.place ? [{ at, fault, deaf }] : []));
}
