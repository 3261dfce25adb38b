/**
 * Collects what one pod's machines emit, adds place and time, and hands it on. Role changes are read off the chart
 * here, with the last fact before them as their cause.
 */
import { EventEmitter } from 'node:events';
import type { ActorRefFrom } from 'xstate';
import { type podMachine, type Role, roleOf, type TraceEntry, type TraceEvent } from '../machines/index.ts';
import type { Clock } from './ports.ts';

type Listener = (entry: TraceEntry) => void;

export class TraceRecorder {
  readonly #clock: Clock;
  readonly #podId: string;
  readonly #emitter = new EventEmitter();
  readonly #log: Listener;
  #role: Role = 'starting';
  #cause = 'start';

  constructor(actor: ActorRefFrom<typeof podMachine>, clock: Clock, log: Listener) {
    this.#clock = clock;
    this.#log = log;
    this.#podId = actor.getSnapshot().context.podId;
    this.#emitter.setMaxListeners(0);
    actor.on('*', (event) => {
      this.#cause = causeOf(event) ?? this.#cause;
      this.#record(event);
    });
    actor.subscribe({ next: (snapshot) => this.#noteRole(roleOf(snapshot)), error: () => {} });
  }

  on(type: string, listener: Listener): () => void {
    this.#emitter.on(type, listener);
    return () => this.#emitter.off(type, listener);
  }

  #noteRole(to: Role): void {
    if (to === this.#role) return;
    const from = this.#role;
    this.#role = to;
    this.#record({ type: 'role.changed', from, to, cause: this.#cause });
  }

  #record(event: TraceEvent): void {
    const entry = { ...event, at: this.#clock.now(), podId: this.#podId };
    this.#log(entry);
    this.#emitter.emit(event.type, entry);
    this.#emitter.emit('*', entry);
  }
}

/** Why a role changed, in words; undefined for facts that change none. */
function causeOf(event: TraceEvent): string | undefined {
  switch (event.type) {
    case 'redis.up':
      return 'connected to Redis';
    case 'redis.down':
      return event.failure.kind;
    case 'lease.granted':
      return `lease ${event.cause === 'tookOver' ? 'taken over' : 'acquired'}, epoch ${event.epoch}`;
    case 'lease.ended':
      return `lease ${event.cause}, epoch ${event.epoch}`;
    case 'leader.gone':
      return `lease of ${event.leader} ${event.cause}, epoch ${event.epoch}`;
    case 'pod.stopping':
      return 'stop';
    case 'leader.elected':
      return `${event.leader} leads, epoch ${event.epoch}`;
    default:
      return undefined;
  }
}
