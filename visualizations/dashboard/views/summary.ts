/** The fleet in two sentences, for eyes and for screen readers. */
import type { FleetPicture } from '../picture/fleet-picture.ts';
import { countText, type Look, lookOf, looks } from '../words/roles.ts';
import { element, setText } from './element.ts';

const order: readonly Look[] = [
  ...(['leader', 'uncertain', 'follower', 'candidate', 'degraded', 'standalone', 'starting'] as const),
  ...(['stopping', 'paused', 'gone'] as const),
];

type Parts = Readonly<{ leader: HTMLElement; counts: HTMLElement; spoken: HTMLElement; failure: HTMLElement }>;

export class Summary {
  readonly #parts: Parts;
  #counts = '';

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  render(picture: FleetPicture): void {
    const { leader, failure } = picture;
    const name = leader && (picture.pods.get(leader.podId)?.label ?? leader.podId);
    const sentence = leader
      ? `${name} leads, epoch ${leader.epoch}`
      : `No pod leads; the last epoch was ${picture.epoch}`;
    setText(this.#parts.leader, sentence);
    // Only who leads is worth an interruption.
    setText(this.#parts.spoken, sentence);
    setText(this.#parts.failure, failure === undefined ? '' : `As last seen, because Redis can't be asked: ${failure}`);
    this.#parts.failure.hidden = failure === undefined;
    this.#renderCounts(picture);
  }

  #renderCounts(picture: FleetPicture): void {
    const counts = new Map<Look, number>();
    for (const pod of picture.shown()) counts.set(lookOf(pod), (counts.get(lookOf(pod)) ?? 0) + 1);
    const shown = JSON.stringify([...counts]);
    if (shown === this.#counts) return;
    this.#counts = shown;
    const items = order.flatMap((look) => {
      const count = counts.get(look);
      if (count === undefined) return [];
      const letter = element('span', { class: 'letter', 'aria-hidden': 'true' }, looks[look].letter);
      return [element('li', { 'data-look': look }, letter, ` ${countText(count, look)}`)];
    });
    this.#parts.counts.replaceChildren(...items);
  }
}
