/** The fleet: one cell a pod, with a letter, a colour and, while there is room, revision and age. */
import type { FleetPicture } from '../picture/fleet-picture.ts';
import type { PodPicture } from '../picture/pod-picture.ts';
import { lookOf, looks } from '../words/roles.ts';
import { ageText } from '../words/times.ts';
import { element, setText } from './element.ts';

type Cell = { root: HTMLElement; letter: HTMLElement; name: HTMLElement; about: HTMLElement; shown: string };

/** `pod 9` before `pod 10`. */
const byName = new Intl.Collator('en', { numeric: true });

/** From here on a cell has room for its letter only. */
const mostLargeCells = 120;

export class Grid {
  readonly #list: HTMLElement;
  readonly #cells = new Map<string, Cell>();
  readonly #onChoose: (podId: string) => void;
  #order: string[] = [];

  constructor(list: HTMLElement, onChoose: (podId: string) => void) {
    this.#list = list;
    this.#onChoose = onChoose;
    list.addEventListener('keydown', (event) => this.#move(event));
  }

  render(picture: FleetPicture, now: number, chosen: string | undefined): void {
    const pods = picture.shown().toSorted((a, b) => byName.compare(a.label, b.label) || a.place - b.place);
    this.#list.classList.toggle('dense', pods.length > mostLargeCells);
    const order = pods.map(({ podId }) => podId);
    for (const pod of pods) this.#renderCell(pod, now, pod.podId === chosen);
    if (order.join('\n') !== this.#order.join('\n')) this.#arrange(order);
    const entry = chosen !== undefined && this.#cells.has(chosen) ? chosen : order[0];
    for (const [podId, { root }] of this.#cells) root.tabIndex = podId === entry ? 0 : -1;
  }

  #renderCell(pod: PodPicture, now: number, isChosen: boolean): void {
    const look = lookOf(pod);
    const versions = [...pod.versions].toSorted();
    const revisions = versions.map(([name, { revision }]) => `${name} ${revision}`);
    const short = versions.map(([, { revision }]) => `r${revision}`).join(' ');
    const age = ageText(now - pod.heardAt);
    const shown = [look, pod.label, pod.epoch, short, age, isChosen].join('|');
    const cell = this.#cells.get(pod.podId) ?? this.#newCell(pod.podId);
    if (cell.shown === shown) return;
    cell.shown = shown;
    cell.root.dataset.look = look;
    cell.root.dataset.state = pod.goneAt === undefined ? 'live' : 'gone';
    cell.root.setAttribute('aria-selected', String(isChosen));
    const words = [pod.label, looks[look].name, `epoch ${pod.epoch}`, ...revisions, `heard of ${age} ago`];
    cell.root.setAttribute('aria-label', words.join(', '));
    cell.root.title = [words.join(', '), pod.podId, pod.failure].filter(Boolean).join('\n');
    setText(cell.letter, looks[look].letter);
    setText(cell.name, `${pod.label.replace(/^pod[ -]/, '')}${look === 'leader' ? ` e${pod.epoch}` : ''}`);
    setText(cell.about, `${short} ${age}`.trim());
  }

  #newCell(podId: string): Cell {
    const letter = element('span', { class: 'letter', 'aria-hidden': 'true' });
    const name = element('span', { class: 'name', 'aria-hidden': 'true' });
    const about = element('span', { class: 'about', 'aria-hidden': 'true' });
    const root = element('div', { role: 'option', class: 'cell', 'data-pod': podId }, letter, name, about);
    root.addEventListener('click', () => this.#onChoose(podId));
    const cell = { root, letter, name, about, shown: '' };
    this.#cells.set(podId, cell);
    return cell;
  }

  #arrange(order: string[]): void {
    const kept = new Set(order);
    for (const [podId, { root }] of this.#cells) {
      if (kept.has(podId)) continue;
      root.remove();
      this.#cells.delete(podId);
    }
    for (const [index, podId] of order.entries()) {
      const root = this.#cells.get(podId)?.root;
      if (root && this.#list.children[index] !== root)
        this.#list.insertBefore(root, this.#list.children[index] ?? null);
    }
    this.#order = order;
  }

  #move(event: KeyboardEvent): void {
    const at = this.#order.indexOf((document.activeElement as HTMLElement | null)?.dataset.pod ?? '');
    if (at < 0) return;
    const steps: Record<string, number> = {
      ...{ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.#order.length - 1 },
      ...{ ArrowDown: at + this.#columns(), ArrowUp: at - this.#columns() },
    };
    const to = event.key === 'Enter' || event.key === ' ' ? at : steps[event.key];
    const podId = to === undefined ? undefined : this.#order[to];
    if (to !== undefined) event.preventDefault();
    if (podId === undefined) return;
    this.#onChoose(podId);
    this.#cells.get(podId)?.root.focus();
  }

  #columns(): number {
    const [first] = this.#list.children;
    if (!first) return 1;
    const top = (first as HTMLElement).offsetTop;
    const end = [...this.#list.children].findIndex((cell) => (cell as HTMLElement).offsetTop !== top);
    return end < 1 ? this.#order.length : end;
  }
}
