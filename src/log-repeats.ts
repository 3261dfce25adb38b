/**
 * What a log has told already: a pod that Redis refuses for a reason that only a person can mend tries again every few
 * seconds, gets as far as before and ends with the same words. They are told once, and from then on as details.
 */
import type { TraceEntry } from '../machines/index.ts';

/** Signs that the trouble is over. */
const news: readonly TraceEntry['type'][] = ['lease.granted', 'leader.elected', 'revision.applied'];

export class LogRepeats {
  /** The sentence of the trouble that goes on; undefined when there is none. */
  #told: string | undefined;
  #isDegradedTold = false;
  #isUp = false;
  /** Redis refused a pod that was connected: to be connected again is no sign of anything. */
  #isRefusedWhenUp = false;

  /** To be asked of every entry, in order. */
  isRepeat(entry: TraceEntry): boolean {
    if (entry.type === 'redis.down') return this.#isToldAgain(entry);
    if (entry.type === 'redis.up') this.#isUp = true;
    if (news.includes(entry.type)) this.#told = undefined;
    if (this.#told === undefined || !this.#isRefusedWhenUp) return false;
    if (entry.type === 'role.changed' && entry.to === 'degraded') {
      const isRepeat = this.#isDegradedTold;
      this.#isDegradedTold = true;
      return isRepeat;
    }
    return entry.type === 'redis.up' || (entry.type === 'role.changed' && entry.to === 'candidate');
  }

  #isToldAgain({ failure }: Extract<TraceEntry, { type: 'redis.down' }>): boolean {
    const sentence = failure.kind === 'misconfigured' ? failure.message : undefined;
    const isRepeat = sentence !== undefined && sentence === this.#told;
    if (!isRepeat) this.#isDegradedTold = false;
    this.#told = sentence;
    this.#isRefusedWhenUp = this.#isUp;
    this.#isUp = false;
    return isRepeat;
  }
}
