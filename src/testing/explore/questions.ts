/**
 * Where the actors of a live pod stand: over, or waiting for an answer from outside. At most one of them runs at a time,
 * so what is asked next is asked by the one that was begun or answered last.
 */
import type { Answer, Question } from './pod-state.ts';

export type Settled =
  | { outcome: 'done'; output: unknown }
  | { outcome: 'failed'; error: unknown }
  | { outcome: 'asks'; question: Question };

type Open = { question: Question; resolve: (reply: unknown) => void; reject: (error: unknown) => void };

export const failures = {
  timeout: 'Redis did not answer in time',
  unreachable: 'the connection is lost',
  sourceFailed: 'the source failed',
};

export class Questions {
  #open: Open | undefined;
  #onAsked: (() => void) | undefined;

  /** What an actor awaits. */
  ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#open = { question, resolve, reject };
      this.#onAsked?.();
    });
  }

  /** What was asked before is no concern of the actor that begins now. */
  forget(): void {
    this.#open = undefined;
  }

  /** @throws Error when nothing was asked */
  answer(answer: Answer, src: string): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) throw new Error(`The actor ${src} of the model was answered, and had asked nothing.`);
    if ('reply' in answer) open.resolve(answer.reply);
    else open.reject(Object.assign(new Error(failures[answer.failure]), { kind: answer.failure }));
  }

  /** Until it is over or asks something. */
  async settle(running: Promise<unknown>): Promise<Settled> {
    const end: Promise<Settled> = running.then(
      (output) => ({ outcome: 'done', output }),
      (error: unknown) => ({ outcome: 'failed', error }),
    );
    const asks = new Promise<Settled>((resolve) => {
      const tell = () => resolve({ outcome: 'asks', question: (this.#open as Open).question });
      if (this.#open) tell();
      else this.#onAsked = tell;
    });
    const settled = await Promise.race([end, asks]);
    this.#onAsked = undefined;
    return settled;
  }
}
