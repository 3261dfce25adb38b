/**
 * Standard output for log lines, which may never end or hold up the process that writes them.
 *
 * Guarantee: a write never blocks the event loop. What can't be written (the disk is full) is kept up to a limit,
 * written once there is room again, and lost beyond; it is no uncaught error. Non-guarantee: lines that still wait when
 * the process ends while nothing can be written are lost.
 */
import pino, { type DestinationStream } from 'pino';

/** Of lines that wait, in characters. */
const mostWaiting = 4 * 1024 * 1024;

export function logDestination(): DestinationStream {
  const stream = pino.destination({ dest: 1, sync: false, maxLength: mostWaiting });
  const flushSync = stream.flushSync.bind(stream);
  // pino flushes at the end of the process, and its stream tries for ever: with a full disk no process would end.
  stream.on('error', () => {
    stream.flushSync = () => {};
  });
  stream.on('write', () => {
    stream.flushSync = flushSync;
  });
  return stream;
}
