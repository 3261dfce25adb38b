/** The chosen pod's charts: the picture of the repository, with the active states lit and what was taken last. */

import leaseChart from '../../lease.svg';
import outline from '../../pod.outline.svg';
import podChart from '../../pod.svg';
import refreshChart from '../../refresh.svg';
import syncChart from '../../sync.svg';
import { activeStates, type PodPicture } from '../picture/pod-picture.ts';
import { element, setText } from './element.ts';

const pictures: Readonly<Record<string, string>> = {
  outline,
  pod: podChart,
  lease: leaseChart,
  refresh: refreshChart,
  sync: syncChart,
};

const names: Readonly<Record<string, string>> = { outline: 'pod, outline', pod: 'pod, whole' };

/** What is around the state where the pod is has its frame lit, and no more: it would be most of the picture. */
const shadowStyle = `
  svg { max-width: 100%; height: auto; display: block; }
  .state.around > .frame { stroke: var(--text); stroke-width: 2.5; }
`;

/** So much of a state is to be seen without scrolling. */
const leastSeen = 120;

/** How long a transition stays lit. */
const litMs = 1_500;

type Parts = Readonly<{ tabs: HTMLElement; host: HTMLElement; words: HTMLElement }>;

export class Chart {
  readonly #parts: Parts;
  readonly #shadow: ShadowRoot;
  #pod: PodPicture | undefined;
  #tab = 'outline';
  #drawn = '';
  #lit: string[] = [];
  #lastStepAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    // Styles and ids of a picture are its own.
    this.#shadow = parts.host.attachShadow({ mode: 'open' });
    parts.tabs.addEventListener('keydown', (event) => this.#move(event));
  }

  render(pod: PodPicture | undefined): void {
    if (pod?.podId !== this.#pod?.podId) this.#lastStepAt = 0;
    this.#pod = pod;
    const tabs = this.#tabs();
    if (!tabs.includes(this.#tab)) this.#tab = 'outline';
    this.#renderTabs(tabs);
    this.#draw();
    this.#light();
  }

  /** The outline and the pod always; the others while they run. */
  #tabs(): string[] {
    const running = [...(this.#pod?.charts.keys() ?? [])].filter((name) => name !== 'pod').toSorted();
    return ['outline', 'pod', ...running];
  }

  #renderTabs(tabs: readonly string[]): void {
    const shown = [...this.#parts.tabs.children].map((tab) => (tab as HTMLElement).dataset.tab).join();
    if (shown !== tabs.join()) {
      const hadFocus = this.#parts.tabs.contains(document.activeElement);
      this.#parts.tabs.replaceChildren(...tabs.map((name) => this.#newTab(name)));
      if (hadFocus) this.#focus();
    }
    for (const tab of this.#parts.tabs.children as Iterable<HTMLElement>) {
      const isChosen = tab.dataset.tab === this.#tab;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
  }

  #newTab(name: string): HTMLElement {
    const tab = element('button', { role: 'tab', type: 'button', 'data-tab': name }, names[name] ?? name);
    tab.addEventListener('click', () => this.#choose(name));
    return tab;
  }

  #choose(name: string): void {
    this.#tab = name;
    this.render(this.#pod);
  }

  #move(event: KeyboardEvent): void {
    const tabs = this.#tabs();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#choose(tabs[(tabs.indexOf(this.#tab) + step + tabs.length) % tabs.length] ?? 'outline');
    this.#focus();
  }

  #focus(): void {
    this.#parts.tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  }

  #draw(): void {
    const picture = this.#tab.split(':')[0] as string;
    if (picture === this.#drawn) return;
    this.#drawn = picture;
    this.#lit = [];
    this.#lastStepAt = 0;
    // Our own file, with nothing from outside in it.
    this.#shadow.innerHTML = pictures[picture] ?? '';
    const style = element('style', {}, shadowStyle);
    this.#shadow.append(style);
  }

  #light(): void {
    const isPod = this.#tab === 'outline' || this.#tab === 'pod';
    const told = this.#pod?.charts.get(isPod ? 'pod' : this.#tab);
    const states = !this.#pod ? [] : isPod ? activeStates(this.#pod) : (told?.states ?? []);
    // The machine itself is always active: lit, it would say nothing.
    const inner = states.filter((id) => id.includes('.'));
    if (inner.join() !== this.#lit.join()) {
      for (const id of this.#lit) this.#shadow.getElementById(id)?.classList.remove('active', 'around');
      // A picture from further away lacks the innermost states.
      const drawnIds = inner.filter((id) => this.#shadow.getElementById(id) !== null);
      const innermost = deepest(drawnIds);
      for (const id of drawnIds) {
        this.#shadow.getElementById(id)?.classList.add(innermost.includes(id) ? 'active' : 'around');
      }
      this.#lit = inner;
      this.#scrollTo(innermost[0]);
    }
    const taken = told?.taken ?? [];
    const where = deepest(inner).join(' and ');
    setText(
      this.#parts.words,
      where === '' ? 'No pod is chosen.' : `In ${where}${taken.length > 0 ? `, by ${taken.join(', ')}` : ''}`,
    );
    if (told && told.at !== this.#lastStepAt) {
      this.#lastStepAt = told.at;
      for (const id of taken) this.#flash(id);
    }
  }

  /** Within the picture's own window: the page stays where it is. */
  #scrollTo(id: string | undefined): void {
    const { host } = this.#parts;
    const box = id === undefined ? undefined : this.#shadow.getElementById(id)?.getBoundingClientRect();
    if (!box) return;
    const window = host.getBoundingClientRect();
    const end = box.top + Math.min(box.height, leastSeen);
    const isInSight = box.top >= window.top && end < Math.min(window.bottom, innerHeight);
    if (!isInSight) host.scrollTop += box.top - window.top - window.height / 4;
  }

  #flash(id: string): void {
    const transition = this.#shadow.getElementById(id);
    const edge = transition?.dataset.edge;
    for (const lit of [transition, edge === undefined ? null : this.#shadow.getElementById(edge)]) {
      lit?.classList.add('taken');
      setTimeout(() => lit?.classList.remove('taken'), litMs);
    }
  }
}

/** The longest ids say it all: those above them are part of them. */
function deepest(states: readonly string[]): string[] {
  return states.filter((id) => !states.some((other) => other.startsWith(`${id}.`)));
}
