/**
 * A place for one pod of a simulated fleet: the process in it can be killed, paused, stopped and started anew. What
 * runs in it is a real `DistributedDataManager` with the real machines and actors; only clock, randomness, connection
 * and source are simulated.
 *
 * Its methods are orders: they return at once, and time passes in `fleet.advance` and `fleet.until`.
 */
import { z } from 'zod';
import type { RefreshResult, Role, StepDownResult } from '../../machines/index.ts';
import type { DataVersionInfo } from '../data-manager.ts';
import type { DistributedDataManager } from '../manager.ts';
import type { Schemas } from '../manager-options.ts';
import { parseOptions } from '../options.ts';
import type { DeepReadonly } from '../source/source.ts';
import { ClockStep, PodClock } from './pod-clock.ts';
import type { SimulatedConnection } from './simulated-connection.ts';
import type { Timeline } from './timeline.ts';

export type PodState = 'running' | 'paused' | 'stopping' | 'stopped' | 'crashed';

/** What the place needs of the fleet it is in. */
export type Surroundings<S extends Schemas> = Readonly<{
  timeline: Timeline;
  /** Starts a process: the manager and its connection. */
  launch(pod: SimulatedPod<S>, podId: string): { manager: DistributedDataManager<S>; connection: SimulatedConnection };
  note(fault: string, pod: SimulatedPod<S>, detail?: string): void;
  cut(from: string, to: string): void;
  heal(from: string, to: string): void;
  /** A process that wakes is asked before it has handled any event. */
  ask(pod: SimulatedPod<S>): void;
  /** Something ended that should not have. */
  report(pod: SimulatedPod<S>, sentence: string): void;
}>;

const Direction = z.enum(['toRedis', 'fromRedis', 'both']);
type Direction = z.infer<typeof Direction>;

export class SimulatedPod<S extends Schemas = Schemas> {
  readonly name: string;
  readonly #world: Surroundings<S>;
  #life = 0;
  #state: PodState = 'stopped';
  #clock: PodClock;
  #process: { manager: DistributedDataManager<S>; connection: SimulatedConnection } | undefined;
  #rate = 1;

  constructor(name: string, world: Surroundings<S>) {
    this.name = name;
    this.#world = world;
    this.#clock = new PodClock(world.timeline, this);
  }

  get state(): PodState {
    return this.#state;
  }

  /** Of the process that runs or ran last. A new process has a new one. */
  get id(): string {
    return this.#life <= 1 ? this.name : `${this.name}.${this.#life}`;
  }

  get clock(): PodClock {
    return this.#clock;
  }

  /** How fast its clock runs. */
  get rate(): number {
    return this.#rate;
  }

  /** Handles events now, so what it says counts. */
  get isAwake(): boolean {
    return this.#state === 'running' || this.#state === 'stopping';
  }

  /** The process: what a service would hold in its hands. */
  get manager(): DistributedDataManager<S> {
    if (!this.#process) throw new Error(`${this.name} was never started.`);
    return this.#process.manager;
  }

  role(): Role {
    return this.manager.role();
  }

  /** As production answers it; a process that is gone or paused answers nobody. */
  isLeader(): boolean {
    return this.isAwake && this.manager.isLeader();
  }

  get<Name extends keyof S & string>(name: Name): DeepReadonly<z.output<S[Name]>> {
    return this.manager.get(name);
  }

  version(name: keyof S & string): DataVersionInfo {
    return this.manager.version(name);
  }

  /** Resolves while time passes: don't await it before `fleet.advance` or `fleet.until`. */
  refresh(name: keyof S & string): Promise<RefreshResult> {
    return this.manager.refresh(name);
  }

  /** As `refresh`. */
  stepDown(): Promise<StepDownResult> {
    return this.manager.stepDown();
  }

  start(): void {
    this.#expect('start', 'stopped', 'crashed');
    this.#life += 1;
    this.#clock = new PodClock(this.#world.timeline, this);
    if (this.#rate !== 1) this.#clock.setRate(this.#rate);
    this.#state = 'running';
    if (this.#life > 1) this.#world.note('pod.start', this);
    const process = this.#world.launch(this, this.id);
    this.#process = process;
    process.manager.start().catch((error: Error) => {
      if (this.#process === process && this.#state === 'running')
        this.#world.report(this, `${this.id} did not start: ${error.message}`);
    });
  }

  /** SIGKILL: nothing of it runs any more. `isSilent`: its machine dies with it, and nobody tells Redis. */
  crash({ isSilent = false }: { isSilent?: boolean } = {}): void {
    this.#expect('crash', 'running', 'paused', 'stopping');
    this.#world.note(isSilent ? 'pod.vanish' : 'pod.crash', this);
    this.#state = 'crashed';
    this.#clock.kill();
    this.#process?.connection.die({ isSilent });
  }

  /** SIGSTOP: time goes on, and nothing of it runs. */
  pause(): void {
    this.#expect('pause', 'running', 'stopping');
    this.#world.note('pod.pause', this);
    this.#state = 'paused';
    this.#clock.pause();
  }

  resume(): void {
    this.#expect('resume', 'paused');
    this.#world.note('pod.resume', this);
    this.#state = this.#stopping ? 'stopping' : 'running';
    this.#world.ask(this);
    this.#clock.resume();
  }

  #stopping = false;

  /** SIGTERM: hands over what it has, then ends. */
  stop(): void {
    this.#expect('stop', 'running');
    this.#world.note('pod.stop', this);
    this.#state = 'stopping';
    this.#stopping = true;
    const { manager } = this;
    const life = this.#life;
    const ended = (sentence?: string) => {
      this.#stopping = false;
      if (sentence) this.#world.report(this, sentence);
      if (this.#life !== life || this.#state !== 'stopping') return;
      this.#state = 'stopped';
      this.#clock.kill();
    };
    manager.stop().then(
      () => ended(),
      (error: Error) => ended(`${this.id} failed to stop: ${error.message}`),
    );
  }

  /** SIGKILL, and a new process at once. */
  restart(): void {
    if (this.#state !== 'stopped' && this.#state !== 'crashed') this.crash();
    this.start();
  }

  /** From now on its clock gains or loses: 1.01 is 1 % too fast. */
  skewClock(rate: number): void {
    this.#clock.setRate(rate);
    this.#rate = rate;
    this.#world.note('pod.skewClock', this, String(rate));
  }

  /** Somebody sets its wall clock: forwards, or with a minus backwards. */
  stepClock(by: ClockStep): void {
    const byMs = parseOptions('stepClock()', ClockStep, by);
    this.#clock.stepWall(byMs);
    this.#world.note('pod.stepClock', this, `${byMs} ms`);
  }

  /** The way to Redis; connections stay open, and nothing gets through. */
  cut(direction: Direction = 'both'): void {
    parseOptions('cut()', Direction, direction);
    if (direction !== 'fromRedis') this.#world.cut(this.name, 'redis');
    if (direction !== 'toRedis') this.#world.cut('redis', this.name);
  }

  heal(): void {
    this.#world.heal(this.name, 'redis');
    this.#world.heal('redis', this.name);
  }

  #expect(order: string, ...states: PodState[]): void {
    if (states.includes(this.#state)) return;
    throw new Error(`${this.name} is ${this.#state}: ${order}() is for a pod that is ${states.join(' or ')}.`);
  }
}
