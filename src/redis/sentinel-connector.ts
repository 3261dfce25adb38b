import { type Redis, SentinelConnector } from 'ioredis';

type Internals = { connectToSentinel(...args: unknown[]): Redis };

/**
 * ioredis' way to the master by its sentinels, without what it writes to the console when one of several sentinels is
 * down: for a fleet that is no news, and the next one is asked.
 */
export class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as ConstructorParameters<typeof SentinelConnector>[0]);
    const internals = this as unknown as Internals;
    const connectToSentinel = internals.connectToSentinel.bind(this);
    internals.connectToSentinel = (...args) => connectToSentinel(...args).on('error', () => undefined);
  }
}
