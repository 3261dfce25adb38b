import { type Redis, SentinelConnector } from 'ioredis';
import { surviveLaterErrors } from './stream-errors.ts';

type Internals = { connectToSentinel(endpoint: unknown, options?: object): Redis };

/**
 * ioredis' way to the master by its sentinels, without what it writes to the console when one of several sentinels is
 * down: for a fleet that is no news, and the next one is asked. When none helps, the failure says why the last one that
 * said something didn't: of a certificate that isn't trusted, ioredis itself tells no more than a closed connection.
 */
export class QuietSentinelConnector extends SentinelConnector {
  #complaint: Error | undefined;

  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const internals = this as unknown as Internals;
    const connectToSentinel = internals.connectToSentinel.bind(this);
    internals.connectToSentinel = (endpoint, options) =>
      surviveLaterErrors(connectToSentinel(endpoint, { lazyConnect: true, ...options })).on('error', (error: Error) => {
        this.#complaint = error;
      });
  }

  override async connect(...args: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
    this.#complaint = undefined;
    try {
      return await super.connect(...args);
    } catch (error) {
      if (!this.#complaint) throw error;
      const { message, code = '' } = this.#complaint as Error & { code?: string };
      throw new Error(`${(error as Error).message} ${message} ${code}`, { cause: this.#complaint });
    }
  }
}
