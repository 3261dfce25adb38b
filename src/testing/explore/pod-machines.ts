/**
 * Runs the machines of one pod from one state at rest to the next, as XState's own interpreter does: each machine has a
 * mailbox, custom actions and facts come at once, what concerns other actors after the transition and in order.
 * `machine.transition` decides everything; nothing of it is written again here.
 *
 * What only the outside world can do (promises, reporters) is handed to the host.
 */
import {
  type AnyActor,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type InspectionEvent,
  StateMachine,
} from 'xstate';

export type Timer = Readonly<{ owner: string; id: string; event: EventObject }>;

/** One pod at rest. */
export type Machines = Readonly<{
  snapshots: Readonly<Record<string, AnyMachineSnapshot>>;
  timers: readonly Timer[];
}>;

/** The outside world of a pod. */
export type Host = Readonly<{
  begin(owner: string, id: string, src: string, logic: unknown, input: unknown): void;
  /** `id` undefined: all that this machine has begun. */
  end(owner: string, id: string | undefined): void;
  fact(fact: EventObject): void;
  /** Makes what makes no difference equal. */
  blur(machine: string, context: Record<string, unknown>): Record<string, unknown>;
}>;

type Action = {
  type: string;
  params: Record<string, unknown> | undefined;
  info: unknown;
  exec?: (info: unknown, params: unknown) => void;
};
type Scope = Parameters<AnyStateMachine['transition']>[2];
type Running = { machine: AnyStateMachine; scope: Scope; mailbox: EventObject[]; isActive: boolean };

export const rootId = 'pod';

export class PodMachines {
  readonly #root: AnyStateMachine;
  readonly #host: Host;
  readonly #onTransition: (event: InspectionEvent) => void;
  readonly #running = new Map<string, Running>();
  #rootActor: AnyActor | undefined;
  #snapshots = new Map<string, AnyMachineSnapshot>();
  #timers: Timer[] = [];
  #actions: Action[] = [];

  constructor(root: AnyStateMachine, host: Host, onTransition: (event: InspectionEvent) => void) {
    this.#root = root;
    this.#host = host;
    this.#onTransition = onTransition;
  }

  load({ snapshots, timers }: Machines): void {
    this.#snapshots = new Map(Object.entries(snapshots));
    this.#timers = [...timers];
  }

  dump(): Machines {
    return { snapshots: Object.fromEntries(this.#snapshots), timers: this.#timers };
  }

  start(input: unknown): void {
    this.#begin(rootId, this.#root, input);
  }

  has(owner: string): boolean {
    return this.#snapshots.get(owner)?.status === 'active';
  }

  fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.send(timer.owner, timer.event);
  }

  send(id: string, event: EventObject): void {
    const running = this.#running.get(id);
    if (!running || !this.has(id)) return;
    running.mailbox.push(event);
    if (running.isActive) return;
    running.isActive = true;
    while (running.mailbox.length > 0) {
      const next = running.mailbox.shift() as EventObject;
      if (this.has(id)) this.#step(id, running, next);
    }
    running.isActive = false;
  }

  #begin(id: string, machine: AnyStateMachine, input: unknown): void {
    const running = this.#runningOf(id, machine, input);
    running.mailbox = [];
    running.isActive = true;
    this.#actions = [];
    const snapshot = machine.getInitialSnapshot(running.scope, input as never);
    this.#settle(id, snapshot, this.#actions);
    running.isActive = false;
    const next = running.mailbox.shift();
    if (next) this.send(id, next);
  }

  #step(id: string, { machine, scope }: Running, event: EventObject): void {
    this.#actions = [];
    const snapshot = machine.transition(this.#snapshots.get(id) as AnyMachineSnapshot, event, scope);
    this.#settle(id, snapshot, this.#actions);
  }

  #settle(id: string, snapshot: AnyMachineSnapshot, actions: readonly Action[]): void {
    const context = this.#host.blur(id, snapshot.context);
    this.#snapshots.set(id, { ...snapshot, context } as AnyMachineSnapshot);
    for (const action of actions) this.#actAtOnce(id, action);
    for (const action of actions) this.#actAfterwards(id, action);
    if (snapshot.status === 'error') throw snapshot.error;
    if (snapshot.status !== 'done') return;
    this.#host.end(id, undefined);
    this.#timers = this.#timers.filter(({ owner }) => owner !== id);
    if (id !== rootId) {
      this.send(rootId, { type: `xstate.done.actor.${id}`, output: snapshot.output, actorId: id } as EventObject);
    }
  }

  #actAtOnce(owner: string, { type, params, info, exec }: Action): void {
    if (type === 'xstate.emit') this.#host.fact(params?.event as EventObject);
    else if (type === 'xstate.raise') {
      const timer = { owner, id: String(params?.id), event: params?.event as EventObject };
      this.#timers = [...this.#timers.filter((other) => other.owner !== owner || other.id !== timer.id), timer];
    } else if (type === 'xstate.cancel') {
      this.#timers = this.#timers.filter((timer) => timer.owner !== owner || timer.id !== params?.sendId);
    } else if (!type.startsWith('xstate.')) exec?.(info, params);
  }

  #actAfterwards(owner: string, { type, params }: Action): void {
    if (type === 'xstate.spawnChild') this.#beginChild(owner, params as never);
    else if (type === 'xstate.stopChild') this.#endChild(owner, (params as unknown as AnyActor).id);
    else if (type === 'xstate.sendTo') {
      const to = params?.to as AnyActor | undefined;
      this.send(to === this.#rootActor ? rootId : (to?.id ?? ''), params?.event as EventObject);
    }
  }

  #beginChild(owner: string, child: { id: string; src: string; actorRef: AnyActor; input: unknown }): void {
    const { logic } = child.actorRef;
    // It may be over already: begun and ended in one transition.
    if (!(child.id in (this.#snapshots.get(owner)?.children ?? {}))) return;
    if (logic instanceof StateMachine) this.#begin(child.id, logic as AnyStateMachine, child.input);
    else this.#host.begin(owner, child.id, child.src, logic, child.input);
  }

  #endChild(owner: string, id: string): void {
    if (!this.#snapshots.has(id)) {
      this.#host.end(owner, id);
      return;
    }
    this.#snapshots.delete(id);
    this.#timers = this.#timers.filter((timer) => timer.owner !== id);
    this.#host.end(id, undefined);
    const running = this.#running.get(id);
    if (running) running.mailbox = [];
  }

  #runningOf(id: string, machine: AnyStateMachine, input: unknown): Running {
    const known = this.#running.get(id);
    if (known) return known;
    const options = { id, input, ...(this.#rootActor && { parent: this.#rootActor }), inspect: this.#onTransition };
    const self = createActor(machine, options as never) as AnyActor;
    this.#rootActor ??= self;
    const scope = {
      self,
      id,
      sessionId: self.sessionId,
      system: self.system,
      logger: () => {},
      defer: () => {},
      emit: () => {},
      stopChild: () => {},
      actionExecutor: (action: Action) => this.#actions.push(action),
    } as unknown as Scope;
    const running = { machine, scope, mailbox: [], isActive: false };
    this.#running.set(id, running);
    return running;
  }
}
