/**
 * The machines under test with every leaf actor scripted (script.ts): nothing reaches the outside world. A pod runs
 * the *real* lease, refresh and sync machines. Every step is noted for the coverage of transitions.
 */
import { type AnyActorRef, type AnyMachineSnapshot, type AnyStateMachine, createActor, setup } from 'xstate';
import type {
  DatasetName,
  PodInput,
  RefreshResult,
  StepDownResult,
  TraceEvent,
  VersionRecords,
} from '../../machines/index.ts';
import { type LeaseInput, leaseMachine } from '../../machines/lease.machine.ts';
import { type PodEvent, podMachine } from '../../machines/pod.machine.ts';
import { type RefreshInput, refreshMachine } from '../../machines/refresh.machine.ts';
import { type SyncEvent, type SyncInput, syncMachine } from '../../machines/sync.machine.ts';
import { coverage } from './coverage.ts';
import { plan, timing } from './samples.ts';
import { Script } from './script.ts';

type Told = Readonly<{ type: string } & Record<string, unknown>>;

/** A state value as one path: `online.leader.refreshing`. */
function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [state, below] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
  return `${state}.${pathOf(below)}`;
}

const stateOf = (ref: AnyActorRef): string => pathOf((ref.getSnapshot() as AnyMachineSnapshot).value);

/** One of the machines that a pod runs, by itself: what it tells its pod is recorded. */
export class ScriptedChild extends Script {
  readonly told: Told[] = [];
  #child: AnyActorRef | undefined;

  run(machine: AnyStateMachine, input: unknown): this {
    const { told } = this;
    const parent = setup({
      actors: { child: machine },
      actions: {
        note: ({ event }) => {
          if (!event.type.startsWith('xstate.')) told.push(event as Told);
        },
      },
    }).createMachine({ invoke: { src: 'child', id: 'child', input: () => input }, on: { '*': { actions: 'note' } } });
    const actor = createActor(parent, { clock: this.clock, inspect: coverage.note });
    actor.start();
    this.#child = actor.getSnapshot().children.child as AnyActorRef;
    return this;
  }

  get child(): AnyActorRef {
    if (!this.#child) throw new Error('the machine is not running yet');
    return this.#child;
  }

  get state(): string {
    return stateOf(this.child);
  }

  hasTag(tag: string): boolean {
    return (this.child.getSnapshot() as AnyMachineSnapshot).hasTag(tag);
  }

  async send(event: { type: string }): Promise<void> {
    this.child.send(event);
    await this.clock.settle();
  }

  /** Of one kind, in order. */
  toldOf(type: string): Told[] {
    return this.told.filter((one) => one.type === type);
  }
}

export function scriptLease(input: Partial<LeaseInput> = {}): ScriptedChild {
  const script = new ScriptedChild();
  const actors = { renewLease: script.leaf('renewLease') };
  const defaults = { podId: 'pod-a', epoch: 7, beliefLeftMs: timing.beliefWindowMs, timing };
  return script.run(leaseMachine.provide({ actors }), { ...defaults, ...input });
}

function refreshLeaves(script: Script) {
  return {
    claimPermit: script.leaf('claimPermit'),
    callSource: script.leaf('callSource'),
    validateResult: script.leaf('validateResult'),
    publishRevision: script.leaf('publishRevision'),
    confirmRevision: script.leaf('confirmRevision'),
    deferCall: script.leaf('deferCall'),
  };
}

export function scriptRefresh(input: Partial<RefreshInput> = {}): ScriptedChild {
  const script = new ScriptedChild();
  const defaults = { podId: 'pod-a', epoch: 7, plan: plan(), timing, hasUnpublished: false };
  return script.run(refreshMachine.provide({ actors: refreshLeaves(script) }), { ...defaults, ...input });
}

function scriptedSync(script: Script, onServe: (records: VersionRecords) => void) {
  return syncMachine.provide({
    actors: {
      announcements: script.reporter<SyncEvent, undefined>('announcements'),
      poll: script.leaf('poll'),
      downloadRevisions: script.leaf('downloadRevisions'),
      verifyRevisions: script.leaf('verifyRevisions'),
      reportDamage: script.leaf('reportDamage'),
      restoreRevisions: script.leaf('restoreRevisions'),
    },
    actions: { serveRevisions: (_, { records }) => onServe(records) },
  });
}

export class ScriptedSync extends ScriptedChild {
  readonly served: VersionRecords[] = [];
}

export function scriptSync(input: Partial<SyncInput> = {}): ScriptedSync {
  const script = new ScriptedSync();
  const machine = scriptedSync(script, (records) => script.served.push(records));
  script.run(machine, { held: {}, rejected: {}, timing, ...input });
  return script;
}

/** A whole pod: the test is Redis, the source and the connection. */
export class ScriptedPod extends Script {
  readonly emitted: TraceEvent[] = [];
  readonly served: VersionRecords[] = [];
  readonly answers: { dataset: DatasetName; result: RefreshResult }[] = [];
  readonly stepDowns: StepDownResult[] = [];
  /** What was told of the lease to those who still waited when this pod ceased to lead. */
  readonly dismissals: { isLeaseYielded: boolean }[] = [];
  /** How often the belief was ended by the machine. */
  endedBeliefs = 0;
  readonly actor;

