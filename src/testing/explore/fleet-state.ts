/** The whole fleet of the model at rest as a few numbers, and as the draft of a state that a step works on. */
import { Interned, remembered, textOf } from './intern.ts';
import type { PodModel } from './pod-model.ts';
import type { Answer } from './pod-state.ts';
import type { Command, Heard, RedisModel } from './redis-model.ts';
import { type FaultBounds, podIdOf, type Story, storyText } from './story.ts';

/** A pod that isn't there. */
export const gone = -1;

/** What a connection brings in one piece. */
export type Message = Readonly<{ heard: readonly Heard[]; key?: number; answer?: Answer }>;

export type Link = Readonly<{
  isUp: boolean;
  /** It is gone, and its pod doesn't know yet. */
  isUnnoticed: boolean;
  /** What comes is heard only later, until all of it is heard. */
  isHeld: boolean;
  /** The pod itself stands still. */
  isPaused: boolean;
  messages: readonly number[];
  /** Commands that their pod has given up and that may still arrive. */
  late: readonly number[];
}>;

export const noLink: Link = { isUp: false, isUnnoticed: false, isHeld: false, isPaused: false, messages: [], late: [] };

/** What the judges hear of a step: facts of pods, and what struck. */
export type Entry = Readonly<{ type: string; podId?: string } & Record<string, unknown>>;

export type Ran = Readonly<{ place: number; command: Command; reply: unknown; heard: number }>;

export type Draft = {
  pods: number[];
  links: Link[];
  redis: number;
  story: Story;
  entries: Entry[];
  /** Names of transitions, a list a local step. */
  taken: (readonly string[])[];
  ran: Ran[];
};

export type FleetTerms = Readonly<{
  places: number;
  pods: PodModel;
  redis: RedisModel;
  faults: FaultBounds;
  /** The source has something new at most so often. */
  contents: number;
  /** Messages that wait on one connection, and how many of them answer its own pod. */
  messages: number;
  replies: number;
}>;

const linkText = ({ isUp, isUnnoticed, isHeld, isPaused, messages, late }: Link) =>
  `${isUp} ${isUnnoticed} ${isHeld} ${isPaused} ${messages} / ${late}`;

export class FleetStates {
  readonly terms: FleetTerms;
  readonly links = new Interned<Link>();
  readonly messages = new Interned<Message>();
  readonly late = new Interned<Command>();
  readonly stories = new Interned<Story>();

  readonly #messageId = remembered((message: Message) => this.messages.idOf(textOf(message), () => message));

  constructor(terms: FleetTerms) {
    this.terms = terms;
  }

  /** Pods, connections, Redis, story. */
  get width(): number {
    return 2 * this.terms.places + 2;
  }

  draft(state: readonly number[]): Draft {
    const { places } = this.terms;
    return {
      pods: state.slice(0, places),
      links: state.slice(places, 2 * places).map((id) => this.links.get(id)),
      redis: state[2 * places] as number,
      story: this.story(state),
      entries: [],
      taken: [],
      ran: [],
    };
  }

  /** For a step that begins there. */
  copyOf({ pods, links, redis, story }: Draft): Draft {
    return { pods: [...pods], links: [...links], redis, story, entries: [], taken: [], ran: [] };
  }

  story(state: readonly number[]): Story {
    return this.stories.get(state[2 * this.terms.places + 1] as number);
  }

  encode({ pods, links, redis, story }: Draft): number[] {
    const state = [...pods];
    for (const link of links) state.push(this.links.numberOf(link, linkText));
    state.push(redis, this.stories.numberOf(story, storyText));
    return state;
  }

  message(message: Message): number {
    return this.#messageId(message);
  }

  podId(draft: Draft, place: number): string {
    return podIdOf(draft.story, place);
  }

  /** Whether `isLeader()` of this pod answers true. One that stands still answers nobody. */
  believes({ pods, links }: Pick<Draft, 'pods' | 'links'>, place: number): boolean {
    const pod = pods[place] as number;
    return pod !== gone && !links[place]?.isPaused && this.terms.pods.get(pod).believes;
  }
}
