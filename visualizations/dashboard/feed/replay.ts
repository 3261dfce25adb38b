/** A trace that can be stepped through, scrubbed and played, in both directions. */
import { linesIn } from '../../../machines/log-lines.ts';
import type { TraceLine } from '../../../machines/trace-file.ts';
import { FleetPicture } from '../picture/fleet-picture.ts';
import { kindOf } from '../words/kinds.ts';

/** While it plays nobody wants to wait for a poll that comes in half a minute. */
const longestWaitMs = 1_500;

export function readLines(text: string): TraceLine[] {
  const lines = linesIn(text).map(({ value }) => value as unknown as TraceLine);
  return lines.toSorted((a, b) => a.at - b.at);
}

export class Replay {
  readonly lines: readonly TraceLine[];
  /** Indices of the lines that are news: where a step stops. */
  readonly stops: readonly number[];
  picture = new FleetPicture();
  /** How many lines were heard. */
  #heard = 0;

  constructor(lines: readonly TraceLine[]) {
    this.lines = lines;
    this.stops = lines.flatMap((line, index) => (kindOf(line) === undefined ? [] : [index]));
    this.toStop(0);
  }

  get startAt(): number {
    return this.lines[0]?.at ?? 0;
  }

  get endAt(): number {
    return this.lines.at(-1)?.at ?? 0;
  }

  /** Number of the last step that was taken, from 0. */
  get stop(): number {
    let low = 0;
    let high = this.stops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stops[middle] as number) < this.#heard) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  get line(): TraceLine | undefined {
    return this.lines[this.stops[this.stop] ?? -1];
  }

  heard(): readonly TraceLine[] {
    return this.lines.slice(0, this.#heard);
  }

  toStop(stop: number): void {
    const last = this.stops.length - 1;
    const index = this.stops[Math.min(Math.max(0, stop), Math.max(0, last))] ?? -1;
    // States that follow at once belong to it.
    let end = index + 1;
    const at = this.lines[index]?.at;
    while (end < this.lines.length && this.lines[end]?.at === at && kindOf(this.lines[end] as TraceLine) === undefined)
      end += 1;
    this.#hearUntil(stop >= last ? this.lines.length : end);
  }

  /** To the last step that is not after this moment. */
  toTime(at: number): void {
    let stop = this.stops.findIndex((index) => (this.lines[index] as TraceLine).at > at);
    if (stop < 0) stop = this.stops.length;
    this.toStop(stop - 1);
  }

  /** How long playing waits before the next step, at speed 1; undefined at the end. */
  waitMs(): number | undefined {
    const [now, next] = [this.stop, this.stop + 1].map((stop) => this.lines[this.stops[stop] ?? -1]?.at);
    if (next === undefined || now === undefined) return undefined;
    return Math.min(next - now, longestWaitMs);
  }

  #hearUntil(end: number): void {
    if (end < this.#heard) {
      this.picture = new FleetPicture();
      this.#heard = 0;
    }
    for (; this.#heard < end; this.#heard += 1) this.picture.hear(this.lines[this.#heard] as TraceLine);
  }
}
