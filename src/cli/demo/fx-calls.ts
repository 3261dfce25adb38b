/** Counts the calls for one dataset: every one, whatever became of it. */

/** `cut` isn't part of the sum: the client went before its answer, of whatever kind, was complete. */
export type CallCounts = Readonly<{
  total: number;
  /** 200 with data. */
  answered: number;
  /** 304. */
  notModified: number;
  /** 429. */
  limited: number;
  /** Met a fault that was switched on; a slow answer counts here if the client didn't wait for it. */
  faulted: number;
  /** Not a GET: 405. */
  refused: number;
  /** Slow ones that have no answer yet. */
  pending: number;
  cut: number;
}>;

export type Outcome = Exclude<keyof CallCounts, 'total' | 'cut'>;

export type Call = Readonly<{
  atMs: number;
  /** Its header `x-pod`. */
  pod: string | undefined;
  userAgent: string | undefined;
  outcome: Outcome;
  isCut: boolean;
}>;

/** The counters count all calls; the list keeps the last ones only. */
const longestLog = 10_000;
const longestName = 200;

export type OpenCall = Readonly<{ become(outcome: Outcome): void; cut(): void }>;

export class CallLog {
  readonly #counts = { total: 0, answered: 0, notModified: 0, limited: 0, faulted: 0, refused: 0, pending: 0, cut: 0 };
  readonly #calls: { -readonly [Key in keyof Call]: Call[Key] }[] = [];

  /** At once, when the request comes in: a call that hangs is a call. */
  open(atMs: number, pod: string | undefined, userAgent: string | undefined): OpenCall {
    const name = (text: string | undefined) => text?.slice(0, longestName);
    const call = { atMs, pod: name(pod), userAgent: name(userAgent), outcome: 'pending' as Outcome, isCut: false };
    this.#counts.total += 1;
    this.#counts.pending += 1;
    this.#calls.push(call);
    // In one go once in a while: shifting a long list for every call is slow.
    if (this.#calls.length > 2 * longestLog) this.#calls.splice(0, longestLog);
    return {
      become: (outcome) => {
        this.#counts[call.outcome] -= 1;
        this.#counts[outcome] += 1;
        call.outcome = outcome;
      },
      cut: () => {
        this.#counts.cut += 1;
        call.isCut = true;
      },
    };
  }

  counts(): CallCounts {
    return { ...this.#counts };
  }

  /** The last 10,000, oldest first. */
  calls(): readonly Call[] {
    return this.#calls.slice(-longestLog).map((call) => ({ ...call }));
  }
}
