/**
 * What can happen at one pod by itself: its timers fire, its source answers, its connection comes or goes, it hears what
 * was held up, a fault strikes. None of it depends on other pods, so it is made once a state of the pod.
 */
import { UNCHANGED } from '../../source/source.ts';
import { type Draft, type FleetStates, type Link, noLink } from './fleet-state.ts';
import type { Input, PodState, Question } from './pod-state.ts';
import type { FaultKind } from './story.ts';
import { tellMessage } from './words.ts';

export type Happening = Readonly<{
  does: string;
  /** What the pod itself notices, if it does, and its name: equal names, equal inputs. */
  noticed?: Readonly<{ input: Input; text: string }>;
  fault?: FaultKind;
  /** What changes around it before. */
  change?: (draft: Draft, place: number) => void;
}>;

const connects: Happening = {
  does: 'connects',
  noticed: { input: { type: 'event', event: { type: 'redis.up' } }, text: 'up' },
  change: onLink({ isUp: true }),
};

const lost = { input: { type: 'lost' }, text: 'lost' } as const;

const noticesItsLoss: Happening = {
  does: 'notices that its connection is gone',
  noticed: lost,
  change: onLink({ isUnnoticed: false }),
};

const faultsOfAPod: readonly Happening[] = [
  {
    does: 'is told to stop',
    noticed: { input: { type: 'event', event: { type: 'pod.stop' } }, text: 'stop' },
    fault: 'stop',
  },
  { does: 'dies', fault: 'crash' },
  { does: 'stands still', fault: 'pause', change: onLink({ isPaused: true }) },
];

const isCutOff = { isUp: false, isHeld: false, messages: noLink.messages } as const;

const faultsOfAConnection: readonly Happening[] = [
  {
    does: 'is cut off, and does not notice',
    fault: 'silence',
    change: onLink({ ...isCutOff, isUnnoticed: true }),
  },
  { does: 'loses its connection', noticed: lost, fault: 'cut', change: onLink(isCutOff) },
];

const goesOn: Happening = { does: 'goes on', change: onLink({ isPaused: false }) };

const noticesThePause: Happening = {
  ...goesOn,
  does: 'goes on and notices the pause',
  noticed: { input: { type: 'event', event: { type: 'time.jumped' } }, text: 'jump' },
};

export class Happenings {
  readonly #states: FleetStates;
  /** By the number of the pod's state, then by how often the source had something new. */
  readonly #ofPods: (readonly Happening[])[][] = [];
  readonly #heardLater: Happening[] = [];

  constructor(states: FleetStates) {
    this.#states = states;
  }

  /** At a pod that is there. */
  at({ pods, links, story }: Draft, place: number): readonly Happening[] {
    const pod = pods[place] as number;
    const link = links[place] as Link;
    if (link.isPaused) {
      return 'lease' in this.#states.terms.pods.get(pod).machines.snapshots ? [goesOn, noticesThePause] : [goesOn];
    }
    const faults = link.isUp ? [...faultsOfAPod, ...faultsOfAConnection] : faultsOfAPod;
    return [...this.#ofConnection(link), ...this.#ofPod(pod, story.contents), ...faults];
  }

  #ofConnection(link: Link): readonly Happening[] {
    const [first] = link.messages;
    if (link.isHeld) return first === undefined ? [] : [this.#hearsLater(first)];
    if (link.isUnnoticed) return [noticesItsLoss];
    return link.isUp ? [] : [connects];
  }

  #hearsLater(id: number): Happening {
    const known = this.#heardLater[id];
    if (known) return known;
    const message = this.#states.messages.get(id);
    const happening: Happening = {
      does: `hears ${tellMessage(message)}`,
      noticed: { input: { type: 'heard', ...message }, text: `heard ${id}` },
      change: takeFirst,
    };
    this.#heardLater[id] = happening;
    return happening;
  }

  #ofPod(pod: number, contents: number): readonly Happening[] {
    const byContents = this.#ofPods[pod] ?? [];
    this.#ofPods[pod] = byContents;
    const known = byContents[contents];
    if (known) return known;
    const state = this.#states.terms.pods.get(pod);
    const isNewPossible = contents < this.#states.terms.contents;
    const happenings = [...timersOf(state), ...answersOfTheSource(state, contents, isNewPossible)];
    byContents[contents] = happenings;
    return happenings;
  }
}

function timersOf({ machines, believes }: PodState): Happening[] {
  // The one timer that is exact: it never fires before the window is over.
  const timers = machines.timers.filter(({ id }) => !(id.includes('beliefLeft') && believes));
  return timers.map((timer) => {
    const name = `${timer.owner}: ${timer.id.replace('xstate.after.', '').replace(/\..*$/, '')}`;
    return {
      does: `timer ${name}`,
      noticed: { input: { type: 'timer', timer }, text: `timer ${timer.owner} ${timer.id}` },
    };
  });
}

function answersOfTheSource({ waiting }: PodState, contents: number, isNewPossible: boolean): Happening[] {
  const isCall = ({ question }: { question: Question }) => question.kind === 'source';
  return waiting.filter(isCall).flatMap(({ key }): Happening[] => {
    const next = contents + 1;
    const answersAnew: Happening = {
      does: `the source answers with content ${next}`,
      noticed: {
        input: { type: 'answered', key, answer: { reply: { content: next } } },
        text: `source ${key} ${contents}`,
      },
      change: (draft) => {
        draft.story = { ...draft.story, contents: next };
      },
    };
    return [
      ...(isNewPossible ? [answersAnew] : []),
      {
        does: 'the source answers "unchanged"',
        noticed: { input: { type: 'answered', key, answer: { reply: UNCHANGED } }, text: `source ${key} same` },
      },
      {
        does: 'the source fails',
        noticed: { input: { type: 'answered', key, answer: { failure: 'sourceFailed' } }, text: `source ${key} fails` },
        fault: 'failSource',
      },
    ];
  });
}

function onLink(change: Partial<Link>) {
  return ({ links }: Draft, place: number): void => {
    links[place] = { ...(links[place] as Link), ...change };
  };
}

function takeFirst({ links }: Draft, place: number): void {
  const link = links[place] as Link;
  const [, ...messages] = link.messages;
  links[place] = { ...link, messages, isHeld: messages.length > 0 };
}
