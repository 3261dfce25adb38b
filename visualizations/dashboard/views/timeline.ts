/** What happened, newest first, and the same as marks on a strip of time. */
import type { TraceLine } from '../../../machines/trace-file.ts';
import type { FleetPicture } from '../picture/fleet-picture.ts';
import { type Kind, kindNames, kindOf, kindSigns, kinds } from '../words/kinds.ts';
import { sentenceOf, subjectOf } from '../words/sentences.ts';
import { element } from './element.ts';
import { drawStrip } from './strip.ts';

const mostRows = 150;
const mostKept = 4_000;
/** What many pods tell within so long is one row: after an election every pod says that it knows. */
const togetherMs = 3_000;

type Row = { line: TraceLine; kind: Kind; sentence: string; subjects: Set<string> };

type Parts = Readonly<{ list: HTMLElement; strip: HTMLCanvasElement; filters: HTMLElement }>;

export class Timeline {
  readonly #parts: Parts;
  readonly #shown = new Set<Kind>(['election', 'publication', 'fault', 'other']);
  readonly #timeText: (at: number) => string;
  #lines: TraceLine[] = [];
  #isStale = true;
  #picture: FleetPicture | undefined;

  constructor(parts: Parts, timeText: (at: number) => string) {
    this.#parts = parts;
    this.#timeText = timeText;
    parts.filters.append(...kinds.map((kind) => this.#filter(kind)));
  }

  replace(lines: readonly TraceLine[]): void {
    this.#lines = [];
    this.add(lines);
    this.#isStale = true;
  }

  add(lines: readonly TraceLine[]): void {
    const news = lines.filter((line) => kindOf(line) !== undefined);
    if (news.length === 0) return;
    this.#lines.push(...news);
    if (this.#lines.length > mostKept) this.#lines = this.#lines.slice(-mostKept / 2);
    this.#isStale = true;
  }

  render(picture: FleetPicture, fromAt: number, toAt: number): void {
    this.#picture = picture;
    drawStrip(this.#parts.strip, this.#lines, fromAt, toAt);
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#renderRows();
  }

  #renderRows(): void {
    const rows: Row[] = [];
    const newest = new Map<string, Row>();
    for (let index = this.#lines.length - 1; index >= 0 && rows.length < mostRows; index -= 1) {
      const line = this.#lines[index] as TraceLine;
      const kind = kindOf(line);
      if (kind === undefined || !this.#shown.has(kind)) continue;
      const sentence = sentenceOf(line);
      // Pods of one machine differ in their ports alone.
      const key = `${line.type} ${sentence.replace(/:\d{4,5}\b/g, '')}`;
      const same = newest.get(key);
      if (same && same.line.at - line.at <= togetherMs) same.subjects.add(subjectOf(line));
      else {
        const row = { line, kind, sentence, subjects: new Set([subjectOf(line)]) };
        newest.set(key, row);
        rows.push(row);
      }
    }
    const items = rows.map((row) => this.#item(row));
    if (items.length === 0) items.push(element('li', { class: 'empty' }, 'Nothing yet.'));
    this.#parts.list.replaceChildren(...items);
  }

  #item({ line, kind, sentence, subjects }: Row): HTMLElement {
    const [subject = ''] = subjects;
    const name = subjects.size > 1 ? `${subjects.size} pods:` : (this.#picture?.pods.get(subject)?.label ?? subject);
    return element(
      'li',
      { 'data-kind': kind, 'data-type': line.type },
      element('time', {}, this.#timeText(line.at)),
      element('span', { class: 'sign', 'aria-label': kindNames[kind], role: 'img' }, kindSigns[kind]),
      element('span', { class: 'what' }, element('b', {}, name), ` ${this.#named(sentence)}`),
    );
  }

  /** Long ids of pods that are known by a shorter name. */
  #named(sentence: string): string {
    return sentence.replace(/\S+-\d+-\d{12,}/g, (podId) => this.#picture?.pods.get(podId)?.label ?? podId);
  }

  #filter(kind: Kind): HTMLElement {
    const box = element('input', { type: 'checkbox', checked: this.#shown.has(kind) });
    box.addEventListener('change', () => {
      if (box.checked) this.#shown.add(kind);
      else this.#shown.delete(kind);
      this.#renderRows();
    });
    const sign = element('span', { class: 'sign', 'aria-hidden': 'true' }, kindSigns[kind]);
    return element('label', { 'data-kind': kind }, box, sign, ` ${kindNames[kind]}`);
  }
}
