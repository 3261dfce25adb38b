/** Per dataset: what the fleet serves, how old it is, and what it cost in source calls. */
import type { DatasetPicture, FleetPicture } from '../picture/fleet-picture.ts';
import { ageText } from '../words/times.ts';
import { element, setText } from './element.ts';

const columns = ['Dataset', 'Revision', 'Age', 'Served by', 'Source calls', 'If each pod called'] as const;

export class Datasets {
  readonly #body: HTMLElement;

  constructor(table: HTMLElement) {
    const head = element('tr', {}, ...columns.map((name) => element('th', { scope: 'col' }, name)));
    this.#body = element('tbody');
    table.append(element('thead', {}, head), this.#body);
  }

  render(picture: FleetPicture, now: number): void {
    const names = [...picture.datasets.keys()].toSorted();
    while (this.#body.children.length > names.length) this.#body.lastElementChild?.remove();
    const live = picture.live().length;
    for (const [index, name] of names.entries()) {
      const row = this.#body.children[index] ?? this.#newRow();
      const texts = textsOf(name, picture.datasets.get(name) as DatasetPicture, picture.holders(name), live, now);
      for (const [column, text] of texts.entries()) {
        const cell = row.children[column];
        if (cell) setText(cell, text);
      }
    }
  }

  #newRow(): HTMLElement {
    const cells = columns.map((name, column) =>
      column === 0 ? element('th', { scope: 'row' }) : element('td', { 'data-column': name }),
    );
    const row = element('tr', {}, ...cells);
    this.#body.append(row);
    return row;
  }
}

function textsOf(name: string, dataset: DatasetPicture, holders: number, live: number, now: number): string[] {
  const { revision, checkedAt, calls, alone } = dataset;
  return [
    name,
    revision === 0 ? 'none yet' : String(revision),
    checkedAt === 0 ? '–' : ageText(now - checkedAt),
    `${holders} of ${live}`,
    String(calls),
    alone === undefined ? '–' : String(alone),
  ];
}
