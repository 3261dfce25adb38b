/** Requests to another pod whose answers are on their way back to the channel of this one. */
import { nanoid } from 'nanoid';

export class PendingAnswers<Result> {
  readonly #waiting = new Map<string, (result: Result) => void>();

  /**
   * Sends a request and waits for its answer; undefined when nobody received it.
   *
   * @param send resolves to whether anybody received it
   * @throws the reason of the signal
   */
  async ask(send: (requestId: string) => Promise<boolean>, signal: AbortSignal): Promise<Result | undefined> {
    const requestId = nanoid();
    const answer = new Promise<Result>((resolve, reject) => {
      this.#waiting.set(requestId, resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Until the request is sent nobody awaits it.
    answer.catch(() => {});
    try {
      return (await send(requestId)) ? await answer : undefined;
    } finally {
      this.#waiting.delete(requestId);
    }
  }

  /** An answer that nobody waits for (any more) is dropped. */
  note(requestId: string, result: Result): void {
    this.#waiting.get(requestId)?.(result);
  }
}
