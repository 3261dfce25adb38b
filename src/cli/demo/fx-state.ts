/**
 * One dataset of the API: the day that is current, its validators, and whether they match the conditions of a call.
 *
 * `ETag` is a hash of the body, so it is strong and the same again when the days wrap round. `Last-Modified` has whole
 * seconds only, while days may change many times a second: it begins a day before the start and grows by one second a
 * state, so that it is a sound validator too, if not an honest clock.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/**
 * When the next day becomes current: after every full answer (a call whose condition matches gets 304 and moves
 * nothing), after so many calls that were answered in full or with 304, or only when told.
 */
export type Advance = 'perCall' | 'manual' | Readonly<{ everyCalls: number }>;

const dayMs = 86_400_000;

export class FxState {
  readonly #bodies: readonly Readonly<{ body: string; etag: string }>[];
  readonly #advance: Advance;
  readonly #firstModifiedMs: number;
  #state = 0;
  #callsOfState = 0;

  constructor(days: readonly unknown[], advance: Advance, startedAtMs: number) {
    this.#bodies = days.map((day) => {
      const body = JSON.stringify(day);
      return { body, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` };
    });
    this.#advance = advance;
    this.#firstModifiedMs = Math.floor(startedAtMs / 1_000) * 1_000 - dayMs;
  }

  /** Which of the days is current, from 0. */
  get day(): number {
    return this.#state % this.#bodies.length;
  }

  get etag(): string {
    return this.#current.etag;
  }

  advance(): void {
    this.#state += 1;
    this.#callsOfState = 0;
  }

  /** The answer to one call, which may make the next day current. */
  answer(conditions: IncomingHttpHeaders): { status: 200 | 304; headers: OutgoingHttpHeaders; body: string } {
    const isUnchanged = this.#matches(conditions);
    const { body, etag } = this.#current;
    const headers = { etag, 'last-modified': new Date(this.#modifiedMs).toUTCString(), 'cache-control': 'no-cache' };
    this.#count(isUnchanged);
    if (isUnchanged) return { status: 304, headers, body: '' };
    return { status: 200, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
  }

  get #current() {
    const current = this.#bodies[this.day];
    if (!current) throw new Error('There is no recorded day to serve.');
    return current;
  }

  get #modifiedMs(): number {
    return this.#firstModifiedMs + this.#state * 1_000;
  }

  #count(isUnchanged: boolean): void {
    this.#callsOfState += 1;
    if (this.#advance === 'perCall' && !isUnchanged) this.advance();
    else if (typeof this.#advance === 'object' && this.#callsOfState >= this.#advance.everyCalls) this.advance();
  }

  /** RFC 9110, 13.2.2: the date counts only where there is no tag; tags are compared weakly. */
  #matches(conditions: IncomingHttpHeaders): boolean {
    const tags = conditions['if-none-match'];
    if (tags !== undefined) {
      return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === this.etag);
    }
    const sinceMs = Date.parse(conditions['if-modified-since'] ?? '');
    return sinceMs >= this.#modifiedMs;
  }
}
