/**
 * Refreshes that somebody asked for, here or on another pod, and who waits for the answer.
 *
 * Bounded: beyond the limit an asker is told that the budget is spent, which it would be.
 */
import type { DatasetName, PodId, RefreshResult } from '../machines/index.ts';
import { PendingAnswers } from './pending-answers.ts';
import type { Connection } from './ports.ts';

const mostWaiting = 100;

type Asker = (result: RefreshResult) => void;

export class RefreshRequests {
  readonly #connection: Connection;
  /** On the leader: who asked for which dataset. */
  readonly #askers = new Map<DatasetName, Asker[]>();
  /** On the pod that asked. */
  readonly #asked = new PendingAnswers<RefreshResult>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Somebody waits for the refresh of this dataset on this pod. */
  add(dataset: DatasetName, asker: Asker): void {
    const askers = this.#askers.get(dataset) ?? [];
    if (askers.length >= mostWaiting) asker({ outcome: 'overBudget' });
    else this.#askers.set(dataset, [...askers, asker]);
  }

  /** Another pod asked. Its answer is a hint like any announcement: lost, it times out there. */
  addRemote(dataset: DatasetName, from: PodId, requestId: string, onFailure: (error: unknown) => void): void {
    this.add(dataset, (result) => this.answerRemote(result, from, requestId, onFailure));
  }

  /** Answers another pod at once. */
  answerRemote(result: RefreshResult, from: PodId, requestId: string, onFailure: (error: unknown) => void): void {
    this.#connection.send(from, { kind: 'answered', requestId, result }).catch(onFailure);
  }

  answer(dataset: DatasetName, result: RefreshResult): void {
    const askers = this.#askers.get(dataset) ?? [];
    this.#askers.delete(dataset);
    for (const ask of askers) ask(result);
  }

  /** Nobody here will make the refreshes that were asked for. */
  dismiss(reason: string): void {
    for (const dataset of [...this.#askers.keys()]) this.answer(dataset, { outcome: 'noLeader', reason });
  }

  /** Sends the request to the leader; the answer comes back to this pod's channel. */
  async ask(leader: PodId, dataset: DatasetName, from: PodId, signal: AbortSignal): Promise<RefreshResult> {
    const answer = await this.#asked.ask(
      (requestId) => this.#connection.send(leader, { kind: 'requested', dataset, requestId, from }),
      signal,
    );
    return answer ?? { outcome: 'noLeader', reason: `the leader ${leader} is not connected` };
  }

  noteAnswer(requestId: string, result: RefreshResult): void {
    this.#asked.note(requestId, result);
  }
}
