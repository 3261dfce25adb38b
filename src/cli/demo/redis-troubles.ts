/**
 * Which trouble with Redis is news to whoever watches. Every pod finds it out for itself and again every few seconds,
 * so a trouble is told once until something is published again; what the run itself has done to Redis, or to the way of
 * a pod to it, is told by whoever did it.
 */
import type { Failure } from '../../../machines/index.ts';
import type { OwnRedis } from './own-redis.ts';
import type { FleetPod } from './roster.ts';

export class RedisTroubles {
  readonly #own: Pick<OwnRedis, 'port' | 'isTakenAway'> | undefined;
  readonly #told = new Set<string>();

  /** @param own the Redis of this run; none when the pods use somebody else's */
  constructor(own: Pick<OwnRedis, 'port' | 'isTakenAway'> | undefined) {
    this.#own = own;
  }

  /** The sentence that is to be told of it, if it is news. */
  newsOf({ message }: Failure, pod: FleetPod): string | undefined {
    if (pod.isDisturbed || pod.state === 'stopping' || pod.state === 'gone' || this.#own?.isTakenAway()) return;
    const sentence = this.#withoutLink(message);
    if (this.#told.has(sentence)) return;
    this.#told.add(sentence);
    return sentence;
  }

  /** Something was published: the same trouble would be a new one. */
  notePublished(): void {
    this.#told.clear();
  }

  /** Each pod has a way of its own to the Redis of this run, and knows that one's port only. */
  #withoutLink(message: string): string {
    return this.#own ? message.replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${this.#own.port}`) : message;
  }
}
