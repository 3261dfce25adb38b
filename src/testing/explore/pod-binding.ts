/**
 * One live pod, bound as in production (`bindPod`), of which everything outside is a stub. The checker loads a state,
 * lets one thing happen and reads off the state that came of it.
 */
import type { CallbackActorLogic, EventObject, InspectionEvent, PromiseActorLogic } from 'xstate';
import { type DatasetPlan, type PodId, podMachine, type Timing } from '../../../machines/index.ts';
import { bindPod } from '../../create-pod-actors.ts';
import { beforeOf } from './before.ts';
import { nowMs, tickMs } from './durations.ts';
import type { MemoryCodec } from './memory-state.ts';
import { Outside } from './outside.ts';
import { blurContext } from './pod-context.ts';
import { type Host, PodMachines, rootId } from './pod-machines.ts';
import type { Answer, Asked, Input, PodState, Waiting } from './pod-state.ts';
import { failures, Questions, type Settled } from './questions.ts';

type Result = { state: PodState; asked: Asked[]; facts: EventObject[]; taken: string[] };

export type BindingTerms = Readonly<{
  plan: DatasetPlan;
  timing: Timing;
  codec: MemoryCodec;
  beliefWindow: number;
  nameOf: (event: InspectionEvent) => string[];
  /** Changes the machines before they run, to show that the checker notices. */
  mutate: <M>(name: string, machine: M) => M;
}>;

/** Most actors are never told to stop. */
const never = new AbortController().signal;

export class PodBinding {
  readonly #podId: PodId;
  readonly #terms: BindingTerms;
  readonly #pod: ReturnType<typeof bindPod>;
  readonly #machines: PodMachines;
  readonly #outside: Outside;
  readonly #questions = new Questions();
  #hearers: { owner: string; stop: () => void }[] = [];
  #begun: Waiting[] = [];
  #waiting: Waiting[] = [];
  #asked: Asked[] = [];
  /** Of this step: the source was asked. */
  #isCalled = false;
  #facts: EventObject[] = [];
  #taken: string[] = [];

  constructor(podId: PodId, terms: BindingTerms) {
    this.#podId = podId;
    this.#terms = terms;
    const { plan, timing } = terms;
    const lastPermit = () => this.#pod.memory.spentPermits.get(plan.name);
    this.#outside = new Outside({ podId, plan, timing, questions: this.#questions, lastPermit });
    this.#pod = bindPod(this.#outside.options());
    const { actors, actions, delays } = this.#pod;
    const { lease, sync, refresh, ...others } = actors;
    const mutated = {
      lease: terms.mutate('lease', lease),
      sync: terms.mutate('sync', sync),
      refresh: terms.mutate('refresh', refresh),
    };
    const root = terms.mutate('pod', podMachine.provide({ actors: { ...others, ...mutated }, actions, delays }));
    this.#machines = new PodMachines(root, this.#host(), (event) => this.#taken.push(...terms.nameOf(event)));
  }

