/**
 * Leaf actors whose questions are recorded and whose answers the test gives.
 *
 * A question stays open until the test answers it, refuses it, or has said beforehand what the answer always is.
 * Where the machine has left the state that asked, nobody waits any more: `answerLate` answers such a question.
 */
import { type EventObject, fromCallback, fromPromise, type NonReducibleUnknown } from 'xstate';
import type {
  AcquireOutcome,
  CallOutcome,
  ClaimOutcome,
  ConfirmOutcome,
  DatasetName,
  Failure,
  FleetView,
  HolderInput,
  PodEvent,
  PodId,
  PollOutcome,
  PublishOutcome,
  RefreshTask,
  Refused,
  RenewOutcome,
  SyncEvent,
  TakeOverOutcome,
  Timing,
  ValidateOutcome,
  VerifyOutcome,
  Version,
  VersionRecords,
  YieldOutcome,
} from '../../machines/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

type Lease = { podId: PodId; epoch: number };
type Asker = { podId: PodId; timing: Timing };
type Records = { records: VersionRecords };

/** What an actor is asked with, and what it answers. */
type Leaf<Asked, Said> = Readonly<{ asked: Asked; said: Said }>;
type Leaves = {
  acquireLease: Leaf<Asker, AcquireOutcome>;
  takeOverLease: Leaf<Asker & { observed: Lease; fleet: FleetView }, TakeOverOutcome>;
  yieldLease: Leaf<Asker & { epoch: number; minIntervalMs: number }, YieldOutcome>;
  renewLease: Leaf<HolderInput, RenewOutcome>;
  releaseLease: Leaf<HolderInput, { outcome: 'released' | 'lost' }>;
  leaveFleet: Leaf<{ podId: PodId }, void>;
  claimPermit: Leaf<RefreshTask & { isRequested: boolean }, ClaimOutcome>;
  callSource: Leaf<RefreshTask, CallOutcome>;
  validateResult: Leaf<RefreshTask, ValidateOutcome>;
  publishRevision: Leaf<RefreshTask, PublishOutcome>;
  confirmRevision: Leaf<RefreshTask & { version: Version | null }, ConfirmOutcome>;
  deferCall: Leaf<RefreshTask & { attempt: number; retryAfterMs: number | null }, { delayMs: number }>;
  poll: Leaf<{ held: VersionRecords; rejected: Refused }, PollOutcome>;
  downloadRevisions: Leaf<Records, void>;
  verifyRevisions: Leaf<Records, VerifyOutcome>;
  reportDamage: Leaf<Records, void>;
  restoreRevisions: Leaf<{ datasets: DatasetName[] }, void>;
};
export type LeafName = keyof Leaves;
type Input<Name extends LeafName> = Leaves[Name]['asked'];
type Answer<Name extends LeafName> = Leaves[Name]['said'];
export type ReporterName = 'connection' | 'watchTime' | 'announcements';

type Question = {
  readonly name: LeafName;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  isAnswered: boolean;
};
type Standing = (input: never) => unknown;
type SendBack = (event: EventObject) => void;

/** What an actor rejects with: an error that carries its kind, as the real ones do. */
function errorOf({ message, ...rest }: Failure): Error {
  return Object.assign(new Error(message), rest);
}

export class Script {
  readonly clock = new VirtualClock();
  readonly #questions: Question[] = [];
  readonly #standing = new Map<LeafName, Standing>();
  readonly #reporters = new Map<ReporterName, SendBack>();

  /** The actor that asks the test. */
  leaf<Name extends LeafName>(name: Name) {
    return fromPromise<Answer<Name>, Input<Name>>(
      ({ input, signal }) => this.#ask(name, input, signal) as Promise<Answer<Name>>,
    );
  }

  /** The actor by which the test reports. */
  reporter<Event extends EventObject, Asked extends NonReducibleUnknown>(name: ReporterName) {
    return fromCallback<Event, Asked>(({ sendBack }) => {
      this.#reporters.set(name, sendBack as SendBack);
      return () => this.#reporters.delete(name);
    });
  }

  /** From now on, and for what is open, this is the answer; it comes at once. An error is what the actor rejects with. */
  async always<Name extends LeafName>(
    name: Name,
    answer: Answer<Name> | Error | ((input: Input<Name>) => Answer<Name> | Error),
  ): Promise<void> {
    this.#standing.set(name, typeof answer === 'function' ? (answer as Standing) : () => answer);
    for (const question of this.#open(name)) this.#settle(question);
    await this.clock.settle();
  }

  /** From now on questions wait for the test again. */
  noLonger(name: LeafName): void {
    this.#standing.delete(name);
  }

  async answer<Name extends LeafName>(name: Name, answer: Answer<Name>, about?: DatasetName): Promise<void> {
    const question = this.#first(name, about);
    question.isAnswered = true;
    question.resolve(answer);
    await this.clock.settle();
  }

  async fail(name: LeafName, failure: Failure, about?: DatasetName): Promise<void> {
    const question = this.#first(name, about);
    question.isAnswered = true;
    question.reject(errorOf(failure));
    await this.clock.settle();
  }

  /** Answers a question for which nobody waits any more. */
  async answerLate<Name extends LeafName>(name: Name, answer: Answer<Name>): Promise<void> {
    const question = this.#questions.find((one) => one.name === name && !one.isAnswered && one.signal.aborted);
    if (!question) throw new Error(`no question of ${name} was given up`);
    question.isAnswered = true;
    question.resolve(answer);
    await this.clock.settle();
  }

  /** The inputs of all questions ever asked. */
  asked<Name extends LeafName>(name: Name): Input<Name>[] {
    return this.#questions.filter((question) => question.name === name).map(({ input }) => input as Input<Name>);
  }

  /** How many questions somebody waits for. */
  open(name: LeafName, about?: DatasetName): number {
    return this.#open(name, about).length;
  }

  isRunning(name: ReporterName): boolean {
    return this.#reporters.has(name);
  }

  async report(name: ReporterName, event: PodEvent | SyncEvent): Promise<void> {
    const sendBack = this.#reporters.get(name);
    if (!sendBack) throw new Error(`the reporter ${name} is not running`);
    sendBack(event);
    await this.clock.settle();
  }

  #ask(name: LeafName, input: unknown, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const question: Question = { name, input, signal, resolve, reject, isAnswered: false };
      this.#questions.push(question);
      if (this.#standing.has(name)) this.#settle(question);
    });
  }

  #settle(question: Question): void {
    const answer = this.#standing.get(question.name)?.(question.input as never);
    question.isAnswered = true;
    if (answer instanceof Error) question.reject(answer);
    else question.resolve(answer);
  }

  #open(name: LeafName, about?: DatasetName): Question[] {
    return this.#questions.filter((question) => {
      const { plan } = (question.input ?? {}) as Partial<RefreshTask>;
      const isMeant = question.name === name && (about === undefined || plan?.name === about);
      return isMeant && !question.isAnswered && !question.signal.aborted;
    });
  }

  #first(name: LeafName, about?: DatasetName): Question {
    const [question] = this.#open(name, about);
    if (question) return question;
    const open = this.#questions
      .filter(({ isAnswered, signal }) => !isAnswered && !signal.aborted)
      .map((one) => one.name);
    throw new Error(`nobody waits for ${name}${about ? ` of ${about}` : ''}; open: ${open.join(', ') || 'nothing'}`);
  }
}
