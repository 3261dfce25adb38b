/**
 * ioredis listens for one error of each stream, and TLS may tell two: of a handshake that is ended half-way, first that
 * the certificate isn't trusted, then the alert that the server sends because of it. The second would end the process.
 */
import type { AbstractConnector, Redis } from 'ioredis';

/**
 * Later errors of a stream say nothing that the first one and the closing don't. For a client that has not begun to connect
 * (`lazyConnect`); returns the same one.
 */
export function surviveLaterErrors(redis: Redis): Redis {
  const { connector } = redis as unknown as { connector: AbstractConnector };
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    const stream = await connect(...args);
    return stream.on('error', () => undefined);
  };
  return redis;
}