  #host(): Host {
    return {
      begin: (owner, id, src, logic, input) => this.#begin({ owner, id, src, input }, logic),
      end: (owner, id) => this.#end(owner, id),
      fact: (fact) => this.#facts.push(fact),
      blur: blurContext,
    };
  }

  async run(state: PodState, input: Input): Promise<Result> {
    this.#load(state);
    await this.#act(input);
    await this.#startBegun();
    const machines = this.#machines.dump();
    const isOver = !this.#machines.has(rootId);
    this.#stopHearing();
    const memory = this.#terms.codec.dump(this.#pod.memory, this.#outside.nowMs);
    const believes = this.#pod.memory.belief.isHeld();
    return {
      state: { podId: this.#podId, machines, memory, waiting: this.#waiting, believes, isOver },
      asked: this.#asked,
      facts: this.#facts.map((fact) => (fact.type === 'source.called' ? { ...fact, isMade: this.#isCalled } : fact)),
      taken: this.#taken,
    };
  }

  #load({ machines, memory, waiting }: PodState): void {
    this.#asked = [];
    this.#isCalled = false;
    this.#facts = [];
    this.#taken = [];
    this.#outside.forgetSoon();
    this.#begun = [];
    this.#waiting = [...waiting];
    this.#outside.nowMs = nowMs;
    this.#terms.codec.load(this.#pod.memory, memory, this.#outside.clock);
    this.#machines.load(machines);
    if (this.#machines.has('sync')) this.#hear('sync', this.#pod.actors.sync.implementations.actors.announcements);
  }

  async #act(input: Input): Promise<void> {
    const machines = this.#machines;
    switch (input.type) {
      case 'start':
        machines.start(this.#pod.input);
        break;
      case 'tick':
        this.#grow();
        break;
      case 'timer':
        machines.fire(input.timer);
        break;
      case 'event':
        machines.send(rootId, input.event);
        break;
      case 'lost':
        this.#outside.connection?.onDown({ kind: 'unreachable', message: failures.unreachable });
        for (const { key, question } of [...this.#waiting]) {
          if (question.kind === 'redis') await this.#answer(key, { failure: 'unreachable' });
        }
        break;
      case 'heard':
        for (const message of input.heard)
          this.#outside.connection?.onMessage({ ...message, receivedAtMs: this.#outside.nowMs });
        if (input.key !== undefined && input.answer) await this.#answer(input.key, input.answer);
        break;
      case 'answered':
        await this.#answer(input.key, input.answer);
        break;
      default:
    }
    this.#outside.runSoon();
  }

  #grow(): void {
    const { codec, beliefWindow } = this.#terms;
    const memory = codec.age(codec.dump(this.#pod.memory, this.#outside.nowMs));
    codec.load(this.#pod.memory, memory, this.#outside.clock);
    this.#waiting = this.#waiting.map((one) => ({ ...one, age: Math.min(one.age + 1, beliefWindow) }));
  }

  #begin(one: Pick<Waiting, 'owner' | 'id' | 'src' | 'input'>, logic: unknown): void {
    if (one.src === 'connection') this.#report(logic, rootId, undefined);
    else if (one.src === 'announcements') this.#hear(one.owner, logic);
    else if (one.src !== 'watchTime') this.#begun.push({ ...one, logic } as never);
  }

  #end(owner: string, id: string | undefined): void {
    const isMeant = (one: { owner: string; id: string }) => one.owner === owner && (id === undefined || one.id === id);
    this.#begun = this.#begun.filter((one) => !isMeant(one));
    this.#waiting = this.#waiting
      // A source that is told so stops; what Redis was asked is answered all the same.
      .filter((one) => !(isMeant(one) && one.question.kind === 'source'))
      .map((one) => (isMeant(one) ? { ...one, isAborted: true } : one));
    if (id === undefined || id === 'announcements') this.#stopHearing(owner);
  }

  #hear(owner: string, logic: unknown): void {
    const stop = this.#report(logic, owner, undefined);
    this.#hearers.push({ owner, stop: (stop as (() => void) | undefined) ?? (() => {}) });
  }

  #stopHearing(owner?: string): void {
    for (const one of this.#hearers) if (owner === undefined || one.owner === owner) one.stop();
    this.#hearers = this.#hearers.filter((one) => owner !== undefined && one.owner !== owner);
  }

  #report(logic: unknown, owner: string, input: unknown): unknown {
    const { config } = logic as CallbackActorLogic<EventObject> & { config: (scope: unknown) => unknown };
    const sendBack = (event: EventObject) => this.#machines.send(owner, event);
    return config({ sendBack, self: {}, input: input ?? { mode: 'distributed' }, receive: () => {} });
  }

  /** Begins what the machines have begun in this step, and what that begins in turn. */
  async #startBegun(): Promise<void> {
    for (let one = this.#begun.shift(); one; one = this.#begun.shift()) {
      const key = freeKey(this.#waiting);
      const before = beforeOf(one.src, this.#terms.codec.dump(this.#pod.memory, this.#outside.nowMs));
      const settled = await this.#questions.settle(this.#call(one));
      this.#conclude({ ...one, key, before, age: 0, answers: [], isAborted: false } as never, settled);
      this.#outside.runSoon();
    }
  }

  #conclude(one: Waiting, settled: Settled): void {
    this.#waiting = this.#waiting.filter(({ key }) => key !== one.key);
    if (settled.outcome === 'asks') {
      const { question } = settled;
      if (question.kind === 'source') this.#isCalled = true;
      if (question.kind === 'redis') this.#asked.push({ key: one.key, command: question.command });
      this.#waiting = [...this.#waiting, { ...one, question: settled.question }].sort((a, b) => a.key - b.key);
      return;
    }
    if (one.isAborted) return;
    const { owner, id } = one;
    const event =
      settled.outcome === 'done'
        ? { type: `xstate.done.actor.${id}`, output: settled.output, actorId: id }
        : { type: `xstate.error.actor.${id}`, error: settled.error, actorId: id };
    this.#machines.send(owner, event);
  }

  /** Replays the actor up to its question, on the memory and at the time of then; continues it on those of now. */
  async #answer(key: number, answer: Answer): Promise<void> {
    const one = this.#waiting.find((other) => other.key === key);
    if (!one) return;
    const { codec } = this.#terms;
    const { memory } = this.#pod;
    const present = codec.dump(memory, this.#outside.nowMs);
    this.#outside.nowMs = nowMs - one.age * tickMs;
    codec.load(memory, one.before, this.#outside.clock);
    const abort = new AbortController();
    const running = this.#call(one, abort.signal);
    await this.#questions.settle(running);
    for (const before of one.answers) {
      this.#questions.answer(before as Answer, one.src);
      await this.#questions.settle(running);
    }
    this.#outside.nowMs = nowMs;
    codec.load(memory, present, this.#outside.clock);
    if (one.isAborted) abort.abort();
    this.#questions.answer(answer, one.src);
    const settled = await this.#questions.settle(running);
    this.#conclude({ ...one, answers: [...one.answers, answer] }, settled);
    await this.#startBegun();
  }

  #call(one: { src: string; input: unknown; logic?: unknown }, signal = never): Promise<unknown> {
    this.#questions.forget();
    const logic = (one.logic ?? this.#logicOf(one.src)) as PromiseActorLogic<unknown> & {
      config: (scope: unknown) => Promise<unknown>;
    };
    return logic.config({ input: one.input, signal });
  }

  #logicOf(src: string): unknown {
    const { actors } = this.#pod;
    const places = [actors, ...[actors.lease, actors.sync, actors.refresh].map((m) => m.implementations.actors)];
    return places.map((place) => (place as Record<string, unknown>)[src]).find((logic) => logic !== undefined);
  }
}

function freeKey(waiting: readonly Waiting[]): number {
  for (let key = 0; ; key++) if (!waiting.some((one) => one.key === key)) return key;
}
