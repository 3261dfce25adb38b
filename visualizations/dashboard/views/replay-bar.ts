/** Step, scrub, play. */
import type { Replay } from '../feed/replay.ts';
import { sentenceOf } from '../words/sentences.ts';
import { elapsedText } from '../words/times.ts';
import { setText } from './element.ts';

type Parts = Readonly<{
  back: HTMLButtonElement;
  forward: HTMLButtonElement;
  play: HTMLButtonElement;
  speed: HTMLSelectElement;
  slider: HTMLInputElement;
  place: HTMLElement;
}>;

export class ReplayBar {
  readonly #parts: Parts;
  readonly #replay: Replay;
  readonly #onMove: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts, replay: Replay, onMove: () => void) {
    this.#parts = parts;
    this.#replay = replay;
    this.#onMove = onMove;
    const { back, forward, play, slider } = parts;
    slider.max = String(Math.max(0, replay.stops.length - 1));
    back.addEventListener('click', () => this.#to(replay.stop - 1));
    forward.addEventListener('click', () => this.#to(replay.stop + 1));
    play.addEventListener('click', () => this.#toggle());
    slider.addEventListener('input', () => this.#to(Number(slider.value)));
    document.addEventListener('keydown', (event) => this.#key(event));
    this.render();
  }

  render(): void {
    const { replay, parts } = { replay: this.#replay, parts: this.#parts };
    const line = replay.line;
    parts.slider.value = String(replay.stop);
    const step = `step ${replay.stop + 1} of ${replay.stops.length}`;
    const time = line ? elapsedText(line.at - replay.startAt) : '';
    parts.slider.setAttribute('aria-valuetext', `${step}, ${time}${line ? `, ${sentenceOf(line)}` : ''}`);
    setText(parts.place, `${step} · ${time}`);
    parts.back.disabled = replay.stop === 0;
    parts.forward.disabled = replay.stop >= replay.stops.length - 1;
    setText(parts.play, this.#timer === undefined ? '▶ Play' : '❚❚ Pause');
  }

  #to(stop: number): void {
    this.#pause();
    this.#replay.toStop(stop);
    this.#moved();
  }

  #toggle(): void {
    if (this.#timer !== undefined) this.#pause();
    else {
      if (this.#replay.waitMs() === undefined) this.#replay.toStop(0);
      this.#playOn();
    }
    this.#moved();
  }

  #playOn(): void {
    const waitMs = this.#replay.waitMs();
    if (waitMs === undefined) {
      this.#pause();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#replay.toStop(this.#replay.stop + 1);
      this.#playOn();
      this.#moved();
    }, waitMs / Number(this.#parts.speed.value));
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #moved(): void {
    this.render();
    this.#onMove();
  }

  /** As in a player: space plays, comma and full stop step. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (
      (event.target as HTMLElement).closest('button, input, select, [role="option"], [role="tab"]') &&
      event.key === ' '
    )
      return;
    const act = {
      ',': () => this.#to(this.#replay.stop - 1),
      '.': () => this.#to(this.#replay.stop + 1),
      ' ': () => this.#toggle(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