  constructor(input: Partial<PodInput>, beforeStart: (pod: ScriptedPod) => void) {
    super();
    const lease = leaseMachine.provide({ actors: { renewLease: this.leaf('renewLease') } });
    const machine = podMachine.provide({
      actors: {
        connection: this.reporter<PodEvent, Pick<PodInput, 'podId' | 'mode'>>('connection'),
        watchTime: this.reporter<PodEvent, { limitMs: number }>('watchTime'),
        acquireLease: this.leaf('acquireLease'),
        takeOverLease: this.leaf('takeOverLease'),
        yieldLease: this.leaf('yieldLease'),
        releaseLease: this.leaf('releaseLease'),
        leaveFleet: this.leaf('leaveFleet'),
        lease,
        refresh: refreshMachine.provide({ actors: refreshLeaves(this) }),
        sync: scriptedSync(this, (records) => this.served.push(records)),
      },
      actions: {
        endBelief: () => {
          this.endedBeliefs++;
        },
        answerRequests: (_, answer) => this.answers.push(answer),
        answerStepDown: (_, result) => this.stepDowns.push(result),
        dismissRequests: (_, dismissal) => this.dismissals.push(dismissal),
      },
    });
    const defaults: PodInput = { podId: 'pod-a', mode: 'distributed', plans: [plan()], timing };
    this.actor = createActor(machine, {
      input: { ...defaults, ...input },
      clock: this.clock,
      inspect: coverage.note,
    });
    this.actor.on('*', (event) => this.emitted.push(event));
    beforeStart(this);
    this.actor.start();
  }

  /** `online.leader.refreshing` */
  get state(): string {
    return stateOf(this.actor);
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The state of a machine that the pod runs: `lease`, `sync`, `refresh:rates`. */
  stateOf(id: string): string | undefined {
    const child = (this.actor.getSnapshot().children as Record<string, AnyActorRef | undefined>)[id];
    return child && child.getSnapshot().status === 'active' ? stateOf(child) : undefined;
  }

  async send(event: PodEvent): Promise<void> {
    this.actor.send(event);
    await this.clock.settle();
  }

  /** By the connection: its ups and downs, and announcements. */
  async hear(event: PodEvent): Promise<void> {
    await this.report('connection', event);
  }

  emittedOf<Type extends TraceEvent['type']>(type: Type): Extract<TraceEvent, { type: Type }>[] {
    return this.emitted.filter((event): event is Extract<TraceEvent, { type: Type }> => event.type === type);
  }
}

export function scriptPod(
  input: Partial<PodInput> = {},
  beforeStart: (pod: ScriptedPod) => void = () => {},
): ScriptedPod {
  return new ScriptedPod(input, beforeStart);
}
