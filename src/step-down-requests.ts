/**
 * Step-downs that somebody asked for, here or on another pod, and who waits for the answer. However many ask, the lease
 * is given away once, and one answer goes to all of them.
 */
import type { PodId, StepDownResult } from '../machines/index.ts';
import { PendingAnswers } from './pending-answers.ts';
import type { Connection } from './ports.ts';

const mostWaiting = 100;

type Asker = (result: StepDownResult) => void;

export class StepDownRequests {
  readonly #connection: Connection;
  /** On the leader. */
  #askers: Asker[] = [];
  /** On the pod that asked. */
  readonly #asked = new PendingAnswers<StepDownResult>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(asker: Asker): void {
    if (this.#askers.length >= mostWaiting) asker({ outcome: 'notNow', reason: 'too many ask for it at once' });
    else this.#askers.push(asker);
  }

  /** Another pod asked. Its answer is a hint like any announcement: lost, it times out there. */
  addRemote(from: PodId, requestId: string, onFailure: (error: unknown) => void): void {
    this.add((result) => {
      this.#connection.send(from, { kind: 'stepDownAnswered', requestId, result }).catch(onFailure);
    });
  }

  answer(result: StepDownResult): void {
    const askers = this.#askers;
    this.#askers = [];
    for (const ask of askers) ask(result);
  }

  /** Sends the request to the leader; the answer comes back to this pod's channel. */
  async ask(leader: PodId, from: PodId, signal: AbortSignal): Promise<StepDownResult> {
    const answer = await this.#asked.ask(
      (requestId) => this.#connection.send(leader, { kind: 'stepDownRequested', requestId, from }),
      signal,
    );
    return answer ?? { outcome: 'noLeader', reason: `the leader ${leader} is not connected` };
  }

  noteAnswer(requestId: string, result: StepDownResult): void {
    this.#asked.note(requestId, result);
  }
}
