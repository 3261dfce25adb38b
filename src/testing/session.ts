/**
 * One connection between a pod and the simulated Redis, from knocking to the farewell; what is true at one end need
 * not be known at the other.
 */
import type { PodId } from '../../machines/index.ts';
import type { Subscriber } from '../memory/namespace.ts';
import type { Clock } from '../ports.ts';
import type { RedisError } from '../redis/failure.ts';
import type { Wire } from './network.ts';
import type { Command } from './refusals.ts';
import type { ServerSide, SimulatedRedis } from './simulated-redis.ts';

export type SessionParts = Readonly<{
  podId: PodId;
  up: Wire;
  down: Wire;
  redis: SimulatedRedis;
  clock: Clock;
  /** Runs in the pod's process, if it still cares for this connection. */
  receive(run: () => void): void;
  owner: unknown;
  onUp(): void;
  onLost(error: RedisError): void;
  onMessage: Subscriber;
}>;

type Answer = { value: unknown } | { error: unknown };

export class Session {
  readonly #parts: SessionParts;
  readonly #server: ServerSide;
  /** When something was last heard over it, on the pod's monotonic clock. */
  heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#server = {
      podId: parts.podId,
      deliver: (announcement, payload) =>
        this.#tell(`announcement ${announcement.kind}`, () => parts.onMessage(announcement, payload)),
      hangUp: (error) => this.#control('the end of a connection', () => parts.onLost(error)),
    };
  }

  /** Connects, then subscribes: only who hears can speak. */
  begin(): void {
    const { up, redis, onUp, onLost } = this.#parts;
    const subscribe = () =>
      up.sendSurely('a subscription', () => {
        const error = redis.accept(this.#server);
        this.#control(error ? 'a connection refused' : 'a connection accepted', error ? () => onLost(error) : onUp);
      });
    up.sendSurely('a new connection', () => {
      const error = redis.knock();
      this.#control(error ? 'nobody listens' : 'a new connection', error ? () => onLost(error) : subscribe);
    });
  }

  ask(command: Command<unknown>, onAnswer: (answer: Answer) => void): void {
    const { up, redis } = this.#parts;
    up.send(command.name, () => {
      // Redis has closed this connection: what still comes through it is thrown away, and the other end told again.
      if (!redis.hears(this.#server)) {
        redis.hangUp(this.#server);
        return;
      }
      const answer = answerOf(() => redis.execute(command, this.#server));
      this.#tell(`the answer to ${command.name}`, () => onAnswer(answer));
    });
  }

  /** This end closes: what was sent still arrives, then the other end hears of it. */
  end(): void {
    const { up, redis } = this.#parts;
    up.sendSurely('a farewell', () => redis.close(this.#server));
  }

  /** The machine is gone: nobody says farewell, and Redis finds out by itself. */
  vanish(): void {
    const { up, redis } = this.#parts;
    up.kill();
    redis.loseSightOf(this.#server);
  }

  #tell(what: string, run: () => void): void {
    this.#parts.down.send(what, () => this.#receive(run), this.#parts.owner);
  }

  #control(what: string, run: () => void): void {
    this.#parts.down.sendSurely(what, () => this.#receive(run), this.#parts.owner);
  }

  #receive(run: () => void): void {
    this.#parts.receive(() => {
      this.heardAtMs = this.#parts.clock.monotonic();
      run();
    });
  }
}

function answerOf(run: () => unknown): Answer {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}
